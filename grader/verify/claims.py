"""Which of a rubric's criteria claim to tell a mistake from the reference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from grader.checks.code import check_all
from grader.checks.settings import judge
from grader.model import (
    CodeCriterion,
    EvidenceKind,
    ExecutesCriterion,
    HistoryCriterion,
    SummaryCriterion,
    TrainingCriterion,
)
from grader.verify.notebook import run_cells

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.model import Criterion, Part, Recording
    from grader.verify.notebook import Notebook


class Aspect(StrEnum):
    """What a mistake changes. Those from OPTIMIZER to VALIDATION are called as `training` calls its settings."""

    LAYERS = "layers"
    TABLE = "summary table"
    ERROR = "error"
    FIGURES = "printed figures"
    LATER = "which epoch is printed"
    LEARNING = "what can be learnt"
    OPTIMIZER = "optimizer"
    RATE = "learning rate"
    LOSS = "loss"
    BATCH = "batch size"
    EPOCHS = "number of epochs"
    IMAGES = "x_train"
    LABELS = "y_train"
    VALIDATION = "validation data"


@dataclass(frozen=True, slots=True)
class Claims:
    """`certain` are ids of criteria that must tell the mistake; `figures` of those that tell it by a wide band."""

    certain: frozenset[str]
    figures: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.certain or self.figures)


def claims(part: Part, recording: Recording | None, aspects: Iterable[Aspect], notebook: Notebook) -> Claims:
    """`notebook` holds the mistake: a `code` criterion claims it where its pattern is no longer met."""
    wanted = frozenset(aspects)
    told = {one.id: _tells(one, recording) & wanted for one in part.criteria}
    missing = unmatched(part, notebook)
    return Claims(
        certain=frozenset(name for name, found in told.items() if found - {Aspect.LEARNING}) | missing,
        figures=frozenset(name for name, found in told.items() if found == {Aspect.LEARNING}),
    )


def _tells(criterion: Criterion, recording: Recording | None) -> frozenset[Aspect]:
    match criterion:
        case ExecutesCriterion():
            return frozenset({Aspect.ERROR})
        case CodeCriterion():
            return frozenset()  # what its pattern tells is seen from the code, see `unmatched`
        case SummaryCriterion(evidence=evidence):
            return frozenset({Aspect.LAYERS, *([Aspect.TABLE] if evidence is EvidenceKind.PRINTED else [])})
        case TrainingCriterion():
            return _settings(recording)
        case HistoryCriterion(evidence=evidence):
            printed = [Aspect.FIGURES, *([Aspect.LATER] if _epochs(recording) > 1 else [])]
            return frozenset({Aspect.LEARNING, *(printed if evidence is EvidenceKind.PRINTED else [])})
        case _:
            assert_never(criterion)


def _settings(recording: Recording | None) -> frozenset[Aspect]:
    """Those that the reference shows; the others are not judged."""
    if recording is None or recording.fit is None:
        return frozenset()
    judged = {each.name for each in judge(recording.fit, recording.fit)}
    return frozenset(aspect for aspect in Aspect if aspect.value in judged)


def _epochs(recording: Recording | None) -> int:
    return recording.fit.epochs_trained if recording and recording.fit else 0


def unmatched(part: Part, notebook: Notebook) -> frozenset[str]:
    """The `code` criteria that a notebook would not meet if all of it ran."""
    criteria = [one for one in part.criteria if isinstance(one, CodeCriterion)]
    return frozenset(check.criterion for check in check_all(criteria, run_cells(notebook)) if not check.passed)
