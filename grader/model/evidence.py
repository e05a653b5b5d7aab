"""What running a notebook left behind: cells, observations, environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.model.terms import Device, Status

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
    may be NaN or infinite. `finished` is False where `fit` raised or was cut short. `continued` says that its model
    had learnt before: by another fit, by itself, or in the file from which it was loaded.
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
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Observations:
    """What the probe saw Keras do in the student's kernel.

    `replaced` names members of Keras and of Python's builtins that were no longer their own when something was
    trained, as "'keras.src.models.sequential.Sequential.train_step' was replaced". `evaluations` are the figures
    that calls of `evaluate` returned, whatever their metrics; `stepped` says that a model learnt outside `fit`.
    `adapted` says what the rubric's `compat` has adapted, as "keras.layers.core is now keras.layers".
    """

    snapshots: tuple[ModelSnapshot, ...] = ()
    summaries: tuple[SummaryCall, ...] = ()
    compiles: tuple[Compiled, ...] = ()
    fits: tuple[Fit, ...] = ()
    replaced: tuple[str, ...] = ()
    evaluations: tuple[float, ...] = ()
    stepped: bool = False
    adapted: tuple[str, ...] = ()


class Outcome(StrEnum):
    RAN = "ran"
    RAISED = "raised"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class CellError:
    """`line` is the line of the cell, from 1, at which its own code stopped; 0 where nothing of it ran.

    `at_line` of the cell `at_cell` is where the error was raised: in a function of the student's, as a rule. Both
    are 0 where that is not known.
    """

    name: str
    message: str
    line: int
    at_cell: int = 0
    at_line: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell; `number` counts the notebook's code cells from 1. `text` is what it showed, as plain text.

    `saved` is what the handed-in file showed as this cell's output, not what ran; it ends in "…" where it was cut.
    """

    number: int
    source: str
    outcome: Outcome
    text: str = ""
    error: CellError | None = None
    saved: str = ""


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


@dataclass(frozen=True, slots=True)
class SharedFit:
    """A training that the shared trainer gave to a notebook.

    `digest` is the key that it is kept under, in hexadecimal; `history` holds one value per epoch, and may hold
    NaN and infinities; `seconds` is what the training itself cost, whoever paid for it; `source` says where it
    came from. `arrays` has the digests of its data as in `ArrayFacts`, as far as they are known.
    """

    digest: str
    history: Mapping[str, tuple[float, ...]]
    seconds: float
    source: str
    arrays: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the grader found when it evaluated a model that a notebook's own kernel had trained.

    `fit` counts the notebook's calls of `fit` from 0. `figures` has the metrics of the validation as histories name
    them (`val_loss`), `arrays` the digests of the data as in `ArrayFacts`; `split` is the share of it that was
    validated on, 0 where all was. `layers` and `loss` are those of the model as it was built again. Where it could
    not be evaluated, `why` says so and the rest is empty.
    """

    fit: int
    figures: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    why: str = ""
    loss: str = ""
    split: float = 0.0
