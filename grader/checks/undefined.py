"""Why a name was not defined where a cell used it: it gets its value later, or nowhere."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from grader.checks.parsing import parse_cell, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.model import Cell

MAX_NAME = 60  # characters
_UNDEFINED = re.compile(rf"name '(?P<name>\w{{1,{MAX_NAME}}})' is not defined")


def explained(raised: Cell, cells: Sequence[Cell]) -> str:
    """What to do about the NameError that this cell raised; empty where the code does not tell."""
    match = _UNDEFINED.match(raised.error.message if raised.error else "")
    if match is None:
        return ""
    name = match["name"]
    places = [(cell.number, line) for cell in cells for line in _given(cell, name)]
    if not places:
        return _never_given(name, cells)
    own = [line for number, line in places if number == raised.number]
    if own and raised.error is not None and own[0] > raised.error.line > 0:
        return f"'{name}' gets its value in line {own[0]} of this cell, after it is used: move that line up"
    number = places[0][0]
    if number > raised.number:
        return f"'{name}' gets its value in cell {number}, which comes after this one: move that cell up"
    return ""


def _given(cell: Cell, name: str) -> Iterator[int]:
    """Lines whose statements give the name a value."""
    source = parse_cell(cell)
    if isinstance(source, str):
        return
    for statement in walk(source.tree.body):
        targets = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
        if any(node.id == name and not isinstance(node.ctx, ast.Load) for node in targets):
            yield statement.lineno


def _never_given(name: str, cells: Sequence[Cell]) -> str:
    """The assignment's own trap: the training's history is used, and what `fit` returns was not kept."""
    if any(_drops_history(cell) for cell in cells) and any(f"{name}.history" in cell.source for cell in cells):
        return f"no cell gives '{name}' a value: keep what model.fit returns, {name} = model.fit(...)"
    return f"no cell gives '{name}' a value: define it before it is used"


def _drops_history(cell: Cell) -> bool:
    source = parse_cell(cell)
    if isinstance(source, str):
        return False
    bare = (statement.value for statement in walk(source.tree.body) if isinstance(statement, ast.Expr))
    calls = (value.func for value in bare if isinstance(value, ast.Call))
    return any(isinstance(function, ast.Attribute) and function.attr == "fit" for function in calls)
