"""scores.csv, one row a student and part, and totals.csv, one row a student.

The raw score stays as it is; what dates and people made of it stands in the last columns. `cells` says how texts
are kept from being run.
"""

from __future__ import annotations

import csv
from io import TextIOWrapper
from itertools import groupby
from typing import TYPE_CHECKING

from grader import durable
from grader.lateness import duration
from grader.model import COLUMNS_AFTER, COLUMNS_BEFORE, COLUMNS_FINAL, Result, Status
from grader.outputs import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from grader.model import Grade, Lateness, Rubric

_TOTALS = ("student", "score", "max_score", "status", "flags", *COLUMNS_FINAL)


def write_scores(
    folder: Path, rubric: Rubric, grades: Iterable[Grade], result: Callable[[Grade], Result] = Result
) -> Path:
    """One row a grade, in order of student, then of the rubric's parts. Raises OSError.

    The grades come in order of student, as a ledger gives them: those of one student are in memory at a time.
    `result` says what dates and people made of a grade.
    """
    columns = (*COLUMNS_BEFORE, *_criterion_columns(rubric), *COLUMNS_AFTER, *COLUMNS_FINAL)
    rows = (_score_row(rubric, result(grade)) for theirs in _by_student(rubric, grades) for grade in theirs)
    return _write(folder / "scores.csv", columns, rows)


def write_totals(
    folder: Path, rubric: Rubric, grades: Iterable[Grade], result: Callable[[Grade], Result] = Result
) -> Path:
    """One row a student, in the same order; the score is blank until every part has one. Raises OSError."""
    rows = (
        _total_row(rubric, theirs[0].student, [result(grade) for grade in theirs])
        for theirs in _by_student(rubric, grades)
    )
    return _write(folder / "totals.csv", _TOTALS, rows)


def _by_student(rubric: Rubric, grades: Iterable[Grade]) -> Iterator[list[Grade]]:
    """Each student's grades, in the order of the rubric's parts."""
    rank = {part.id: number for number, part in enumerate(rubric.parts)}
    last: str | None = None
    for student, theirs in groupby(grades, key=lambda grade: grade.student):
        if last is not None and student < last:
            raise ValueError(f"the grades of {student!r} come after those of {last!r}, out of order")
        last = student
        yield sorted(theirs, key=lambda grade: rank.get(grade.part, len(rank)))


def _criterion_columns(rubric: Rubric) -> list[str]:
    return [_column(rubric, part.id, name) for part in rubric.parts for name in part.columns]


def _column(rubric: Rubric, part: str, criterion: str) -> str:
    return criterion if len(rubric.parts) == 1 else f"{part}.{criterion}"


def _score_row(rubric: Rubric, result: Result) -> dict[str, str]:
    grade = result.grade
    judged = grade.status is not Status.GRADER_ERROR
    points = {_column(rubric, grade.part, check.criterion): cells.number(check.points) for check in grade.checks}
    return {
        **(points if judged else {}),
        "student": cells.text(grade.student),
        "part": cells.text(grade.part) if len(rubric.parts) > 1 else "",
        "notebook": cells.text(grade.notebook),
        "status": grade.status.value,
        "score": cells.number(grade.score) if judged else "",
        "max_score": cells.number(grade.max_score),
        "flags": cells.text("; ".join(grade.flags)),
        "message": cells.text(grade.message),
        "seconds": cells.number(round(grade.seconds, 1)),
        "reference": cells.text(grade.reference),
        "trained": cells.text(grade.trained),
        "evidence": cells.text(_evidence(grade)) if judged else "",
        "device": cells.text(grade.device),
        "isolation": cells.text(grade.isolation),
        "sha256": cells.text(grade.sha256),
        **_final((result,), complete=judged),
    }


def _final(results: Sequence[Result], *, complete: bool) -> dict[str, str]:
    """The lateness and the adjustments of these, taken together; without all scores there is no final one."""
    late = dict.fromkeys(_late(one.lateness) for one in results if one.lateness and one.lateness.late)
    penalties = [one.penalty for one in results if one.lateness]
    adjusted = [one.adjusted for one in results if one.adjustments]
    finals = [one.final for one in results if one.final is not None]
    complete = complete and len(finals) == len(results)
    return {
        "late": cells.text("; ".join(late)),
        "late_penalty": cells.number(sum(penalties)) if penalties else "",
        "adjusted": cells.number(sum(adjusted)) if adjusted else "",
        "final": cells.number(sum(one for one in finals if one is not None))
        if complete and None not in finals
        else "",
    }


def _late(found: Lateness) -> str:
    """By how much, or only that it was."""
    return "late" if found.seconds is None else duration(found.seconds)


def _evidence(grade: Grade) -> str:
    """How strong it is behind each comparison; why it is so is for the self-check."""
    kinds = ((check.criterion, check.evidence.partition(":")[0]) for check in grade.checks)
    return "; ".join(f"{criterion} {kind}" for criterion, kind in kinds if kind)


def _total_row(rubric: Rubric, student: str, results: Sequence[Result]) -> dict[str, str]:
    grades = [one.grade for one in results]
    by_part = {grade.part: grade for grade in grades}
    scores = [_judged_score(by_part.get(part.id)) for part in rubric.parts]
    known = [score for score in scores if score is not None]
    complete = len(known) == len(scores)
    return {
        "student": cells.text(student),
        "score": cells.number(sum(known)) if complete else "",
        "max_score": cells.number(rubric.points),
        "status": cells.text(_statuses(rubric, by_part)),
        "flags": cells.text("; ".join(_flags(rubric, grades))),
        **_final(results, complete=complete),
    }


def _judged_score(grade: Grade | None) -> float | None:
    return None if grade is None or grade.status is Status.GRADER_ERROR else grade.score


def _statuses(rubric: Rubric, by_part: dict[str, Grade]) -> str:
    """`graded` where every part is; else what is not, with its part where there are several."""
    found = [
        (part.id, by_part[part.id].status.value if part.id in by_part else "not graded yet")
        for part in rubric.parts
    ]
    others = [(part, status) for part, status in found if status != Status.GRADED.value]
    return "; ".join(_with_part(rubric, part, status) for part, status in others) or Status.GRADED.value


def _flags(rubric: Rubric, grades: Iterable[Grade]) -> list[str]:
    return [_with_part(rubric, grade.part, flag) for grade in grades for flag in grade.flags]


def _with_part(rubric: Rubric, part: str, text: str) -> str:
    return text if len(rubric.parts) == 1 else f"{part}: {text}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> Path:
    """Row by row: the messages of a class of hostile notebooks take a hundred megabytes."""
    with durable.replacing(path) as file:
        text = TextIOWrapper(file, "utf-8", newline="")
        table = csv.writer(text, lineterminator="\n")
        table.writerow([cells.text(column) for column in columns])
        table.writerows([row.get(column, "") for column in columns] for row in rows)
        text.detach()  # flushed, and left open for who opened it
    return path
