"""Moodle: the offline grading worksheet of an assignment, with its grades filled in.

Its columns, as mod/assign/feedback/offline writes them: Identifier ("Participant 123"), Full name, where the site
says so ID number and Email address, Status, Grade, Maximum grade, and others. In a blind assignment the names are
left out. Moodle matches rows by Identifier, and takes no grade above its own maximum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.errors import UsageError
from grader.model import Rubric
from grader.outputs.exports.filling import Filled, fill
from grader.outputs.exports.people import Person, Row
from grader.outputs.exports.sheet import Sheet

_PARTICIPANT = re.compile(r"(\d+)\D*$")


def filled(sheet: Sheet, rubric: Rubric, everybody: Sequence[Person], column: str | None) -> Filled:
    """Raises UsageError where it is no grading worksheet."""
    identifier = sheet.column("Identifier")
    grade = sheet.column(column) if column else sheet.column("Grade")
    if identifier is None or grade is None:
        missing = "Identifier" if identifier is None else column or "Grade"
        raise UsageError(
            f"'{sheet.path}' has no column '{missing}'; expected the grading worksheet as Moodle exports it"
        )
    names = [sheet.column(name) for name in ("Full name", "Name")]
    logins = [sheet.column(name) for name in ("Email address", "ID number", "Username")]
    rows = [
        Row(
            line,
            (_participant(sheet.text(line, identifier)),),
            tuple(sheet.text(line, one) for one in logins),
            tuple(sheet.text(line, one) for one in names),
        )
        for line in range(1, len(sheet.lines))
        if sheet.text(line, identifier)
    ]
    factor, remarks = _scale(sheet, rubric, len(rows))
    done = fill(sheet, grade, rows, everybody, factor)
    return Filled(done.data, done.count, (*remarks, *_locked(sheet), *done.remarks))


def _participant(text: str) -> str:
    """Its number: the word in front of it is in the site's language."""
    found = _PARTICIPANT.search(text)
    return found[1] if found else text


def _scale(sheet: Sheet, rubric: Rubric, rows: int) -> tuple[float, tuple[str, ...]]:
    """Moodle refuses a grade above its own maximum, so that points are scaled to it; that is told."""
    column = sheet.column("Maximum grade")
    told = {sheet.text(line, column).replace(",", ".") for line in range(1, rows + 1)} - {""}
    try:
        most = {float(one) for one in told}
    except ValueError:
        return 1.0, ()
    if len(most) != 1 or most == {rubric.points} or min(most) <= 0:
        return 1.0, ()
    maximum = most.pop()
    remark = f"Moodle's maximum is {maximum:g} and the rubric's {rubric.points:g}: grades are scaled to Moodle's"
    return maximum / rubric.points, (remark,)


def _locked(sheet: Sheet) -> Iterator[str]:
    """Moodle passes over a line whose grade was changed elsewhere since, or that it says cannot be changed."""
    column = sheet.column("Grade can be changed")
    locked = sum(
        sheet.text(line, column).casefold() in ("no", "nein", "non") for line in range(1, len(sheet.lines))
    )
    if column is not None and locked:
        rows = f"{locked} rows of '{sheet.path.name}'"
        yield f"{rows} say that their grade cannot be changed: Moodle will pass them over"
