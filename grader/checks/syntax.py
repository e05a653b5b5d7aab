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
import re
import warnings
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from grader.checks.canonical import Canonical
from grader.checks.magics import plain_python
from grader.checks.nesting import too_deep, tree_too_deep
from grader.checks.wording import shown
from grader.model import Cell, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CELL = 200_000
MAX_NOTEBOOK = 500_000
MAX_STATEMENTS = 10_000
MAX_BLOCK = 2_000_000
MAX_QUOTE = 120
QUOTED_LINES = 10

_PARSER_FAULTS = (SyntaxError, ValueError, RecursionError, MemoryError)
_NEWLINE = re.compile(r"\r\n?")
_NO_EFFECT = (ast.Constant, ast.JoinedStr)


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


@dataclass(frozen=True, slots=True)
class _Source:
    """A parsed cell; `lines` are of the text that was parsed, in UTF-8, as `col_offset` counts bytes."""

    cell: Cell
    lines: tuple[bytes, ...]
    tree: ast.Module


def read_code(cells: Sequence[Cell]) -> Code:
    """The canonical statements of all cells, in order; never raises, whatever the sources hold."""
    reader = _Reader()
    blocks: list[Block] = []
    unread: list[Unread] = []
    size = count = 0
    for cell in cells:
        size += len(cell.source)
        source = _parsed(cell) if size <= MAX_NOTEBOOK else f"the notebook's code is over {MAX_NOTEBOOK:,} characters"
        if isinstance(source, _Source):
            count += sum(1 for _ in _walk(source.tree.body))
            if count > MAX_STATEMENTS:
                source = f"the notebook has over {MAX_STATEMENTS:,} statements"
        if isinstance(source, str):
            unread.append(Unread(cell.number, source))
        elif source.tree.body:
            blocks.append(reader.block(source))
    return Code(tuple(blocks), tuple(unread))


def parse(text: str) -> ast.Module | str:
    """The tree, or why there is none."""
    if too_deep(text):
        return "its code is nested too deeply"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # students' invalid escapes are no news to the TA
            tree = ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {shown(error.msg, MAX_QUOTE)}"
    except _PARSER_FAULTS as error:
        return shown(str(error), MAX_QUOTE) or type(error).__name__
    return "its code is nested too deeply" if tree_too_deep(tree) else tree


def _parsed(cell: Cell) -> _Source | str:
    if len(cell.source) > MAX_CELL:
        return f"it has over {MAX_CELL:,} characters"
    text = _NEWLINE.sub("\n", cell.source)
    tree = parse(text)
    if isinstance(tree, str):
        text = plain_python(text)
        tree = parse(text)
    if isinstance(tree, str):
        return tree
    return _Source(cell, tuple(line.encode() for line in text.split("\n")), tree)


def _walk(body: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    """All statements, nested ones too, in reading order."""
    todo = list(reversed(body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.stmt):
            yield node
        inner = [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
        ]
        todo.extend(reversed(inner))


class _Reader:
    """Goes through the cells in order, carrying what names mean and which rank comes next."""

    def __init__(self) -> None:
        self.canonical = Canonical()
        self.ranks = {True: 0, False: 0}

    def block(self, source: _Source) -> Block:
        text: list[str] = []
        starts: list[int] = []
        statements: list[Statement] = []
        lines = size = 0
        for node in source.tree.body:
            fate = _fate(source.cell, node)
            before = (0, 0)
            for piece in self._pieces(source, node):
                if size + len(piece.text) > MAX_BLOCK:
                    break
                size += len(piece.text)
                for start, inner in piece.starts:
                    at = (inner.lineno, inner.col_offset)
                    self._advance(inner, fate, same=at == before)
                    before = at
                    starts.append(lines + start)
                    statements.append(self._statement(source, inner, fate, piece.head(start)))
                text.append(piece.text)
                lines += piece.text.count("\n") + 1
        return Block("\n".join(text), tuple(starts), tuple(statements))
