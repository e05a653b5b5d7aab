"""Where in a notebook something is: the cell that a text names, and the line of the file where that cell starts."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from grader.selfcheck.report import Place

if TYPE_CHECKING:
    from grader.model import Check

_NAMED = re.compile(r"cell (\d{1,5})(?:, line (\d{1,7}))?\b")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)  # an open text ends with the file
_CELL_DEPTH = 3  # the notebook, its list of cells, a cell


def named(check: Check) -> Place:
    """The first place that a check names: a student's words come after it."""
    for text in (check.why, check.found):
        match = _NAMED.search(text[:200])
        if match:
            return Place(int(match[1]), int(match[2] or 0))
    return Place()


def lines_of_cells(text: str) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Of each code cell of nbformat 4: the line of the file where it starts, and those of its lines of source.

    Nothing where the file is not laid out so.
    """
    found: list[tuple[int, tuple[int, ...]]] = []
    for first, tokens in _cells(text):
        values = dict(_values(tokens))
        if values.get("cell_type") == ["code"]:
            found.append((first, tuple(line for line, _ in _strings(tokens, "source"))))
    return tuple(found)


_Token = tuple[int, int, str]  # line, depth, text


def _cells(text: str) -> list[tuple[int, list[_Token]]]:
    cells: list[tuple[int, list[_Token]]] = []
    depth = line = at = 0
    key, inside = "", False
    for match in _TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        sign = match[0]
        depth -= sign in "]}"
        if depth == 1 and sign not in "[]{}":
            key = sign
        if depth == 1 and sign in "[]":
            inside = sign == "[" and key == '"cells"'
        if inside and depth == _CELL_DEPTH - 1 and sign == "{":
            cells.append((line + 1, []))
        elif inside and depth >= _CELL_DEPTH and cells:
            cells[-1][1].append((line + 1, depth - _CELL_DEPTH, sign))
        depth += sign in "[{"
    return cells


def _values(tokens: list[_Token]) -> list[tuple[str, list[str]]]:
    """Of a cell's own keys: those whose value is a single text."""
    top = [(sign, n) for n, (_, depth, sign) in enumerate(tokens) if depth == 0]
    texts = [sign for sign, _ in top]
    return [
        (_read(one), [_read(other)])
        for one, other in pairwise(texts)
        if one == '"cell_type"' and other.startswith('"')
    ]


def _strings(tokens: list[_Token], key: str) -> list[tuple[int, str]]:
    """The texts of the list, or the one text, that is the value of a cell's own key."""
    start = next((n for n, (_, depth, sign) in enumerate(tokens) if depth == 0 and sign == f'"{key}"'), None)
    if start is None:
        return []
    found: list[tuple[int, str]] = []
    for line, depth, sign in tokens[start + 1 :]:
        if depth == 0:
            if sign == "[":
                continue
            return found or ([(line, sign)] if sign.startswith('"') else [])
        if depth == 1:
            found.append((line, sign))
    return found


def _read(sign: str) -> str:
    try:
        return str(json.loads(sign))
    except ValueError:
        return ""
