"""scores.csv, one row a student and part, and totals.csv, one row a student.

Both are opened with spreadsheets, and hold texts that students chose: names, file names, messages that quote their
code. A spreadsheet runs a cell that begins like a formula, so such a text gets an apostrophe in front, which a
spreadsheet shows as text. Where the list separator is a semicolon, a text is cut there; what follows one is treated
as a beginning, too. The price is an apostrophe that a program must strip from such texts. Numbers are ours and
stay numbers.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from io import TextIOWrapper
from itertools import groupby
from typing import TYPE_CHECKING

from grader import durable
from grader.model import COLUMNS_AFTER, COLUMNS_BEFORE, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from grader.model import Grade, Rubric

_TOTALS = ("student", "score", "max_score", "status", "flags")


def write_scores(folder: Path, rubric: Rubric, grades: Iterable[Grade]) -> Path:
    """One row a grade, in order of student, then of the rubric's parts. Raises OSError.

    The grades come in order of student, as a ledger gives them: those of one student are in memory at a time.
    """
    columns = (*COLUMNS_BEFORE, *_criterion_columns(rubric), *COLUMNS_AFTER)
    rows = (_score_row(rubric, grade) for theirs in _by_student(rubric, grades) for grade in theirs)
    return _write(folder / "scores.csv", columns, rows)


def write_totals(folder: Path, rubric: Rubric, grades: Iterable[Grade]) -> Path:
    """One row a student, in the same order; the score is blank until every part has one. Raises OSError."""
    rows = (_total_row(rubric, theirs[0].student, theirs) for theirs in _by_student(rubric, grades))
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


def _score_row(rubric: Rubric, grade: Grade) -> dict[str, str]:
    judged = grade.status is not Status.GRADER_ERROR
    points = {_column(rubric, grade.part, check.criterion): _number(check.points) for check in grade.checks}
    return {
        **(points if judged else {}),
        "student": _text(grade.student),
        "part": _text(grade.part) if len(rubric.parts) > 1 else "",
        "notebook": _text(grade.notebook),
        "status": grade.status.value,
        "score": _number(grade.score) if judged else "",
        "max_score": _number(grade.max_score),
        "flags": _text("; ".join(grade.flags)),
        "message": _text(grade.message),
        "seconds": _number(round(grade.seconds, 1)),
        "reference": _text(grade.reference),
        "trained": _text(grade.trained),
        "evidence": _text(_evidence(grade)) if judged else "",
        "device": _text(grade.device),
        "isolation": _text(grade.isolation),
        "sha256": _text(grade.sha256),
    }


def _evidence(grade: Grade) -> str:
    """How strong it is behind each comparison; why it is so is for the self-check."""
    kinds = ((check.criterion, check.evidence.partition(":")[0]) for check in grade.checks)
    return "; ".join(f"{criterion} {kind}" for criterion, kind in kinds if kind)


def _total_row(rubric: Rubric, student: str, grades: Sequence[Grade]) -> dict[str, str]:
    by_part = {grade.part: grade for grade in grades}
    scores = [_judged_score(by_part.get(part.id)) for part in rubric.parts]
    known = [score for score in scores if score is not None]
    return {
        "student": _text(student),
        "score": _number(sum(known)) if len(known) == len(scores) else "",
        "max_score": _number(rubric.points),
        "status": _text(_statuses(rubric, by_part)),
        "flags": _text("; ".join(_flags(rubric, grades))),
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
        table.writerow([_text(column) for column in columns])
        table.writerows([row.get(column, "") for column in columns] for row in rows)
        text.detach()  # flushed, and left open for who opened it
    return path


def _number(value: float | None) -> str:
    """The shortest decimal: 15, 18.75; blank where there is none."""
    if value is None:
        return ""
    digits = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


# What a program takes for the end of a line or a cell, and what turns the reading order of the rest around.
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PIECE = re.compile(r"[^;]+")


def _text(value: str) -> str:
    """A text as one line that no spreadsheet runs."""
    shown = _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", value))
    return _PIECE.sub(lambda piece: _defuse(piece.group()), shown)


def _defuse(piece: str) -> str:
    return f"'{piece}" if _is_formula(piece) else piece


def _is_formula(piece: str) -> bool:
    """Blanks, quotes and unseen characters in front do not stop a spreadsheet, nor do full-width signs."""
    for character in piece:
        if character.isspace() or character == '"' or unicodedata.category(character) in {"Cf", "Mn", "Co", "Cn"}:
            continue
        return unicodedata.normalize("NFKC", character)[0] in "=+-@\N{MINUS SIGN}"
    return False
