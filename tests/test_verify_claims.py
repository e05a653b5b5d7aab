"""A criterion claims what it compares, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from references import ADDS, one_cell

from grader import reference, rubric
from grader.model import (
    CodeCriterion,
    Criterion,
    EvidenceKind,
    ExecutesCriterion,
    HistoryCriterion,
    Part,
    Recording,
    SummaryCriterion,
    TrainingCriterion,
)
from grader.verify import notebook, verification
from grader.verify.claims import Aspect, Claims, claims

ROOT = Path(__file__).parents[1]
BY_ARCHITECTURE = (
    "layer-left-out",
    "layer-doubled",
    "filters",
    "kernel-size",
    "units",
    "activation",
    "dropout-rate",
)
BY_SETTINGS = ("optimizer", "learning-rate", "loss", "batch-size", "epochs", "unscaled", "validated-on-training")


@pytest.fixture(scope="module")
def part() -> Part:
    return rubric.load(ROOT / "rubric.yaml").parts[0]


@pytest.fixture(scope="module")
def recording(part: Part) -> Recording:
    return reference.load(reference.path_for(part))


def test_the_shipped_rubric_claims_every_mistake(part: Part, recording: Recording) -> None:
    plan = verification.planned(notebook.read(part.reference), part, recording)
    told: dict[str, set[Claims]] = {}
    for one in plan.mutants:
        found = claims(part, recording, one.change.aspects, one.notebook)
        told.setdefault(one.mistake.id, set()).add(found)
    assert told == {
        **{key: {Claims(frozenset({"architecture"}))} for key in BY_ARCHITECTURE},
        **{key: {Claims(frozenset({"training"}))} for key in BY_SETTINGS},
        "labels-shuffled": {Claims(frozenset({"training"}), frozenset({"history"}))},
        "no-seed": {Claims(frozenset({"seeded"}))},
        "no-summary": {Claims(frozenset({"architecture", "summary_printed"}))},
        "summary-early": {Claims(frozenset({"architecture", "summary_printed"}))},
        "history-not-kept": {Claims(frozenset({"history_kept", "runs"}))},
        "last-value": {Claims(frozenset({"history_printed"}))},
        "typed": {
            Claims(frozenset({"history", "history_printed"})),
            Claims(frozenset({"history_printed"})),
        },
    }


def claimed(recording: Recording | None, criterion: Criterion, *aspects: Aspect, source: str = ADDS) -> Claims:
    part = Part("p", (), Path("x.ipynb"), (criterion,))
    return claims(part, recording, aspects, one_cell(source))


SURE, BAND, NONE = Claims(frozenset({"c"})), Claims(frozenset(), frozenset({"c"})), Claims(frozenset())
OBSERVED = EvidenceKind.OBSERVED


@pytest.mark.parametrize(
    ("criterion", "aspects", "expected"),
    [
        (ExecutesCriterion("c", 1), [Aspect.ERROR], SURE),
        (ExecutesCriterion("c", 1), [Aspect.LAYERS, Aspect.LOSS], NONE),
        (SummaryCriterion("c", 1), [Aspect.TABLE], SURE),
        (SummaryCriterion("c", 1, evidence=OBSERVED), [Aspect.TABLE], NONE),
        (SummaryCriterion("c", 1, evidence=OBSERVED), [Aspect.LAYERS], SURE),
        (TrainingCriterion("c", 1), [Aspect.LAYERS, Aspect.LEARNING], NONE),
        (TrainingCriterion("c", 1), [Aspect.BATCH], SURE),
        (HistoryCriterion("c", 1), [Aspect.LEARNING], BAND),
        (HistoryCriterion("c", 1), [Aspect.FIGURES], SURE),
        (HistoryCriterion("c", 1), [Aspect.FIGURES, Aspect.LEARNING], SURE),
        (HistoryCriterion("c", 1, evidence=OBSERVED), [Aspect.FIGURES], NONE),
        (HistoryCriterion("c", 1), [Aspect.LATER, Aspect.RATE], NONE),
        (CodeCriterion("c", 1, ("np.random.seed(0)",)), [Aspect.LAYERS], NONE),
        (CodeCriterion("c", 1, ("np.random.seed(1)",)), [], SURE),
    ],
)
def test_a_criterion_claims_what_it_compares(
    criterion: Criterion, aspects: Sequence[Aspect], expected: Claims, recording: Recording
) -> None:
    assert claimed(recording, criterion, *aspects) == expected


def test_the_last_value_is_claimed_where_more_than_one_epoch_is_trained(recording: Recording) -> None:
    assert recording.fit is not None
    longer = replace(recording, fit=replace(recording.fit, epochs_trained=2))
    assert claimed(longer, HistoryCriterion("c", 1), Aspect.LATER) == SURE


def test_settings_that_the_reference_does_not_show_are_not_claimed(recording: Recording) -> None:
    assert recording.fit is not None
    pipeline = replace(recording, fit=replace(recording.fit, batch_size=None, arrays={}))
    for aspect in (Aspect.BATCH, Aspect.IMAGES, Aspect.LABELS):
        assert claimed(pipeline, TrainingCriterion("c", 1), aspect) == NONE
    assert claimed(pipeline, TrainingCriterion("c", 1), Aspect.LOSS) == SURE
    assert claimed(None, TrainingCriterion("c", 1), Aspect.LOSS) == NONE
