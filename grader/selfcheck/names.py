"""Names that a notebook uses and never gives a value, or only in a later cell; none where that cannot be told."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.checks import advice
from grader.checks.parsing import Source, parse_cell
from grader.checks.undefined import explained
from grader.checks.wording import shown
from grader.model import CellError, Outcome
from grader.selfcheck.report import Finding, Level, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.model import Cell

MOST = 10  # each costs a look at all cells

# What IPython and the module itself put into a notebook's names.
GIVEN = frozenset(dir(builtins)) | {
    *("get_ipython", "display", "In", "Out", "exit", "quit", "open", "__file__", "__name__", "__builtins__"),
    *("__doc__", "__spec__", "__loader__", "__package__", "__annotations__", "__class__"),
}
# Whoever does one of these may have any name.
ANYTHING = re.compile(
    r"import\s*\*|\bexec\b|\bglobals\b|\blocals\b|\bvars\b|\bget_ipython\b|%(?:run|load|pylab|store|%capture)"
)
_LINE_MAGIC = re.compile(r"^\s*(?:[%!?]|[\w.,\s\[\]'\"*]+=\s*[%!]).*$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


def undefined(cells: Sequence[Cell]) -> list[Finding]:
    """One finding a name, where it is first used; the first `MOST` of them."""
    sources = [parse_cell(cell) for cell in cells]
    if any(isinstance(one, str) or ANYTHING.search(one.cell.source) for one in sources):
        return []
    read = [one for one in sources if isinstance(one, Source)]
    where = _given(read)
    found: dict[str, Finding] = {}
    for source in read:
        for node, now in _loads(source.tree):
            known = where.get(node.id)
            late = known is not None and now and known > source.cell.number
            if (
                node.id not in found
                and node.id not in GIVEN
                and not _is_counted(node.id)
                and (known is None or late)
            ):
                found[node.id] = _finding(node, source.cell, cells)
            if len(found) == MOST:
                return list(found.values())
    return list(found.values())


def _is_counted(name: str) -> bool:
    """`_`, `__`, `_3`, `_i3`: what IPython keeps of earlier cells."""
    return re.fullmatch(r"_+(?:i+|i?\d+|oh|ih|dh)?", name) is not None


def _finding(node: ast.Name, cell: Cell, cells: Sequence[Cell]) -> Finding:
    error = CellError("NameError", f"name '{node.id}' is not defined", node.lineno)
    raised = replace(cell, outcome=Outcome.RAISED, error=error)
    step = advice.on(error) or explained(raised, cells) or "define it before it is used"
    what = f"'{shown(node.id)}' has no value when this cell runs"
    return Finding(Level.WARNING, what, step, Place(cell.number, node.lineno))


def _given(sources: Sequence[Source]) -> Mapping[str, int]:
    """The first cell in which each name may get a value, in whatever scope."""
    first: dict[str, int] = {}
    for source in sources:
        for name in (*_bound(source.tree), *_in_magics(source.cell.source)):
            first.setdefault(name, source.cell.number)
    return first


def _in_magics(text: str) -> list[str]:
    return [word for line in _LINE_MAGIC.findall(text) for word in _WORD.findall(line)]


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                yield name
            case ast.Global(names=several) | ast.Nonlocal(names=several):
                yield from several
            case _:
                pass


def _loads(tree: ast.Module) -> Iterator[tuple[ast.Name, bool]]:
    """Names that are used, and whether they are when the cell runs: not inside a function, nor in a `try`."""
    todo: list[tuple[ast.AST, bool]] = [(node, True) for node in reversed(tree.body)]
    while todo:
        node, now = todo.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node, now
        if isinstance(node, ast.Try):
            continue  # it may be there to find that out
        now = now and not isinstance(node, _FUNCTIONS)
        todo += [(child, now) for child in reversed(list(ast.iter_child_nodes(node)))]
