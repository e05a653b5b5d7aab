"""Student source -> canonical statements that still know where they stood and whether they ran.

Cells are parsed one by one, with CPython's own parser, so that what counts as Python is what the kernel took for
Python. Each top-level statement is brought into canonical form and written out again by `ast.unparse`, which
settles spacing, quotes, comments, line breaks and the Unicode form of names. A `Block` is the text of one cell
after that; its statements, nested ones too, are found again by the line on which they start. Ranks number the
statements of the notebook in reading order, so that "the very next statement" is a rank that is one higher.

All of it is bounded: text, statements and nesting. A cell over a bound, or one that is no Python, becomes
`Unread`, with the reason.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, assert_never

from grader.checks.canonical import Canonical
from grader.checks.parsing import Source, parse_cell, walk
from grader.checks.wording import shown
from grader.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.model import Cell

MAX_NOTEBOOK = 500_000
MAX_STATEMENTS = 10_000
HEAD = 300
MAX_QUOTE = 120
QUOTED_LINES = 10


class Fate(StrEnum):
    """Whether a statement ran. Only statements that certainly did are `RAN`."""

    RAN = "in code that ran"
    CELL_DID_NOT_RUN = "in a cell that did not run"
    CELL_STOPPED = "in a cell that stopped before that line was done"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or the head of a compound one. `line` counts from 1; `quote` is the student's own text.

    `text` is its canonical form. What has no effect (docstrings, `pass`, magics, `from __future__`) has the
    rank of the statement behind it, and so has each part of a statement that does several things.
    """

    cell: int
    line: int
    quote: str
    text: str
    fate: Fate
    rank: int

    @property
    def place(self) -> str:
        return f"cell {self.cell}, line {self.line}: `{self.quote}`"


@dataclass(frozen=True, slots=True)
class Block:
    """The canonical text of a cell; `statements[i]` starts on line `starts[i]` of it, counted from 0."""

    text: str
    starts: tuple[int, ...]
    statements: tuple[Statement, ...]

    def statement_at(self, line: int) -> Statement:
        return self.statements[max(0, bisect_right(self.starts, line) - 1)]


@dataclass(frozen=True, slots=True)
class Unread:
    cell: int
    reason: str


@dataclass(frozen=True, slots=True)
class Code:
    """What a notebook's code cells hold."""

    blocks: tuple[Block, ...]
    unread: tuple[Unread, ...] = ()

    def statements(self) -> Iterator[Statement]:
        for block in self.blocks:
            yield from block.statements


def read_code(cells: Sequence[Cell]) -> Code:
    """The canonical statements of all cells, in order; never raises, whatever the sources hold."""
    reader = _Reader()
    blocks: list[Block] = []
    unread: list[Unread] = []
    size = count = 0
    for cell in cells:
        size += len(cell.source)
        source = parse_cell(cell) if size <= MAX_NOTEBOOK else f"the notebook has over {MAX_NOTEBOOK:,} characters"
        if isinstance(source, Source):
            count += sum(1 for _ in walk(source.tree.body))
            if count > MAX_STATEMENTS:
                source = f"the notebook has over {MAX_STATEMENTS:,} statements"
        if isinstance(source, str):
            unread.append(Unread(cell.number, source))
        elif source.tree.body:
            blocks.append(reader.block(source))
    return Code(tuple(blocks), tuple(unread))


@dataclass(frozen=True, slots=True)
class _Rendered:
    """Canonical text, and on which of its lines, from 0, which statement starts."""

    text: str
    starts: tuple[tuple[int, ast.stmt], ...]


class _Reader:
    """Goes through the cells in order, carrying what names mean and which rank comes next."""

    def __init__(self) -> None:
        self.canonical = Canonical()
        self.next_rank = {True: 0, False: 0}

    def block(self, source: Source) -> Block:
        texts: list[str] = []
        starts: list[int] = []
        nodes: list[ast.stmt] = []
        lines = 0
        for node in source.tree.body:
            for rendered in self._rendered(source, node):
                texts.append(rendered.text)
                starts.extend(lines + start for start, _ in rendered.starts)
                nodes.extend(inner for _, inner in rendered.starts)
                lines += rendered.text.count("\n") + 1
        text = "\n".join(texts)
        return Block(text, tuple(starts), tuple(self._statements(source, nodes, _heads(text, starts))))

    def _rendered(self, source: Source, node: ast.stmt) -> list[_Rendered]:
        """The statement and its parts; as the student wrote it where `ast.unparse` cannot write it."""
        try:
            return [_unparsed(each) for each in self.canonical.statements(node)]
        except (SyntaxError, ValueError, RecursionError):  # what it writes is not always Python again
            lines = source.lines[node.lineno - 1 : node.end_lineno]
            starts = tuple((inner.lineno - node.lineno, inner) for inner in walk([node]))
            return [_Rendered(b"\n".join(lines).decode(), starts)]

    def _statements(self, source: Source, nodes: list[ast.stmt], heads: list[str]) -> Iterator[Statement]:
        place = (0, 0)
        fate = Fate.RAN
        end = 0
        for node, head in zip(nodes, heads, strict=True):
            if (node.end_lineno or node.lineno) > end:  # not inside the last: a top-level statement
                end = node.end_lineno or node.lineno
                fate = _fate(source.cell, end)
            is_part = (node.lineno, node.col_offset) == place
            place = (node.lineno, node.col_offset)
            ran = fate is Fate.RAN
            rank = self.next_rank[ran] - is_part
            self.next_rank[ran] += not (is_part or _has_no_effect(node))
            yield Statement(source.cell.number, node.lineno, _quote(source, node), head, fate, rank)


def _unparsed(node: ast.stmt) -> _Rendered:
    text = ast.unparse(node)
    statements = list(walk([node]))
    if len(statements) == 1:
        return _Rendered(text, ((0, node),))
    written = list(walk(ast.parse(text).body))
    if len(written) != len(statements):  # unknown to happen; nested statements then go by the outermost one
        return _Rendered(text, ((0, node),))
    return _Rendered(text, tuple((_first_line(new) - 1, old) for new, old in zip(written, statements, strict=True)))


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _heads(text: str, starts: list[int]) -> list[str]:
    """The text from each statement's start to the next one's."""
    lines = text.split("\n")
    return ["\n".join(lines[start:end])[:HEAD].strip() for start, end in pairwise([*starts, len(lines)])]


def _fate(cell: Cell, last_line: int) -> Fate:
    """Whether the top-level statement that ends on this line ran; it did not where the error arose within it."""
    match cell.outcome:
        case Outcome.RAN:
            return Fate.RAN
        case Outcome.NOT_RUN:
            return Fate.CELL_DID_NOT_RUN
        case Outcome.RAISED:
            stopped = 0 if cell.error is None else cell.error.line
            return Fate.RAN if last_line < stopped else Fate.CELL_STOPPED
        case unknown:
            assert_never(unknown)


def _has_no_effect(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.ImportFrom(module="__future__"):
            return True
        case _:
            return False


def _quote(source: Source, node: ast.stmt) -> str:
    """The student's own text of a statement, of its first line where it is compound, on one line."""
    first = node.lineno - 1
    compound = hasattr(node, "body") or hasattr(node, "cases")
    last = first if compound else min((node.end_lineno or node.lineno) - 1, first + QUOTED_LINES)
    lines = [line[: 4 * MAX_QUOTE] for line in source.lines[first : last + 1]]
    if len(lines) == 1:
        end = None if compound else node.end_col_offset
        lines = [source.lines[first][node.col_offset : end][: 4 * MAX_QUOTE]]
    return shown(b"\n".join(lines).decode(errors="ignore"), MAX_QUOTE)
