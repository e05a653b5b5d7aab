"""What is kept of a grade, and how it is written.

Names of students are file names, and need not be text that can be encoded; so keys and JSON are stored as bytes, in
UTF-8 with surrogates let through. The order of such bytes is the order of Python's strings.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from grader.evidence.form import read
from grader.model import Attempt, Evaluated, Grade, SharedFit, Status

LEVEL = 1  # of compression: evidence shrinks to a fifth, at a fourth of what the best would cost


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an attempt beside its evidence: all else that judging it again looks at."""

    status: Status
    reason: str
    seconds: float
    isolation: str
    sha256: str
    notes: tuple[str, ...] = ()
    served: tuple[SharedFit, ...] = ()
    evaluated: tuple[Evaluated, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished grade. `run` and `judging` are fingerprints of all that it depends on, as in `resume`.

    `kept` is None where nothing was run. `evidence` is what came out then, compressed and not decoded; None where
    nothing did. `finished` is when the grade was made, in UTC.
    """

    grade: Grade
    run: str
    judging: str
    kept: Kept | None
    evidence: bytes | None
    finished: datetime


def entry_of(grade: Grade, attempt: Attempt | None, run: str, judging: str) -> Entry:
    """What to put into the ledger now; compresses the evidence."""
    kept = None if attempt is None else _kept(attempt)
    packed = None if attempt is None or attempt.raw is None else zlib.compress(attempt.raw, LEVEL)
    return Entry(grade, run, judging, kept, packed, datetime.now(UTC))


def _kept(attempt: Attempt) -> Kept:
    return Kept(
        attempt.status,
        attempt.reason,
        attempt.seconds,
        attempt.isolation,
        attempt.sha256,
        attempt.notes,
        attempt.served,
        attempt.evaluated,
    )


def unpacked(packed: bytes, most: int) -> bytes:
    """The evidence as it came out, or its first `most` + 1 bytes. Raises `zlib.error` where it is damaged."""
    stream = zlib.decompressobj()
    data = stream.decompress(packed, most + 1)
    if not stream.eof and len(data) <= most:
        raise zlib.error("it ends early")
    return data


Row = tuple[Any, ...]  # the columns of the ledger's table, in their order


def to_row(entry: Entry) -> Row:
    return (
        as_bytes(entry.grade.student),
        as_bytes(entry.grade.part),
        entry.run,
        entry.judging,
        entry.finished.astimezone(UTC).isoformat(),
        _written(entry.grade),
        entry.kept and _written(entry.kept),
        entry.evidence,
    )


def from_row(row: Row) -> Entry:
    """Raises ValueError where the row is not as `to_row` makes them."""
    _student, _part, run, judging, finished, grade, kept, evidence = row
    return Entry(
        stored_grade(grade),
        run,
        judging,
        None if kept is None else read(Kept, _parsed(kept)),
        evidence,
        datetime.fromisoformat(finished),
    )


def stored_grade(data: bytes) -> Grade:
    return read(Grade, _parsed(data))


def _written(value: Grade | Kept) -> bytes:
    """JSON, with NaN and infinities as Python writes them."""
    return json.dumps(value, ensure_ascii=False, default=_plain).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> dict[str, Any]:
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: getattr(value, name) for name in _names(kind)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a '{type(value).__name__}' has no place in a ledger")


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _parsed(data: bytes) -> Any:
    return json.loads(data.decode("utf-8", "surrogatepass"))


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
