"""`adjustments.csv`: points that a person adds after grading, or takes away, with the reason.

A line has student, criterion, points and reason; `by` and `when` may follow. The file is its writer's: the grader
reads it at every run and never changes it, so that adjustments outlive every re-grading. A line without `by` is its
owner's, and one without `when` is of the time at which the grader first saw it; both are noted beside the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader import durable
from grader.errors import UsageError
from grader.model import Adjustment, Rubric

NAME = "adjustments.csv"
SEEN = "adjustments.seen.json"
MOST = 16 * 2**20  # bytes
COLUMNS = ("student", "criterion", "points", "reason")
EXPECTED = "expected the columns student, criterion, points, reason, and by and when if you like"
MOST_FAULTS = 20  # that are listed


@dataclass(frozen=True, slots=True)
class _Line:
    """One line as it was written; `number` counts the file's lines from 1."""

    number: int
    cells: Mapping[str, str]

    def get(self, name: str) -> str:
        return (self.cells.get(name) or "").strip()

    @property
    def digest(self) -> str:
        written = json.dumps([self.get(name) for name in COLUMNS], ensure_ascii=False)
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def load(path: Path, rubric: Rubric, now: datetime | None = None) -> tuple[Adjustment, ...]:
    """What the file holds; nothing where there is none. Raises UsageError with all of its faults at once.

    What is seen for the first time is noted beside the file, with the time.
    """
    if not path.exists():
        return ()
    lines = list(_lines(path))
    faults = [f"line {line.number}: {fault}" for line in lines for fault in _faults(line, rubric)]
    if faults:
        more = [f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
        raise UsageError("\n".join([f"'{path}' cannot be used:", *faults[:MOST_FAULTS], *more]))
    seen = _noted(path, lines, now or datetime.now(UTC))
    return tuple(_adjustment(line, rubric, *seen[line.digest]) for line in lines)


def unknown(adjustments: Iterable[Adjustment], students: Iterable[str]) -> Iterator[str]:
    """A remark for each that is about nobody: it is kept, and counts for nothing."""
    known = set(students)
    for one in adjustments:
        if one.student not in known:
            yield (
                f"{NAME}: nobody here is called '{one.student}', so {one.points:g} points for them count for "
                "nothing; names are as the column student of scores.csv has them"
            )


def _lines(path: Path) -> Iterator[_Line]:
    text = _text(path)
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [(name or "").strip().lower() for name in table.fieldnames or ()]
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise UsageError(f"'{path}' has no column '{missing[0]}'; {EXPECTED}")
        table.fieldnames = names
        for row in table:
            if any(isinstance(value, str) and value.strip() for value in row.values()):
                yield _Line(table.line_num, row)
    except csv.Error as error:
        raise UsageError(f"'{path}', line {table.line_num}: {error}; expected a CSV file") from None


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise UsageError(f"'{path}' holds more than {MOST // 2**20} MiB; {EXPECTED}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"'{path}', line {line}: it is not UTF-8; save it as 'CSV UTF-8'") from None


def _faults(line: _Line, rubric: Rubric) -> Iterator[str]:
    if not line.get("student"):
        yield "there is no student; expected a name as in scores.csv"
    if _points(line) is None:
        yield f"'{line.get('points')}' is no number of points; expected one such as 2.5 or -5"
    if not line.get("reason"):
        yield "there is no reason; write one, for the student will read it"
    name = line.get("criterion")
    if _place(name, rubric) is None:
        known = ", ".join(f"'{one}'" for one in _names(rubric))
        yield f"'{name}' is no criterion of the rubric; expected one of {known}, or nothing for the whole"
    if line.get("when") and _when(line) is None:
        yield f"'{line.get('when')}' is no date; expected one such as 2026-05-01 or 2026-05-01T14:30+02:00"


def _points(line: _Line) -> float | None:
    with suppress(ValueError):
        points = float(line.get("points").replace("\N{MINUS SIGN}", "-").removeprefix("'").replace(",", "."))
        return points if math.isfinite(points) else None
    return None


def _when(line: _Line) -> datetime | None:
    """A time without a zone is this machine's."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromisoformat(line.get("when")).astimezone(UTC)
    return None


def _names(rubric: Rubric) -> list[str]:
    several = len(rubric.parts) > 1
    return [f"{part.id}.{one}" if several else one for part in rubric.parts for one in part.columns]


def _place(name: str, rubric: Rubric) -> tuple[str, str] | None:
    """The part and the criterion; the part alone, or nothing, stand for the whole of it. None for neither."""
    places: dict[str, tuple[str, str]] = {"": ("", "")}
    for part in rubric.parts:
        places |= {part.id: (part.id, "")} | {f"{part.id}.{one}": (part.id, one) for one in part.columns}
        if len(rubric.parts) == 1:
            places |= {one: (part.id, one) for one in part.columns}
    return places.get(name)


def _adjustment(line: _Line, rubric: Rubric, by: str, when: str) -> Adjustment:
    part, criterion = _place(line.get("criterion"), rubric) or ("", "")
    return Adjustment(
        student=line.get("student"),
        part=part,
        criterion=criterion,
        points=_points(line) or 0.0,
        reason=line.get("reason"),
        by=line.get("by") or by,
        when=_when(line) or datetime.fromisoformat(when),
    )


# --- who and when ------------------------------------------------------------------------------------------


def _noted(path: Path, lines: Iterable[_Line], now: datetime) -> dict[str, tuple[str, str]]:
    """By the line's digest: the file's owner, and when the line was first seen."""
    beside = path.with_name(SEEN)
    before = _seen(beside)
    owner = _owner(path)
    seen = {line.digest: before.get(line.digest, (owner, now.astimezone(UTC).isoformat())) for line in lines}
    if seen != before:
        durable.replace(beside, (json.dumps(seen, indent=1) + "\n").encode())
    return seen


def _seen(beside: Path) -> dict[str, tuple[str, str]]:
    if not beside.exists():
        return {}
    try:
        found = json.loads(beside.read_bytes())
        known = {str(key): (str(by), str(when)) for key, (by, when) in found.items()}
        for _, when in known.values():
            datetime.fromisoformat(when)
    except (ValueError, TypeError, AttributeError):
        raise UsageError(
            f"'{beside}' is damaged: it says who made which adjustment, and when. Put a copy of it in its place, "
            "or remove it: the adjustments then count as seen now"
        ) from None
    return known


def _owner(path: Path) -> str:
    """The account that the file belongs to; its number where it has no name, nothing where systems do not tell."""
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"
    except (NotImplementedError, OSError):
        return ""
