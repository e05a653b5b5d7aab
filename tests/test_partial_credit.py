"""Near misses earn what the rubric says, by layer, by setting and by figure; a second mistake never pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from mnist_facts import ENVIRONMENT, FIT, HISTORY, LAYERS, RECORDING, SNAPSHOT

from grader.judging import Known, judge
from grader.model import (
    ArrayFacts,
    Evidence,
    EvidenceKind,
    Fit,
    HistoryCriterion,
    Layer,
    Observations,
    Part,
    Setting,
    Status,
    SummaryCriterion,
    Tolerance,
    TrainingCriterion,
)

Work = tuple[tuple[Layer, ...], Fit]
Mistake = Callable[[Work], Work]
OBSERVED = EvidenceKind.OBSERVED
PART = Part(
    "part1",
    (),
    Path("part1.ipynb"),
    (
        SummaryCriterion("architecture", 24, evidence=OBSERVED),
        TrainingCriterion("training", 16),
        HistoryCriterion("history", 20, tolerance=Tolerance(rtol=0.01), evidence=OBSERVED),
    ),
)


def scored(work: Work) -> tuple[float, float, float]:
    layers, fit = work
    observed = Observations(snapshots=(replace(SNAPSHOT, layers=layers),), fits=(fit,))
    evidence = Evidence(Status.GRADED, "", (), observed, ENVIRONMENT, 1.0)
    architecture, training, history = judge(Known(evidence), PART, RECORDING).checks
    return round(architecture.points, 4), round(training.points, 4), round(history.points, 4)


def found(layers: tuple[Layer, ...], place: int) -> int:
    """Where the reference's layer is among layers of which some may be missing."""
    wanted = LAYERS[place].output_shape, LAYERS[place].kind
    return next(number for number, each in enumerate(layers) if (each.output_shape, each.kind) == wanted)


def layer(place: int, **settings: Setting) -> Mistake:
    def change(work: Work) -> Work:
        layers, fit = work
        at = found(layers, place)
        changed = replace(layers[at], settings={**layers[at].settings, **settings})
        return (*layers[:at], changed, *layers[at + 1 :]), fit

    return change


def dropped(place: int) -> Mistake:
    def change(work: Work) -> Work:
        layers, fit = work
        at = found(layers, place)
        return layers[:at] + layers[at + 1 :], fit

    return change


def doubled(work: Work) -> Work:
    layers, fit = work
    return (*layers[:-1], replace(layers[-1], kind="Dense", name="more", parameters=110), layers[-1]), fit


def trained(figures: float = 1.0, **changes: object) -> Mistake:
    """`figures` moves the losses by this factor, and the errors too."""

    def change(work: Work) -> Work:
        layers, fit = work
        history = {
            metric: tuple(
                value * figures if metric.endswith("loss") else max(0.0, 1 - (1 - value) * figures)
                for value in values
            )
            for metric, values in fit.history.items()
        }
        return layers, replace(fit, history=history, **changes)  # type: ignore[arg-type]  # fields of a fit

    return change


def compiled(figures: float = 1.0, **changes: object) -> Mistake:
    def change(work: Work) -> Work:
        layers, fit = trained(figures)(work)
        return layers, replace(fit, compiled=replace(fit.compiled, **changes))  # type: ignore[arg-type]  # its fields

    return change


def given(figures: float = 1.0, **arrays: ArrayFacts) -> Mistake:
    def change(work: Work) -> Work:
        layers, fit = trained(figures)(work)
        named = {name.replace("_", " "): facts for name, facts in arrays.items()}
        return layers, replace(fit, arrays={**fit.arrays, **named})

    return change


RAW = ArrayFacts((60000, 28, 28, 1), "raw", 0.0, 255.0)
SHUFFLED = ArrayFacts((60000, 10), "shuffled", 0.0, 1.0)
MISTAKES: dict[str, tuple[Mistake, tuple[float, float, float]]] = {
    "another activation": (layer(5, activation="tanh"), (22.5, 16, 20)),
    "another dropout rate": (layer(3, rate=0.4), (22.5, 16, 20)),
    "no dropout": (dropped(6), (21, 16, 20)),
    "no softmax": (layer(7, activation="linear"), (22.5, 16, 20)),
    "one layer more": (doubled, (21.3333, 16, 20)),
    "the optimizer's default rate": (compiled(2.5, learning_rate=0.001), (24, 14, 0)),
    "another optimizer": (compiled(2.0, optimizer="Adam"), (24, 14, 0)),
    "another loss": (compiled(1.0, loss="mse"), (24, 14, 20)),
    "half the batch": (trained(1.0, batch_size=64), (24, 14, 20)),
    "one epoch asked for": (trained(1.0, epochs=1), (24, 14, 20)),
    "values not scaled": (given(3.0, x=RAW, validation_x=RAW), (24, 12, 0)),
    "labels shuffled": (given(8.0, y=SHUFFLED), (24, 14, 0)),
    "validated on the training data": (given(1.0, validation_x=FIT.arrays["x"]), (24, 14, 20)),
}


def test_the_assignment_as_it_is_earns_everything() -> None:
    assert scored((LAYERS, FIT)) == (24, 16, 20)
    assert FIT.history == HISTORY


@pytest.mark.parametrize("name", MISTAKES)
def test_a_near_miss_earns_what_it_has_right(name: str) -> None:
    mistake, points = MISTAKES[name]
    assert scored(mistake((LAYERS, FIT))) == points


@pytest.mark.parametrize(("one", "other"), list(combinations(MISTAKES, 2)))
def test_two_mistakes_never_earn_more_than_the_better_of_them(one: str, other: str) -> None:
    (first, alone), (second, other_alone) = MISTAKES[one], MISTAKES[other]
    for order in ((first, second), (second, first)):
        work: Work = (LAYERS, FIT)
        for mistake in order:
            work = mistake(work)
        both = scored(work)
        assert sum(both) <= max(sum(alone), sum(other_alone))
        assert all(together <= max(pair) for together, *pair in zip(both, alone, other_alone, strict=True))
