"""`feedback-canvas.csv`: what each student scored, and why, in a sentence for each criterion.

Canvas imports no comments from a file; this sheet is for a person who pastes them, or a script that sends them to
its interface for programs, by the numbers in the column ID.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.model import Check, Result, Rubric, Status
from grader.outputs import cells

COLUMNS = ("Student", "ID", "SIS Login ID", "Comment")
MOST_REASON = 240  # characters of why points were lost, of each criterion
MOST = 4000  # of a whole comment


@dataclass(frozen=True, slots=True)
class Line:
    student: str
    user: str
    login: str
    comment: str


def sheet(lines: Iterable[Line]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in lines:
        table.writerow(map(cells.text, (one.student, one.user, one.login, one.comment)))
    return text.getvalue().encode()


def comment(rubric: Rubric, results: Sequence[Result]) -> str:
    """Of results as the student may see them, which all have a score."""
    return _cut(" ".join((_whole(rubric, results), *_parts(rubric, results))), MOST)


def _whole(rubric: Rubric, results: Sequence[Result]) -> str:
    final = sum(one.final or 0.0 for one in results)
    adjusted, penalty = sum(one.adjusted for one in results), sum(one.penalty for one in results)
    score = sum(one.grade.score or 0.0 for one in results)
    made_of = [
        *([f"{cells.number(score)} scored"] if adjusted or penalty else []),
        *([f"{adjusted:+.4g} by hand"] if adjusted else []),
        *([f"{cells.number(penalty)} off for lateness"] if penalty else []),
    ]
    told = f" ({', '.join(made_of)})" if made_of else ""
    return f"{cells.number(final)} of {cells.number(rubric.points)} points{told}."


def _parts(rubric: Rubric, results: Sequence[Result]) -> Iterator[str]:
    titles = {part.id: part.title for part in rubric.parts}
    for one in results:
        grade = one.grade
        if len(rubric.parts) > 1:
            yield f"{titles.get(grade.part, grade.part)}:"
        if grade.status is not Status.GRADED and grade.reason:
            yield _sentence(_cut(grade.reason, MOST_REASON))
        yield from map(_check, grade.checks)


def _check(check: Check) -> str:
    points = f"{check.title}: {cells.number(check.points)} of {cells.number(check.max_points)}"
    why = "" if check.passed or check.hidden else _cut(check.why, MOST_REASON)
    return _sentence(f"{points}, {why}" if why else points)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _cut(text: str, most: int) -> str:
    line = cells.one_line(text).strip()
    return line if len(line) <= most else f"{line[: most - 1]}…"
