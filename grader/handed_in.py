"""`handed_in.json`: who handed in what and when, for exports and reports that come long after the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from grader import durable
from grader.errors import UsageError
from grader.evidence.form import FormError, read
from grader.model import Found, Identity, Slot

NAME: Final = "handed_in.json"
MOST: Final = 64 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Hand:
    """One submission, as it was found; times have zones. `due` is the student's own due date."""

    student: str
    part: str
    identity: Identity = field(default_factory=Identity)
    handed_in: datetime | None = None
    marked_late: bool | None = None
    due: datetime | None = None
    slot: Slot = field(default_factory=Slot)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """`sha256` is the archive's, where there was one."""

    system: str = ""
    remarks: tuple[str, ...] = ()
    submissions: tuple[Hand, ...] = ()
    sha256: str = ""

    def by_place(self) -> Mapping[tuple[str, str], Hand]:
        """By student and part."""
        return {(one.student, one.part): one for one in self.submissions}


@dataclass(frozen=True, slots=True)
class _Row:
    student: str
    part: str
    identity: Identity = field(default_factory=Identity)
    handed_in: str | None = None
    marked_late: bool | None = None
    due: str | None = None
    slot: Slot = field(default_factory=Slot)


@dataclass(frozen=True, slots=True)
class _File:
    system: str
    remarks: tuple[str, ...]
    submissions: tuple[_Row, ...]
    sha256: str = ""


def store(out: Path, found: Found) -> None:
    """Raises OSError."""
    rows = [
        {
            "student": one.student,
            "part": one.part,
            "identity": asdict(one.identity),
            "handed_in": one.handed_in and one.handed_in.isoformat(),
            "marked_late": one.marked_late,
            "due": one.due and one.due.isoformat(),
            "slot": asdict(one.slot),
        }
        for one in found.submissions
    ]
    told = {"system": found.system, "remarks": found.remarks, "sha256": found.sha256, "submissions": rows}
    durable.replace(out / NAME, (json.dumps(told, indent=1) + "\n").encode())


def load(out: Path) -> HandedIn:
    """Nothing where there is no such file; UsageError where it is damaged."""
    path = out / NAME
    if not path.exists():
        return HandedIn()
    try:
        with path.open("rb") as file:
            told = read(_File, json.loads(file.read(MOST)))
        rows = tuple(_hand(row) for row in told.submissions)
    except (FormError, ValueError, RecursionError):
        raise UsageError(
            f"'{path}' is damaged; expected what `grader grade` wrote. Give it again: it runs nothing twice"
        ) from None
    return HandedIn(told.system, told.remarks, rows, told.sha256)


def _hand(row: _Row) -> Hand:
    times = _time(row.handed_in), _time(row.due)
    return Hand(row.student, row.part, row.identity, times[0], row.marked_late, times[1], row.slot)


def _time(text: str | None) -> datetime | None:
    """ValueError where it is none, or has no zone."""
    found = datetime.fromisoformat(text) if text else None
    if found is not None and found.tzinfo is None:
        raise ValueError(text)
    return found
