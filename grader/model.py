"""The values that pass between the stages: frozen, and free of behaviour that needs anything but Python.

In the order of the story: a rubric and its criteria, a submission, the evidence that running it left
behind, the structures read from its printed text, the recording it is held against, and the grade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Status(StrEnum):
    """How a submission's run ended; all but `GRADER_ERROR` are scored from whatever evidence there is."""

    GRADED = "graded"
    NOTEBOOK_ERROR = "notebook_error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_LIMIT = "output_limit"
    DISK_LIMIT = "disk_limit"
    PROCESS_LIMIT = "process_limit"
    KERNEL_DIED = "kernel_died"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    NO_EVIDENCE = "no_evidence"
    GRADER_ERROR = "grader_error"


class Device(StrEnum):
    CPU = "cpu"
    GPU = "gpu"


class DeviceChoice(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    GPU = "gpu"


class EvidenceKind(StrEnum):
    """How strong the evidence is that a criterion asks for."""

    PRINTED = "printed"
    OBSERVED = "observed"


# --- rubric ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Execution:
    """How notebooks are run. `timeout` in seconds, `memory` and `output` in bytes."""

    device: DeviceChoice = DeviceChoice.AUTO
    seed: int = 0
    max_epochs: int | None = None
    timeout: float = 1200.0
    memory: int = 4 * 1024**3
    output: int = 8 * 1024**2
    python: str | None = None


@dataclass(frozen=True, slots=True)
class ExecutesCriterion:
    id: str
    points: float
    title: str = ""


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


@dataclass(frozen=True, slots=True)
class SummaryCriterion:
    id: str
    points: float
    title: str = ""
    evidence: EvidenceKind = EvidenceKind.PRINTED


@dataclass(frozen=True, slots=True)
class TrainingCriterion:
    id: str
    points: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """NumPy's meaning: |found - expected| <= atol + rtol * |expected|, around the mean of the recorded seeds."""

    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True, slots=True)
class BandTolerance:
    """A prediction interval from the recorded seeds, at this coverage over all metrics together."""

    coverage: float = 0.999


@dataclass(frozen=True, slots=True)
class HistoryCriterion:
    """`epoch` counts from 1."""

    id: str
    points: float
    title: str = ""
    epoch: int = 1
    tolerance: Tolerance | BandTolerance = BandTolerance()
    evidence: EvidenceKind = EvidenceKind.PRINTED


Comparing = SummaryCriterion | TrainingCriterion | HistoryCriterion  # hold evidence against a recording
Criterion = ExecutesCriterion | CodeCriterion | SummaryCriterion | TrainingCriterion | HistoryCriterion


@dataclass(frozen=True, slots=True)
class Part:
    """`notebook` holds glob patterns; empty means any notebook (a one-part assignment)."""

    id: str
    notebook: tuple[str, ...]
    reference: Path
    criteria: tuple[Criterion, ...]

    @property
    def points(self) -> float:
        return sum(criterion.points for criterion in self.criteria)

    @property
    def compares(self) -> bool:
        """Whether any criterion needs a recording."""
        return any(isinstance(criterion, Comparing) for criterion in self.criteria)


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


# --- submission --------------------------------------------------------------------------------------------


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


# --- evidence ----------------------------------------------------------------------------------------------

Scalar = bool | int | float | str | None
Setting = Scalar | tuple[Scalar, ...]


UNREADABLE = -1  # parameters of a printed layer whose table was too narrow for the number


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, observed or printed.

    `output_shape` is written as Keras prints it, "(None, 26, 26, 32)", or "?" where it is not known.
    `settings` are the scalars (and flat lists) of the layer's config, empty for a printed layer. Printed
    names and kinds may be cut: they then end in "…"; a count that was cut is `UNREADABLE`.
    """

    name: str
    kind: str
    output_shape: str
    parameters: int
    settings: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelSnapshot:
    """A model as it stood at one time. `model` numbers the notebook's models in order of appearance, from 0."""

    model: int
    name: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class SummaryCall:
    """A call of `model.summary()`; `snapshot` indexes `Observations.snapshots`, `cell` counts code cells from 1."""

    snapshot: int
    cell: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """What `compile` was given, in canonical names; `learning_rate` is None where it is a schedule."""

    optimizer: str
    learning_rate: float | None
    loss: str
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArrayFacts:
    """An array that `fit` received. `digest` is of the values cast to floatx and rounded to 5 decimals.

    Where it could not be looked at (a tf.data pipeline, a generator), `unknown` says why and the rest is None.
    """

    shape: tuple[int, ...] | None = None
    digest: str | None = None
    low: float | None = None
    high: float | None = None
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """One call of `fit`.

    `epochs` is what the student asked for, counted from `initial_epoch`; `epochs_trained` what was really
    trained; `cap` the epochs that the rubric's `max_epochs` left for this call (None: not capped).
    `arrays` has the keys x, y, validation x, validation y. `history` holds one value per trained epoch; values
    may be NaN or infinite. `finished` is False where `fit` raised or was cut short.
    """

    snapshot: int
    cell: int
    compiled: Compiled
    batch_size: int | None
    epochs: int
    initial_epoch: int
    epochs_trained: int
    cap: int | None
    samples: int | None
    validation_samples: int | None
    validation_split: float
    arrays: Mapping[str, ArrayFacts]
    history: Mapping[str, tuple[float, ...]]
    finished: bool


@dataclass(frozen=True, slots=True)
class Observations:
    """What the probe saw Keras do in the student's kernel."""

    snapshots: tuple[ModelSnapshot, ...] = ()
    summaries: tuple[SummaryCall, ...] = ()
    compiles: tuple[Compiled, ...] = ()
    fits: tuple[Fit, ...] = ()


class Outcome(StrEnum):
    RAN = "ran"
    RAISED = "raised"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class CellError:
    """`line` is the line of the cell, from 1, at which its own code stopped; 0 where nothing of it ran."""

    name: str
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell; `number` counts the notebook's code cells from 1. `text` is what it showed, as plain text."""

    number: int
    source: str
    outcome: Outcome
    text: str = ""
    error: CellError | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """What a run was made on. `versions` maps distributions (and "python") to versions."""

    versions: Mapping[str, str]
    platform: str
    cpu: str
    device: Device
    gpu: str = ""
    threads: int = 0
    deterministic: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What running a submission left behind, as its sandbox tells it: forgeable, hence only ever compared."""

    ended: Status
    reason: str
    cells: tuple[Cell, ...]
    observed: Observations
    environment: Environment | None
    seconds: float


# --- printed text ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A summary table read from printed text; `total` is its "Total params" line, None where there is none."""

    layers: tuple[Layer, ...]
    total: int | None = None


class HistoryForm(StrEnum):
    PAIRS = "pairs"
    MAPPING = "mapping"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class PrintedHistory:
    """A history read from printed text.

    `metrics` maps canonical metric names to the printed numbers, kept as text so that the printed digits
    are known: one number an epoch, or a single one where only one epoch's figure was printed.
    """

    form: HistoryForm
    metrics: Mapping[str, tuple[str, ...]]


METRIC_ALIASES = {"acc": "accuracy", "val_acc": "val_accuracy"}


def canonical_metric(name: str) -> str:
    """`acc` and `accuracy` are one metric."""
    return METRIC_ALIASES.get(name, name)


# --- recording ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeedRun:
    """One run of the reference under one seed: metric -> one value per trained epoch."""

    seed: int
    history: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Recording:
    """The stored evidence of a reference run.

    `fit.history` is empty: the histories are in `runs`. A reference that trains nothing has no `fit`.
    """

    part: str
    reference_sha256: str
    max_epochs: int | None
    datasets: Mapping[str, str]
    layers: tuple[Layer, ...]
    fit: Fit | None
    runs: tuple[SeedRun, ...]
    environment: Environment


@dataclass(frozen=True, slots=True)
class Interval:
    """The closed interval that a metric may lie in, `how` it was obtained, and the recorded centre."""

    low: float
    high: float
    centre: float
    how: str


# --- grade -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one criterion: `why` is empty where all points were earned."""

    criterion: str
    title: str
    points: float
    max_points: float
    expected: str = ""
    found: str = ""
    why: str = ""
    next_step: str = ""
    flags: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.points >= self.max_points and not self.why


@dataclass(frozen=True, slots=True)
class Grade:
    """All checks of one submission.

    `score` is None where the trouble was ours; `reason` says why the status is not "graded", `message` that and
    what each failed check found; `trained` is kernel or none.
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
    trained: str = "none"
    device: str = ""
    isolation: str = "none"
    sha256: str = ""
    environment: Environment | None = None
