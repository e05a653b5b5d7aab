"""What a student handed in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's notebook for one part.

    `notebooks` holds every candidate found: exactly one where it can be run, none where it is missing,
    several where it is ambiguous. `sha256` is the only candidate's digest, or empty.
    """

    student: str
    part: str
    notebooks: tuple[Path, ...]
    sha256: str = ""
    reason: str = ""
