"""Tables that need no downloaded sheet: nbgrader's columns, and one for Gradescope's roster."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from grader.model import Rubric
from grader.outputs import cells
from grader.outputs.exports.people import Person

# As nbgrader's own `nbgrader export` writes them (nbgrader/plugins/export.py).
NBGRADER = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def nbgrader(rubric: Rubric, everybody: Iterable[Person], due: datetime | None) -> bytes:
    """One row a student; without a score where one is missing, which nbgrader takes for not graded."""
    return _table(NBGRADER, [_nbgrader(rubric, person, due) for person in everybody])


def _nbgrader(rubric: Rubric, person: Person, due: datetime | None) -> Sequence[str]:
    last, first = _names(person.identity.name)
    handed_in = max((one.handed_in for one in person.results if one.handed_in), default=None)
    raw = None if person.final is None else person.final + person.penalty
    return (
        cells.text(rubric.assignment),
        _time(due),
        _time(handed_in),
        cells.text(person.student),
        cells.text(last),
        cells.text(first),
        cells.text(person.identity.email),
        cells.number(raw),
        cells.number(person.penalty),
        cells.number(person.final),
        cells.number(rubric.points),
    )


def _names(name: str) -> tuple[str, str]:
    """Last and first: what stands before a comma, or else the last word."""
    last, comma, first = name.partition(",")
    if comma:
        return last.strip(), first.strip()
    first, _, last = name.rpartition(" ")
    return last.strip(), first.strip()


def _time(moment: datetime | None) -> str:
    """As nbgrader's database prints its times: in UTC, without saying so."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def gradescope(rubric: Rubric, everybody: Iterable[Person]) -> bytes:
    """One row a student: as Gradescope's own download of grades names its columns, then one column a criterion."""
    several = len(rubric.parts) > 1
    names = [
        (part.id, one, f"{part.id}.{one}" if several else one) for part in rubric.parts for one in part.columns
    ]
    header = ("Name", "SID", "Email", "Total Score", "Max Points", "Status", *(name for _, _, name in names))
    rows = []
    for person in everybody:
        points = {
            (one.grade.part, check.criterion): check.points
            for one in person.results
            if one.grade.score is not None
            for check in one.grade.checks
        }
        status = "Graded" if person.final is not None else "Ungraded"
        whose = (person.identity.name or person.student, person.identity.id, person.identity.email)
        theirs = [cells.number(points.get((part, criterion))) for part, criterion, _ in names]
        rows.append(
            (*map(cells.text, whose), cells.number(person.final), cells.number(rubric.points), status, *theirs)
        )
    return _table([cells.text(name) for name in header], rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    return text.getvalue().encode()
