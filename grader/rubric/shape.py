"""What each field of rubric.yaml may hold. The JSON Schema for editors comes from these models too."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from grader import moments
from grader.model import Compat, DeviceChoice, EpochChoice, EvidenceKind, Resubmissions
from grader.rubric.quantities import Deduction, Duration, EvidenceSize, OutputSize, Room, Size

ID_PATTERN: Final = "^[A-Za-z][A-Za-z0-9_]{0,63}$"
FILE_PATTERN: Final = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$"
PATTERNS: Final = {
    ID_PATTERN: "a letter, then letters, digits or '_', 64 characters at most",
    FILE_PATTERN: "a plain file name of letters, digits, '_', '.' and '-'",
}


def _listed(value: object) -> object:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return value
    raise PydanticCustomError("texts", "text, or a list of texts")


_SCHEMA_TEXTS = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    ]
}
_SCHEMA_IDS = {
    "anyOf": [
        {"type": "string", "pattern": ID_PATTERN},
        {"type": "array", "items": {"type": "string", "pattern": ID_PATTERN}, "minItems": 1},
    ]
}
Text = Annotated[str, StringConstraints(min_length=1)]
Texts = Annotated[list[Text], BeforeValidator(_listed), Field(min_length=1), WithJsonSchema(_SCHEMA_TEXTS)]
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Ids = Annotated[list[Id], BeforeValidator(_listed), Field(min_length=1), WithJsonSchema(_SCHEMA_IDS)]
FileName = Annotated[str, StringConstraints(pattern=FILE_PATTERN)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Evidence = Annotated[EvidenceKind, Field(strict=False)]


def _moment(value: str) -> str:
    if moments.read(value) is None:
        raise PydanticCustomError("moment", moments.EXPECTED)
    return value


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class ExecutionShape(Shape):
    """How notebooks are run."""

    device: Annotated[DeviceChoice, Field(strict=False)] = DeviceChoice.AUTO
    """auto takes the device that the recording was made on."""
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Seed of all random sources, set before the first cell."""
    max_epochs: Annotated[int, Field(ge=1)] | None = None
    """Most epochs that are really trained, for rubrics that look only at early ones."""
    timeout: Duration = 1200.0
    """Longest time that one notebook may run."""
    cell_timeout: Duration | None = None
    """Longest time that one cell may run; without it only the notebook's time counts."""
    memory: Size = 4 * 2**30
    """Most memory that one notebook and all that it starts may use together."""
    processes: Annotated[int, Field(ge=16, le=100_000)] = 256
    """Most processes and threads that one notebook may have, beyond 32 for each of the machine's cores."""
    open_files: Annotated[int, Field(ge=64, le=1_000_000)] = 1024
    """Most files that one process of a notebook may have open."""
    scratch: Room = 2**30
    """Most bytes that one notebook may keep in files."""
    scratch_files: Annotated[int, Field(ge=100, le=10_000_000)] = 20_000
    """Most files and folders that one notebook may make."""
    file_size: Room = 512 * 2**20
    """Most bytes of one file."""
    output: OutputSize = 8 * 2**20
    """Most output that one notebook may print."""
    messages: Annotated[int, Field(ge=1000, le=10_000_000)] = 100_000
    """Most messages, such as prints and displays, that one notebook may send."""
    evidence: EvidenceSize = 16 * 2**20
    """Most bytes of evidence that one notebook may leave."""
    tensors: Size = 2**30
    """Most bytes of arrays and weights that one call of `fit` may hand to the shared trainer."""
    python: Text | None = None
    """Another interpreter for the students' side: a command, or a path relative to the rubric."""
    compat: Annotated[Compat, Field(strict=False)] | None = None
    """keras2: names, arguments and defaults of Keras 1 and 2 work as they did; docs/compatibility.md lists them."""
    answers: list[str] = Field(default_factory=list)
    """What a notebook's calls of `input` are answered, in turn; without any left, they raise an error."""


class CriterionShape(Shape):
    id: Id
    """Names the criterion's column in scores.csv."""
    points: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
    """Points for meeting it in full."""
    title: str = ""
    """The step of the assignment, in words that the student reads."""
    hidden: bool = False
    """Self-checks show its points, and neither what is expected nor why points are lost."""
    program: Ids | None = None
    """Where the part accepts several references: the one, or those, that it applies to (all, where left out)."""


class UnknownShape(CriterionShape):
    """What any criterion holds, for one whose `check` does not say what else it may hold."""

    model_config = ConfigDict(extra="ignore")


class ExecutesShape(CriterionShape):
    """Every code cell ran without an error."""

    check: Literal["executes"]
    """What is looked at, and how it is compared."""


class CodeShape(CriterionShape):
    """The code matches a pattern; `$NAME` stands for any expression, `$$$` for any number of them."""

    check: Literal["code"]
    """What is looked at, and how it is compared."""
    pattern: Texts
    """Python with `$NAME` in it; of several patterns, any one will do."""
    position: Literal["first"] | None = None
    """first: the first statement of the notebook."""
    after: Texts | None = None
    """Only matches after the last match of this one (of several, any one)."""
    before: Texts | None = None
    """Only matches before this one (of several, any one)."""
    adjacent: bool = False
    """With `after`: the statement right after it."""


class SummaryShape(CriterionShape):
    """The model has the reference's layers."""

    check: Literal["model_summary"]
    """What is looked at, and how it is compared."""
    evidence: Literal["printed", "observed"] = "printed"
    """printed asks for a printed summary; observed takes the model that was built."""


class TrainingShape(CriterionShape):
    """Optimizer, loss, batch size, epochs and data are the reference's."""

    check: Literal["training"]
    """What is looked at, and how it is compared."""


class LimitsShape(Shape):
    """NumPy's meaning: |found - expected| <= atol + rtol * |expected|."""

    rtol: Amount = 0.0
    """Relative tolerance."""
    atol: Amount = 0.0
    """Absolute tolerance."""


def _tolerance_form(value: object) -> str:
    return "limits" if isinstance(value, dict) else "band"


def _band(value: object) -> object:
    if value != "band":
        raise PydanticCustomError("tolerance", "'band', or a mapping of 'rtol' and 'atol'")
    return value


Epoch = Annotated[int, Field(ge=1)]


def _epochs_form(value: object) -> str:
    return "numbers" if isinstance(value, list) else "word"


def _word(value: object) -> object:
    if value not in list(EpochChoice):
        raise PydanticCustomError("epochs", "'last', 'all', or a list of epochs such as [1, 12]")
    return value


class HistoryShape(CriterionShape):
    """The training history lies within tolerances of the reference's."""

    check: Literal["history"]
    """What is looked at, and how it is compared."""
    epoch: Epoch = 1
    """The epoch that is looked at, from 1."""
    epochs: (
        Annotated[
            Annotated[EpochChoice, Field(strict=False), BeforeValidator(_word), Tag("word")]
            | Annotated[list[Epoch], Field(min_length=1), Tag("numbers")],
            Discriminator(_epochs_form),
        ]
        | None
    ) = None
    """In place of `epoch`, the epochs that are looked at: numbers from 1; or last, or all of the recorded ones."""
    tolerance: Annotated[
        Annotated[Literal["band"], BeforeValidator(_band), Tag("band")] | Annotated[LimitsShape, Tag("limits")],
        Discriminator(_tolerance_form),
    ] = "band"
    """band: the prediction interval from the recorded seeds; or rtol and atol around their mean."""
    coverage: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] | None = None
    """With `tolerance: band`: the share of faithful runs whose figures all lie in their bands (0.999)."""
    evidence: Evidence = EvidenceKind.PRINTED
    """printed asks for a printed history that equals the training; observed takes the training's own; verified
    takes it where the grader trained or evaluated the model itself."""


AnyCriterion = Annotated[
    ExecutesShape | CodeShape | SummaryShape | TrainingShape | HistoryShape, Field(discriminator="check")
]

CRITERIA: Final[dict[str, type[CriterionShape]]] = {
    "executes": ExecutesShape,
    "code": CodeShape,
    "model_summary": SummaryShape,
    "training": TrainingShape,
    "history": HistoryShape,
}


class PartShape(Shape):
    """A section of the assignment with its own notebook, reference and criteria."""

    notebook: Texts | None = None
    """File names that are this part's, such as "*part2*". Of several parts one may do without: it takes what the
    names of the others leave."""
    reference: Text | None = None
    """The reference, relative to the rubric: a notebook, or a published output as text, which was imported."""
    references: Annotated[dict[Id, Text], Field(min_length=1)] | None = None
    """In place of `reference`, several that are accepted: name -> notebook, or text. A submission is judged against
    the one that gives it most points, by all of that one's criteria."""
    criteria: Annotated[list[AnyCriterion], Field(min_length=1)]
    """What is looked at in this part, and what it is worth."""


class StudentsShape(Shape):
    """Who handed in what, where the names of no known system tell."""

    pattern: Text | None = None
    """A regular expression that a notebook's whole path from the submissions' folder matches, with the group
    `(?P<student>...)`, and name, id, login, email, attempt, time and late if it has them."""
    mapping: Text | None = None
    """A CSV file, relative to the rubric, with the column student, and file, name, id, login, email, handed_in,
    late and due as far as they are known."""


class LateShape(Shape):
    """What being late costs; the score stays as it is, and the penalty has its own column."""

    due: Annotated[str, AfterValidator(_moment)] | None = None
    """When it is due: a date, a time and a zone, such as `2026-05-01 23:59 Europe/Berlin`."""
    grace: Duration | None = None
    """How long after `due` nothing is taken off."""
    per_day: Deduction | None = None
    """Taken off for each day after `due` that has begun: points of the rubric's, or a share such as `10 %`."""
    per_hour: Deduction | None = None
    """Taken off for each hour after `due` that has begun."""
    marked: Deduction | None = None
    """Taken off where a system marks it as late and no time is known."""
    most: Deduction = "100 %"
    """The most that is taken off."""


class RubricShape(Shape):
    """What an assignment asks for, and what it is worth."""

    assignment: Text
    """Short name of the assignment."""
    title: str = ""
    """The assignment's name for people."""
    points: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    """Points in all; the criteria's add up to it."""
    execution: ExecutionShape | None = None
    """How notebooks are run."""
    datasets: dict[FileName, Text] | None = None
    """Data that the assignment provides: name that notebooks ask for -> file, relative to the rubric."""
    parts: Annotated[dict[Id, PartShape], Field(min_length=1)]
    """The assignment's sections by their names; a name is part of the columns of scores.csv."""
    students: StudentsShape | None = None
    """Who handed in what, where the names of no known system tell; docs/lms.md lists the systems."""
    resubmissions: Annotated[Resubmissions, Field(strict=False)] = Resubmissions.NEWEST
    """Which of several attempts counts; ambiguous leaves it to a person."""
    late_policy: LateShape | None = None
    """What being late costs."""
