"""A notebook's code as syntax with places, and changes of its text at these places.

All cells are one module with lines that are numbered through, so that what one cell calls something is known in the
next. A change replaces a piece of the text and leaves everything else as it stands: comments, layout, magics.
What `magics` had to rewrite before it was Python, and cells in other languages, cannot be changed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from grader.verify.notebook import CODE, Cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from grader.verify.notebook import Notebook

Place = tuple[int, int, int, int]
Node = TypeVar("Node", bound=ast.AST)
Item = ast.expr | ast.keyword
LOOKS_UP = (".get", ".deserialize")


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes from `start` to `end` of the program's text give way to `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Program:
    """`lines` are those of all code cells, of which `first` has the number of each cell's first, from 0.

    `frozen` are the numbers of lines, from 1, that are not Python as they stand. `meaning` maps the place of a
    name or a dotted name to its canonical form, such as "keras.layers.Dense".
    """

    notebook: Notebook
    lines: tuple[bytes, ...]
    first: Mapping[int, int]
    frozen: frozenset[int]
    tree: ast.Module
    meaning: Mapping[Place, str]

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that have a place, in reading order; not those in formatted strings, which Python 3.11 misplaces."""
        texts = [node for node in ast.walk(self.tree) if isinstance(node, ast.JoinedStr)]
        inside = {inner for text in texts for inner in ast.walk(text) if inner is not text}
        every = (node for node in ast.walk(self.tree) if node not in inside)
        placed = [node for node in every if isinstance(node, ast.expr | ast.stmt | ast.keyword)]
        return tuple(sorted(placed, key=lambda node: (node.lineno, node.col_offset)))

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(accumulate((len(line) + 1 for line in self.lines), initial=0))

    # --- looking

    def all(self, kind: type[Node]) -> Iterator[Node]:
        return (node for node in self.nodes if isinstance(node, kind))

    def name(self, node: ast.expr) -> str:
        """What a name or a dotted name means; empty for any other expression."""
        return self.meaning.get(place(node), "")

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        return ((self.name(node.func), node) for node in self.all(ast.Call))

    def statement(self, node: ast.AST) -> ast.stmt:
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def value(self, node: ast.expr | None) -> object:
        """What the expression is worth: a literal, or a name that is bound once, to a literal; else None."""
        if isinstance(node, ast.Name):
            node = self._constants.get(node.id)
        if node is None:
            return None
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None

    def stands_for(self, node: ast.expr) -> ast.expr:
        """What a name is bound to, once and at the notebook's own level; any other expression itself."""
        return self._constants.get(node.id, node) if isinstance(node, ast.Name) else node

    def said(self, node: ast.expr) -> str:
        """A text's value, or what it takes or calls of Keras; empty where the expression does not say it."""
        node = self.stands_for(node)
        value = self.value(node)
        if isinstance(value, str):
            return value
        name = self.name(node.func if isinstance(node, ast.Call) else node)
        return name if name.startswith(("keras.", "tensorflow.")) and not name.endswith(LOOKS_UP) else ""

    @cached_property
    def _constants(self) -> Mapping[str, ast.expr]:
        stores = [node.id for node in self.all(ast.Name) if not isinstance(node.ctx, ast.Load)]
        return {name: value for name, value in self._assigned() if stores.count(name) == 1}

    def _assigned(self) -> Iterator[tuple[str, ast.expr]]:
        for node in self.tree.body:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    yield name, value
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                    pairs = zip(names, values, strict=False)
                    yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))
                case _:
                    pass

    def where(self, node: ast.AST) -> str:
        number, line = self.code_line(first_line(node))
        return f"cell {number}, line {line}"

    def code_line(self, line: int) -> tuple[int, int]:
        """The number of the code cell, and the line in it, both from 1."""
        cell = self.cell_of(line)
        return sum(one.kind == CODE for one in self.notebook[: cell + 1]), line - self.first[cell]

    def cell_of(self, line: int) -> int:
        """The index in the notebook of the cell that holds the line, counted from 1."""
        return max((cell for cell, start in self.first.items() if start < line), default=0)

    # --- text

    def start(self, node: ast.AST) -> int:
        line, column, _, _ = place(node)
        return self._starts[line - 1] + column

    def end(self, node: ast.AST) -> int:
        _, _, line, column = place(node)
        return self._starts[line - 1] + column

    @cached_property
    def content(self) -> bytes:
        return b"\n".join(self.lines)

    def text(self, node: ast.AST) -> str:
        return self.content[self.start(node) : self.end(node)].decode()

    def editable(self, node: ast.AST) -> bool:
        line, _, last, _ = place(node)
        return self.frozen.isdisjoint(range(line, last + 1))

    def alone(self, statement: ast.stmt) -> bool:
        """Whether nothing else but a comment stands on its lines, and it stands in no block."""
        first, last = first_line(statement), statement.end_lineno or statement.lineno
        rest = self.lines[last - 1][statement.end_col_offset or 0 :].strip()
        begins = not self.lines[first - 1][: statement.col_offset].strip()
        return statement in self.tree.body and begins and (not rest or rest.startswith(b"#"))

    # --- changing

    def replaced(self, node: ast.AST, text: str) -> Edit:
        return Edit(self.start(node), self.end(node), text)

    def removed(self, statement: ast.stmt) -> Edit:
        """With its lines, where it has them for itself; else `pass` stands for it."""
        if not self.alone(statement):
            return self.replaced(statement, "pass")
        first, last = first_line(statement), statement.end_lineno or statement.lineno
        begin, end = self._starts[first - 1], self._starts[last - 1] + len(self.lines[last - 1])
        cell = self.cell_of(first)
        if last < self.first[cell] + self._length(cell):
            return Edit(begin, end + 1, "")
        return Edit(max(begin - 1, self._starts[self.first[cell]]), end, "")

    def before(self, statement: ast.stmt, text: str) -> Edit:
        """`text` as a statement in front of it, in the same block."""
        if not self.alone(statement):
            return Edit(self.start(statement), self.start(statement), f"{text}; ")
        at = self._starts[first_line(statement) - 1]
        return Edit(at, at, f"{text}\n")

    def after(self, statement: ast.stmt, text: str) -> Edit:
        """`text` as a statement behind it, in the same block."""
        if not self.alone(statement):
            return Edit(self.end(statement), self.end(statement), f"; {text}")
        line = (statement.end_lineno or statement.lineno) - 1
        at = self._starts[line] + len(self.lines[line])
        return Edit(at, at, f"\n{text}")

    def without(self, items: Iterable[Item], item: Item) -> Edit:
        """Take one of these, which commas part, away with its comma."""
        ordered = sorted(items, key=lambda each: (each.lineno, each.col_offset))
        at = ordered.index(item)
        if at + 1 < len(ordered):
            return Edit(self.start(item), self.start(ordered[at + 1]), "")
        return Edit(self.end(ordered[at - 1]) if at else self.start(item), self.end(item), "")

    def with_argument(self, call: ast.Call, text: str) -> Edit:
        given = arguments(call)
        at = self.end(given[-1]) if given else self.end(call) - 1
        return Edit(at, at, f", {text}" if given else text)

    def apply(self, edits: Iterable[Edit]) -> Notebook:
        """The notebook with these changes, which must not overlap."""
        ordered = sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True)
        return tuple(
            self._changed(index, cell, ordered) if index in self.first else cell
            for index, cell in enumerate(self.notebook)
        )

    def _changed(self, index: int, cell: Cell, edits: Iterable[Edit]) -> Cell:
        first, length = self.first[index], self._length(index)
        begin, end = self._starts[first], self._starts[first + length] - 1
        text = self.content[begin:end]
        for edit in edits:
            if begin <= edit.start <= end:
                text = text[: edit.start - begin] + edit.text.encode() + text[edit.end - begin :]
        return Cell(cell.kind, text.decode())

    def _length(self, cell: int) -> int:
        """In lines."""
        later = [start for start in self.first.values() if start > self.first[cell]]
        return min(later, default=len(self.lines)) - self.first[cell]


def place(node: ast.AST) -> Place:
    found: Place = (
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0),
        getattr(node, "end_lineno", 0),
        getattr(node, "end_col_offset", 0),
    )
    return found


def arguments(call: ast.Call) -> list[Item]:
    """Positional and named ones, in order."""
    return sorted([*call.args, *call.keywords], key=lambda each: (each.lineno, each.col_offset))


def argument(call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
    """The expression that is given for a parameter, by its name or at its position, from 0."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    starred = any(isinstance(given, ast.Starred) for given in call.args)
    return call.args[position] if position is not None and position < len(call.args) and not starred else None


def unpacks(call: ast.Call) -> bool:
    """Whether it is given a list or a dictionary of arguments, which may hold any."""
    return any(isinstance(each, ast.Starred) for each in call.args) or any(not each.arg for each in call.keywords)


def names_in(node: ast.AST) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def first_line(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([place(node)[0], *(each.lineno for each in decorators)])
