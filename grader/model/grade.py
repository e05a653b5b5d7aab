"""The outcome for one submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from grader.model.evidence import Environment
from grader.model.submission import Identity
from grader.model.terms import Status

# The columns of scores.csv around the criteria's own; no criterion may be called like one of them.
COLUMNS_BEFORE = ("student", "part", "notebook", "status", "score", "max_score")
COLUMNS_AFTER = ("flags", "message", "seconds", "reference", "trained", "evidence", "device", "isolation", "sha256")
COLUMNS_FINAL = ("late", "late_penalty", "adjusted", "final")  # at the end of every table of scores


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one criterion: `why` is empty where all points were earned.

    `evidence` says of what was compared how strong the evidence is, and why: "verified: the grader trained it".
    What is `hidden` is for the TA: a self-check shows its points alone.
    """

    criterion: str
    title: str
    points: float
    max_points: float
    expected: str = ""
    found: str = ""
    why: str = ""
    next_step: str = ""
    flags: tuple[str, ...] = ()
    evidence: str = ""
    hidden: bool = False

    @property
    def passed(self) -> bool:
        return self.points >= self.max_points and not self.why


@dataclass(frozen=True, slots=True)
class Grade:
    """All checks of one submission.

    `score` is None where the trouble was ours; `reason` says why the status is not "graded", `message` that and
    what each failed check found. `trained` says where the history of the judged training came from: `shared` where
    the shared trainer gave it, `kernel` where the notebook's own kernel trained, `none` where nothing was trained.
    `reference` names the accepted reference that it was judged against, where the part accepts several.
    """

    student: str
    part: str
    notebook: str
    status: Status
    score: float | None
    max_score: float
    checks: tuple[Check, ...] = ()
    flags: tuple[str, ...] = ()
    reason: str = ""
    message: str = ""
    seconds: float = 0.0
    reference: str = ""
    trained: str = "none"
    device: str = ""
    isolation: str = ""
    sha256: str = ""
    environment: Environment | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points that a person added (or took away, where negative) after grading, who, and when that was first seen.

    `part` and `criterion` are empty where it is for all of what the student handed in.
    """

    student: str
    part: str
    criterion: str
    points: float
    reason: str
    by: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Lateness:
    """`seconds` after the due date, None where nothing tells; `penalty` in points, 0 or more; `why` in words."""

    late: bool
    seconds: float | None
    penalty: float
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """A grade, and what people and dates made of it; the grade itself stays as it was."""

    grade: Grade
    identity: Identity = field(default_factory=Identity)
    handed_in: datetime | None = None
    lateness: Lateness | None = None
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def adjusted(self) -> float:
        """The sum of the adjustments, in points."""
        return sum(one.points for one in self.adjustments)

    @property
    def penalty(self) -> float:
        return self.lateness.penalty if self.lateness else 0.0

    @property
    def final(self) -> float | None:
        """Never below 0; None where the score is, since trouble of ours must not become a 0."""
        if self.grade.score is None:
            return None
        return max(0.0, round(self.grade.score + self.adjusted - self.penalty, 4))
