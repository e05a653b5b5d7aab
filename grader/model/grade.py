"""The outcome for one submission."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.evidence import Environment
from grader.model.terms import Status

# The columns of scores.csv around the criteria's own; no criterion may be called like one of them.
COLUMNS_BEFORE = ("student", "part", "notebook", "status", "score", "max_score")
COLUMNS_AFTER = ("flags", "message", "seconds", "reference", "trained", "evidence", "device", "isolation", "sha256")


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
