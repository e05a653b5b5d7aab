"""What an assignment asks for: its parts, their criteria, and how notebooks are run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from grader.model.terms import Compat, DeviceChoice, EpochChoice, EvidenceKind


@dataclass(frozen=True, slots=True)
class Execution:
    """How notebooks are run, and the most that one may use.

    Times in seconds, sizes in bytes. `memory` and `processes` (threads count too) hold for everything that the
    notebook starts, taken together; `processes` comes on top of what the machine's cores ask for. `tensors` is
    the most that one call of `fit` may hand to the shared trainer. `compat` lets names of an older Keras resolve to
    today's; without it nothing is adapted. `answers` are what `input()` gets, in turn.
    """

    device: DeviceChoice = DeviceChoice.AUTO
    seed: int = 0
    max_epochs: int | None = None
    timeout: float = 1200.0
    cell_timeout: float | None = None
    memory: int = 4 * 1024**3
    processes: int = 256
    open_files: int = 1024
    scratch: int = 1024**3
    scratch_files: int = 20_000
    file_size: int = 512 * 1024**2
    output: int = 8 * 1024**2
    messages: int = 100_000
    evidence: int = 16 * 1024**2
    tensors: int = 1024**3
    python: str | None = None
    compat: Compat | None = None
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutesCriterion:
    """As with all criteria, self-checks show no more of it than its points where it is `hidden`."""

    id: str
    points: float
    title: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class CodeCriterion:
    """A pattern that the student's code must match.

    `pattern`, `after` and `before` are alternatives: any one of them will do. `first` asks for the first
    statement of the notebook, `adjacent` for the statement right after the last match of `after`.
    """

    id: str
    points: float
    pattern: tuple[str, ...]
    title: str = ""
    first: bool = False
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    adjacent: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class SummaryCriterion:
    id: str
    points: float
    title: str = ""
    evidence: EvidenceKind = EvidenceKind.PRINTED
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class TrainingCriterion:
    id: str
    points: float
    title: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Tolerance:
    """NumPy's meaning: |found - expected| <= atol + rtol * |expected|, around the mean of the recorded seeds."""

    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True, slots=True)
class BandTolerance:
    """A prediction interval from the recorded seeds, at this coverage over all metrics and epochs together."""

    coverage: float = 0.999


@dataclass(frozen=True, slots=True)
class HistoryCriterion:
    """`epochs` count from 1, each once, in ascending order."""

    id: str
    points: float
    title: str = ""
    epochs: tuple[int, ...] | EpochChoice = (1,)
    tolerance: Tolerance | BandTolerance = BandTolerance()
    evidence: EvidenceKind = EvidenceKind.PRINTED
    hidden: bool = False


Comparing = SummaryCriterion | TrainingCriterion | HistoryCriterion  # hold evidence against a recording
Criterion = ExecutesCriterion | CodeCriterion | SummaryCriterion | TrainingCriterion | HistoryCriterion


@dataclass(frozen=True, slots=True)
class Part:
    """A part as one accepted reference has it; `others` are the same part as the other ones have it.

    `notebook` holds glob patterns; empty means any notebook (a one-part assignment). `program` names the reference
    where several are accepted. `criteria` are those that apply to it; all have the same total. `reference` is a
    notebook, or a text: a published output, which nobody can run.
    """

    id: str
    notebook: tuple[str, ...]
    reference: Path
    criteria: tuple[Criterion, ...]
    program: str = ""
    others: tuple[Part, ...] = ()

    @property
    def points(self) -> float:
        return sum(criterion.points for criterion in self.criteria)

    @property
    def runnable(self) -> bool:
        """Whether its reference is a notebook."""
        return self.reference.suffix.lower() == ".ipynb"

    @property
    def compares(self) -> bool:
        """Whether any criterion needs a recording."""
        return any(isinstance(criterion, Comparing) for criterion in self.criteria)

    @property
    def accepted(self) -> tuple[Part, ...]:
        """Each by itself."""
        return (replace(self, others=()), *self.others)

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.id} ({self.program})" if self.program else self.id

    @property
    def columns(self) -> tuple[str, ...]:
        """The ids of all criteria, each once; those that only another reference has follow the first one's."""
        return tuple(dict.fromkeys(criterion.id for part in self.accepted for criterion in part.criteria))


@dataclass(frozen=True, slots=True)
class StudentNames:
    """Who handed in what, where no system's names tell: an expression over paths, or a CSV file."""

    pattern: str = ""
    mapping: Path | None = None


class Resubmissions(StrEnum):
    """Which of several attempts at the same counts."""

    NEWEST = "newest"
    FIRST = "first"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """What being late costs, as shares of a part's points; a day or an hour that has begun counts as a whole one.

    `grace` in seconds, within which nothing is taken off; `marked` where it is only known that it was late.
    """

    due: datetime | None = None
    grace: float = 0.0
    per_day: float = 0.0
    per_hour: float = 0.0
    marked: float = 0.0
    most: float = 1.0


@dataclass(frozen=True, slots=True)
class Rubric:
    """Paths are absolute; `datasets` maps the name that notebooks ask for to the file that holds it."""

    path: Path
    assignment: str
    title: str
    points: float
    execution: Execution
    datasets: Mapping[str, Path]
    parts: tuple[Part, ...]
    students: StudentNames | None = None
    resubmissions: Resubmissions = Resubmissions.NEWEST
    late_policy: LatePolicy | None = None
