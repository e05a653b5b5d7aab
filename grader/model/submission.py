"""What a student handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """What the system that notebooks were downloaded from calls a student; empty where it does not say.

    `id` is the system's own number or code, `login` what the student signs in with.
    """

    name: str = ""
    id: str = ""
    login: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the system that notebooks were downloaded from takes an answer back; empty where it does not say.

    `user` is its own number of the student, `file` that of a file that was handed in. No person completes these, as
    they may complete an identity: a wrong one would show a student somebody else's feedback.
    """

    user: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's notebook for one part.

    `notebooks` holds every candidate found: exactly one where it can be run, none where it is missing,
    several where it is ambiguous. `sha256` is the only candidate's digest, or empty. `handed_in` is when, with a
    time zone; `marked_late` what the system says of it, None where it says nothing; `due` is the student's own
    due date.
    """

    student: str
    part: str
    notebooks: tuple[Path, ...]
    sha256: str = ""
    reason: str = ""
    identity: Identity = Identity()
    handed_in: datetime | None = None
    marked_late: bool | None = None
    due: datetime | None = None
    slot: Slot = Slot()


@dataclass(frozen=True, slots=True)
class Found:
    """All submissions, and the system that they were downloaded from.

    `remarks` are for the TA: which system it is, and what did not go by its rules. `sha256` is the archive's, where
    they were in one.
    """

    system: str
    submissions: tuple[Submission, ...]
    remarks: tuple[str, ...] = ()
    sha256: str = ""
