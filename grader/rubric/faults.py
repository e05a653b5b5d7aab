"""Faults of a rubric: what stands where, and what may stand there."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_SHOWN = 100
LONGEST_QUOTED = 60


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """`line` counts from 1; `where` is a path of keys such as "parts.part1.criteria[runs].points"."""

    line: int
    where: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.line}: {self.where}: found {self.found}; allowed: {self.allowed}"


class RubricError(UsageError):
    """Faults of a rubric, one a line, in order of line."""

    def __init__(self, path: Path, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        lines = [f"{path}:{fault}" for fault in self.faults[:MOST_SHOWN]]
        if len(self.faults) > MOST_SHOWN:
            lines.append(f"{path}: and {len(self.faults) - MOST_SHOWN} faults more")
        super().__init__("\n".join(lines))


def quoted(text: str) -> str:
    """The value in quotes: on one line, with what cannot be printed escaped, cut where it is long."""
    return repr(text if len(text) <= LONGEST_QUOTED else text[: LONGEST_QUOTED - 1] + "…")


def one_of(names: Iterable[str], found: str = "") -> str:
    """List the allowed names, and the one among them that was probably meant."""
    allowed = list(names)
    near = get_close_matches(found[:LONGEST_QUOTED], allowed, n=1)
    return ", ".join(map(repr, allowed)) + (f" (did you mean {near[0]!r}?)" if near else "")
