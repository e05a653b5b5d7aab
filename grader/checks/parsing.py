"""Text -> syntax tree, with CPython's own parser, guarded against source that is made to break parsers."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checks.magics import plain_python
from grader.checks.nesting import TOO_DEEP, refusal, tree_too_deep
from grader.checks.wording import shown
from grader.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.model import Cell

MAX_CELL = 200_000
MAX_FAULT = 120

_FAULTS = (ValueError, RecursionError, MemoryError)
_NEWLINE = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed cell; `lines` are of the text that was parsed, in UTF-8, as `col_offset` counts bytes."""

    cell: Cell
    lines: tuple[bytes, ...]
    tree: ast.Module


def parse(text: str) -> ast.Module | str:
    """The tree, or why there is none."""
    refused = refusal(text)
    if refused:
        return refused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # students' invalid escapes are no news to the TA
            tree = ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {shown(error.msg, MAX_FAULT)}"
    except _FAULTS as error:
        return shown(str(error), MAX_FAULT) or type(error).__name__
    return TOO_DEEP if tree_too_deep(tree) else tree


def parse_cell(cell: Cell) -> Source | str:
    if len(cell.source) > MAX_CELL:
        return f"it has over {MAX_CELL:,} characters"
    text = _NEWLINE.sub("\n", cell.source)
    tree = parse(text)
    if isinstance(tree, str):
        text = plain_python(text)
        tree = parse(text)
    if isinstance(tree, str) and cell.outcome is Outcome.RAN and "\n" not in text.strip():
        tree = ast.Module([], [])  # `pip install keras`: IPython takes a lone line for a magic without its `%`
    if isinstance(tree, str):
        return tree
    return Source(cell, tuple(line.encode(errors="replace") for line in text.split("\n")), tree)


def walk(body: Sequence[ast.AST]) -> Iterator[ast.stmt]:
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
