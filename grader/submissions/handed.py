"""What the systems give, and what is made of it: entries of a download, by student."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.model import Identity, Rubric, Slot


@dataclass(frozen=True, slots=True)
class Candidate:
    """A notebook that may be the one of a part.

    `stem` is its name as the student gave it, without what a system puts around it. Those with the same `attempt_of`
    are attempts at the same, of which a higher `order` is newer; None where nothing tells.
    """

    path: Path
    stem: str
    attempt_of: str | None = None
    order: float = 0.0
    handed_in: datetime | None = None
    marked_late: bool | None = None

    @classmethod
    def at(cls, path: Path) -> Candidate:
        """One of which nothing but its file is known."""
        return cls(path, path.stem)


@dataclass(frozen=True, slots=True)
class Handed:
    """What one entry says of a student, and what hindered the search; `links` lie in place of the student's folder.

    Several may be of one student.
    """

    student: str
    notebooks: tuple[Candidate, ...] = ()
    hindrances: tuple[str, ...] = ()
    links: tuple[Candidate, ...] = ()
    identity: Identity = Identity()
    handed_in: datetime | None = None
    marked_late: bool | None = None
    due: datetime | None = None
    slot: Slot = Slot()


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that may be a system's download; `root` is what the TA named, and paths are shown from there."""

    root: Path
    folder: Path
    entries: tuple[os.DirEntry[str], ...]
    rubric: Rubric


@dataclass(frozen=True, slots=True)
class Read:
    handed: tuple[Handed, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class System:
    """`read` gives None for what is not this system's.

    What is `unmistakable` is known even in a folder that could as well be a student's own.
    """

    name: str
    described: str
    read: Callable[[Place], Read | None]
    unmistakable: bool = False
