"""A notebook's cells, read as one program."""

from __future__ import annotations

import ast

from grader.checks.canonical import Canonical
from grader.checks.parsing import Source, parse_cell
from grader.model import Cell as RunCell
from grader.model import Outcome
from grader.verify.notebook import CODE, Cell, Notebook
from grader.verify.program import Place, Program, place


def read(notebook: Notebook) -> Program:
    """Never raises, whatever the cells hold; those that are not Python take no part."""
    lines: list[bytes] = []
    first: dict[int, int] = {}
    frozen: set[int] = set()
    body: list[ast.stmt] = []
    meaning: dict[Place, str] = {}
    canonical = Canonical()
    for index, cell in enumerate(notebook):
        source = _parsed(cell)
        if source is None:
            continue
        written = _lines(cell.source)
        frozen.update(
            len(lines) + number
            for number, (plain, own) in enumerate(zip(source.lines, written, strict=True), start=1)
            if plain != own
        )
        body += ast.increment_lineno(source.tree, len(lines)).body
        meaning |= _meaning(cell, canonical, len(lines))
        first[index] = len(lines)
        lines += written
    return Program(notebook, tuple(lines), first, frozenset(frozen), ast.Module(body, []), meaning)


def _parsed(cell: Cell) -> Source | None:
    """None where it is no code, or none in Python: the text of a cell in another language is passed over."""
    source = parse_cell(RunCell(1, cell.source, Outcome.RAN)) if cell.kind == CODE else None
    same = isinstance(source, Source) and len(source.lines) == len(_lines(cell.source))
    return source if isinstance(source, Source) and same else None


def _lines(source: str) -> list[bytes]:
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return [line.encode(errors="replace") for line in text.split("\n")]


def _meaning(cell: Cell, canonical: Canonical, offset: int) -> dict[Place, str]:
    """From a tree of its own, since the canonical form changes it."""
    source = _parsed(cell)
    found: dict[Place, str] = {}
    for statement in [] if source is None else ast.increment_lineno(source.tree, offset).body:
        try:
            written = canonical.statements(statement)
        except RecursionError:
            continue
        for node in (node for each in written for node in ast.walk(each)):
            if isinstance(node, ast.Name | ast.Attribute) and hasattr(node, "lineno"):
                found[place(node)] = _dotted(node)
    return found


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""
