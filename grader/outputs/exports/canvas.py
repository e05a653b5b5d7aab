"""Canvas: the gradebook that was exported, with the scores of one assignment filled in.

Its columns, as Canvas' own guide to importing grades has them: Student, ID, SIS User ID, SIS Login ID, Section, and
then the assignments, each with its number in brackets. A second line holds "Points Possible". Canvas matches rows
by ID.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.errors import UsageError
from grader.model import Rubric
from grader.outputs.exports.filling import Filled, fill
from grader.outputs.exports.people import Person, Row, plain
from grader.outputs.exports.sheet import Sheet

POSSIBLE = "points possible"
OWN = frozenset({"student", "id", "sis user id", "sis login id", "integration id", "root account", "section"})
_NUMBER = re.compile(r"\s*\(\d+\)$")


def filled(sheet: Sheet, rubric: Rubric, everybody: Sequence[Person], column: str | None) -> Filled:
    """Raises UsageError where it is no gradebook, or where it is not clear which assignment is meant."""
    student, number = sheet.column("Student"), sheet.column("ID")
    if student is None or number is None:
        raise UsageError(
            f"'{sheet.path}' has no columns 'Student' and 'ID'; expected the gradebook as Canvas exports it"
        )
    at = _assignment(sheet, rubric, column)
    logins = [sheet.column(name) for name in ("SIS Login ID", "SIS User ID", "Integration ID")]
    rows = [
        Row(
            line,
            (sheet.text(line, number),),
            tuple(sheet.text(line, one) for one in logins),
            (sheet.text(line, student),),
        )
        for line in _students(sheet, student, number)
    ]
    done = fill(sheet, at, rows, everybody)
    return Filled(done.data, done.count, (*_other_points(sheet, student, at, rubric), *done.remarks))


def _students(sheet: Sheet, student: int, number: int) -> Iterator[int]:
    """Canvas' own lines, such as "Points Possible", have no ID."""
    for line in range(1, len(sheet.lines)):
        if sheet.text(line, number) and sheet.text(line, student).casefold() != POSSIBLE:
            yield line


def _assignment(sheet: Sheet, rubric: Rubric, wanted: str | None) -> int:
    names = {place: name for place, name in enumerate(sheet.header) if name and name.casefold() not in OWN}
    titles = {plain(one) for one in ((wanted,) if wanted else (rubric.title, rubric.assignment))}
    found = [
        place for place, name in names.items() if plain(name) in titles or plain(_NUMBER.sub("", name)) in titles
    ]
    if len(found) == 1:
        return found[0]
    asked = f"'{wanted}'" if wanted else f"'{rubric.title}'"
    several = f"{len(found)} columns" if found else "no column"
    known = ", ".join(f"'{name}'" for name in list(names.values())[:20]) or "none"
    raise UsageError(f"'{sheet.path}' has {several} called {asked}; name one with --column, of {known}")


def _other_points(sheet: Sheet, student: int, at: int, rubric: Rubric) -> Iterator[str]:
    """Canvas takes points as they are: what it shows as a share follows from its own most."""
    for line in range(1, min(len(sheet.lines), 5)):
        most = sheet.text(line, at)
        if sheet.text(line, student).casefold() == POSSIBLE and most and most != f"{rubric.points:g}":
            try:
                same = float(most) == rubric.points
            except ValueError:
                same = False
            if not same:
                points = f"{most} points, and the rubric {rubric.points:g}"
                yield f"Canvas gives this assignment {points}; nothing is scaled"
