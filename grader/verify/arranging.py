"""Other cells, other comments, another order of what does not depend on each other."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from grader.verify.notebook import CODE, MARKDOWN, Cell, Notebook
from grader.verify.program import Edit, first_line, names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.verify.dress import Asked
    from grader.verify.program import Program

ONE_CELL = "all its code is in one cell already"
ONE_STATEMENT = "none of its cells has more than one statement"
CELL_MAGIC = "a cell with a magic of its own cannot be joined with others"
SHOWN = "a cell shows the value of its last line, which it would not in the middle of another"
FUTURE = "an import from `__future__` must stay at the beginning of its cell"
NO_PAIR = "no two statements next to each other can be told to be independent"
NO_COMMENT = "it holds no comments"
PURE_METHODS = frozenset({"astype", "reshape", "copy", "flatten", "ravel", "transpose", "squeeze"})
PURE = frozenset({"keras.utils.to_categorical", "len", "int", "float", "str", "tuple", "list", "abs", "round"})


# --- comments ----------------------------------------------------------------------------------------------


def comments_added(program: Program, _: Asked) -> Notebook | str:
    return program.apply(
        program.before(statement, f"# Step {number}.") for number, statement in enumerate(_alone(program), start=1)
    )


def blank_lines(program: Program, _: Asked) -> Notebook | str:
    return program.apply(program.before(statement, "") for statement in _alone(program))


def _alone(program: Program) -> Iterator[ast.stmt]:
    return (each for each in program.tree.body if program.alone(each) and program.editable(each))


def comments_removed(program: Program, _: Asked) -> Notebook | str:
    """Of cells that are Python as they stand."""
    frozen = {program.cell_of(line) for line in program.frozen}
    told = tuple(
        Cell(CODE, _uncommented(cell.source)) if index in program.first and index not in frozen else cell
        for index, cell in enumerate(program.notebook)
    )
    return NO_COMMENT if told == program.notebook else told


def _uncommented(source: str) -> str:
    lines = source.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source
    for token in reversed([token for token in tokens if token.type == tokenize.COMMENT]):
        row, column = token.start
        if row > len(lines) or not lines[row - 1].rstrip("\r\n").endswith(token.string):
            return source  # a line break that tokenize does not count
        line = lines[row - 1]
        kept, ending = line[:column].rstrip(), line[len(line.rstrip("\r\n")) :]
        lines[row - 1] = kept + ending if kept else ""
    return "".join(lines)


# --- cells -------------------------------------------------------------------------------------------------


def split(program: Program, _: Asked) -> Notebook | str:
    return _split(program, lambda groups: groups)


def split_in_two(program: Program, _: Asked) -> Notebook | str:
    return _split(program, lambda groups: [groups[len(groups) // 2]] if groups else [])


def split_with_text(program: Program, _: Asked) -> Notebook | str:
    return _split(program, lambda groups: groups, (Cell(MARKDOWN, "Next:"),))


def _split(
    program: Program, choose: Callable[[list[int]], Sequence[int]], between: Notebook = ()
) -> Notebook | str:
    told: list[Cell] = []
    for index, cell in enumerate(program.notebook):
        lines = cell.source.split("\n")
        cuts = choose(_cuts(program, index)) if index in program.first and not _has_magic(cell) else []
        for begin, end in pairwise([0, *cuts, len(lines)]):
            told += [*(between if begin else ()), Cell(cell.kind, "\n".join(lines[begin:end]).strip("\n"))]
    return tuple(told) if len(told) > len(program.notebook) else ONE_STATEMENT


def _cuts(program: Program, cell: int) -> list[int]:
    """Lines of the cell, from 0, at which a new one may begin: behind each statement but the last."""
    first = program.first[cell]
    ends = [
        (first_line(statement), statement.end_lineno or statement.lineno)
        for statement in program.tree.body
        if program.cell_of(statement.lineno) == cell
    ]
    return [end - first for (_, end), (begin, _) in pairwise(ends) if begin > end]


def _has_magic(cell: Cell) -> bool:
    return cell.source.lstrip().startswith("%%")


def joined(program: Program, _: Asked) -> Notebook | str:
    code = [cell for cell in program.notebook if cell.kind == CODE]
    if len(code) < 2:  # noqa: PLR2004 - two can be joined
        return ONE_CELL
    if any(map(_has_magic, code)) or len(code) != len(program.first):
        return CELL_MAGIC
    last = {program.cell_of(each.lineno): each for each in program.tree.body}
    if any(_may_show(each) for cell, each in last.items() if cell != max(program.first)):
        return SHOWN
    if any(isinstance(each, ast.ImportFrom) and each.module == "__future__" for each in program.tree.body):
        return FUTURE
    texts = tuple(cell for cell in program.notebook if cell.kind != CODE)
    return (*texts, Cell(CODE, "\n\n".join(cell.source for cell in code)))


def _may_show(statement: ast.stmt) -> bool:
    """Whether Jupyter may show figures for it; what most calls return has none, or is nothing at all."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return False
        case ast.Expr(value=ast.Call()):
            return any(isinstance(node, ast.Attribute) and node.attr == "history" for node in ast.walk(statement))
        case ast.Expr(value=ast.Constant()):
            return False
        case _:
            return isinstance(statement, ast.Expr)


# --- order -------------------------------------------------------------------------------------------------


def first_pair(program: Program, asked: Asked) -> Notebook | str:
    return _swapped(program, _pairs(program, asked)[:1])


def last_pair(program: Program, asked: Asked) -> Notebook | str:
    return _swapped(program, _pairs(program, asked)[-1:])


def all_pairs(program: Program, asked: Asked) -> Notebook | str:
    return _swapped(program, _pairs(program, asked))


def _swapped(program: Program, pairs: list[tuple[ast.stmt, ast.stmt]]) -> Notebook | str:
    edits = [edit for one, other in pairs for edit in _swap(program, one, other)]
    return program.apply(edits) if edits else NO_PAIR


def _swap(program: Program, one: ast.stmt, other: ast.stmt) -> tuple[Edit, Edit]:
    return program.replaced(one, program.text(other)), program.replaced(other, program.text(one))


def _pairs(program: Program, asked: Asked) -> list[tuple[ast.stmt, ast.stmt]]:
    """Neighbours in one cell that do not depend on each other; each statement in one pair at most."""
    pairs: list[tuple[ast.stmt, ast.stmt]] = []
    taken: set[ast.stmt] = set()
    for one, other in pairwise(program.tree.body):
        same_cell = program.cell_of(one.lineno) == program.cell_of(other.lineno)
        movable = all(_movable(program, asked, each) for each in (one, other))
        if same_cell and movable and one not in taken and _independent(one, other):
            pairs.append((one, other))
            taken.add(other)
    return pairs


def _movable(program: Program, asked: Asked, statement: ast.stmt) -> bool:
    if asked.asks(program, statement) or not program.alone(statement) or not program.editable(statement):
        return False
    match statement:
        case ast.Import():
            return True
        case ast.ImportFrom(module=module, names=names):
            return module != "__future__" and all(name.name != "*" for name in names)
        case ast.Assign(targets=targets, value=value):
            plain = all(isinstance(node, ast.Name | ast.Tuple) for to in targets for node in _parts(to))
            return plain and all(_pure(program, node) for node in ast.walk(value))
        case _:
            return False


def _parts(target: ast.expr) -> list[ast.expr]:
    return [target, *target.elts] if isinstance(target, ast.Tuple) else [target]


def _pure(program: Program, node: ast.AST) -> bool:
    """Whether it can be done a moment earlier or later; the makers of layers and models draw seeds."""
    match node:
        case ast.Call(func=ast.Attribute(attr=attr)) if attr in PURE_METHODS:
            return True
        case ast.Call(func=func):
            name = program.name(func)
            return name in PURE or (name.startswith("numpy.") and not name.startswith("numpy.random."))
        case ast.Await() | ast.Yield() | ast.YieldFrom() | ast.NamedExpr():
            return False
        case _:
            return True


def _independent(one: ast.stmt, other: ast.stmt) -> bool:
    return not (_binds(one) & _mentions(other) or _binds(other) & _mentions(one))


def _binds(statement: ast.stmt) -> frozenset[str]:
    match statement:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return frozenset(name.asname or name.name.partition(".")[0] for name in names)
        case ast.Assign(targets=targets):
            return frozenset(name for target in targets for name in names_in(target))
        case _:
            return frozenset()


def _mentions(statement: ast.stmt) -> frozenset[str]:
    return _binds(statement) | names_in(statement)
