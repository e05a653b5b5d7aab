"""Criterion `executes`: the notebook holds code, and all of it ran."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.checks import advice
from grader.checks.undefined import explained
from grader.checks.wording import shown
from grader.model import Check, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Cell, ExecutesCriterion

MAX_ERROR_TEXT = 300
MAX_CODE = 80
EXPECTED = "every code cell runs"
RERUN = "restart the kernel, run all cells from top to bottom, and look at the place named"
UNREAD = ("SyntaxError", "IndentationError", "TabError")
LINE_UNREAD = re.compile(r" \(line (?P<line>[0-9]{1,6})\)$")
NEXT_STEPS = {
    "SyntaxError": "look at the line named: Python cannot read it",
    "IndentationError": "look at the indentation of the line named",
    "NameError": "restart the kernel, run all cells from top to bottom, and see where that name is defined",
    "FileNotFoundError": "load the data as the assignment does; files of your own, or of your Drive, are not there",
    "ModuleNotFoundError": "use only the packages that the assignment provides",
}


def check(criterion: ExecutesCriterion, cells: Sequence[Cell]) -> Check:
    """All points or none; blank cells count neither way."""
    code = [cell for cell in cells if cell.source.strip()]
    ran = sum(cell.outcome is Outcome.RAN for cell in code)
    passed = bool(code) and ran == len(code)
    why, next_step = ("", "") if passed else _explain(code, ran)
    return Check(
        criterion=criterion.id,
        title=criterion.title,
        points=criterion.points if passed else 0.0,
        max_points=criterion.points,
        expected=EXPECTED,
        found=f"{ran} of {_cells(len(code))} ran" if code else "no code",
        why=why,
        next_step=next_step,
    )


def _explain(code: Sequence[Cell], ran: int) -> tuple[str, str]:
    if not code:
        return (
            "the notebook has no code cell that holds code",
            "put the program into code cells and save the notebook",
        )
    raised = next((cell for cell in code if cell.outcome is Outcome.RAISED), None)
    not_run = sum(cell.outcome is Outcome.NOT_RUN for cell in code)
    left = f"{not_run} of {_cells(len(code))} did not run" if not_run else ""
    if raised is None:
        return left, RERUN if ran else "see why the run ended before its first cell was through"
    return "\n".join(filter(None, (_place_and_error(raised, code), left))), _next_step(raised, code)


def _next_step(raised: Cell, code: Sequence[Cell]) -> str:
    if raised.error is None:
        return RERUN
    known = advice.on(raised.error) or (raised.error.name == "NameError" and explained(raised, code))
    return known or NEXT_STEPS.get(raised.error.name, RERUN)


def _place_and_error(cell: Cell, code: Sequence[Cell]) -> str:
    """Where it was raised, in the student's own code, and from where that was called."""
    if cell.error is None:
        return f"cell {cell.number} did not finish"
    error, line = cell.error, cell.error.line
    unread = LINE_UNREAD.search(error.message) if error.name in UNREAD else None
    if unread:  # nothing of the cell ran, so that no line of it called another
        line = int(unread["line"])
    origin = next((each for each in code if each.number == error.at_cell), cell)
    at = error.at_line if error.at_line and error.at_cell == origin.number else line
    called = f" (called from {_place(cell, line)})" if (origin, at) != (cell, line) and line else ""
    message = shown(error.message, MAX_ERROR_TEXT)
    said = f"{shown(error.name)}{': ' if message else ''}{message}"
    return f"{_place(origin, at)}: {_code(origin, at)}{said}{called}"


def _place(cell: Cell, line: int) -> str:
    return f"cell {cell.number}, line {line}" if line else f"cell {cell.number}"


def _code(cell: Cell, line: int) -> str:
    """The line itself, as the student wrote it."""
    lines = cell.source.splitlines()
    text = shown(lines[line - 1], MAX_CODE).strip() if 0 < line <= len(lines) else ""
    return f"`{text}` raised " if text else ""


def _cells(count: int) -> str:
    return f"{count} code {'cell' if count == 1 else 'cells'}"
