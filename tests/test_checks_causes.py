"""The most likely cause is the first fact that is not the reference's, in the order of what it does to figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mnist_facts import FIT, LAYERS, RECORDING, SNAPSHOT

from grader.checks.causes import likely
from grader.model import ArrayFacts, Compiled, Fit

RAW = ArrayFacts((60000, 28, 28, 1), "raw", 0.0, 255.0)
SHUFFLED = ArrayFacts((60000, 10), "shuffled", 0.0, 1.0)
SLOW = replace(FIT, compiled=Compiled("Adadelta", 0.001, "categorical_crossentropy", ("accuracy",)))
ADAM = replace(FIT, compiled=Compiled("Adam", 1.0, "categorical_crossentropy", ("accuracy",)))
DIFFERS = "differs from the reference: "
SCALE = f"x_train {DIFFERS}its values reach 255.0, the reference's 1.0"
RATE = "learning rate is 0.001, expected 1.0"


def with_array(fit: Fit, name: str, facts: ArrayFacts) -> Fit:
    return replace(fit, arrays={**fit.arrays, name: facts})


@pytest.mark.parametrize(
    ("fit", "cause"),
    [
        (SLOW, RATE),
        (ADAM, "optimizer is Adam, expected Adadelta"),
        (replace(FIT, batch_size=64), "batch size is 64, expected 128"),
        (with_array(FIT, "x", RAW), SCALE),
        (with_array(SLOW, "x", RAW), SCALE),
        (
            with_array(FIT, "y", SHUFFLED),
            f"y_train {DIFFERS}it has the same shape and range, but other values or another order",
        ),
    ],
)
def test_the_fact_that_does_most_is_named(fit: Fit, cause: str) -> None:
    assert likely(fit, SNAPSHOT, RECORDING) == f"most likely cause: {cause}"


def test_a_missing_softmax_goes_before_the_settings() -> None:
    linear = replace(LAYERS[-1], settings={"activation": "linear"})
    snapshot = replace(SNAPSHOT, layers=(*LAYERS[:-1], linear))
    expected = "most likely cause: the last layer's activation is 'linear', expected 'softmax'"
    assert likely(SLOW, snapshot, RECORDING) == expected
    assert likely(SLOW, replace(snapshot, layers=()), RECORDING) == f"most likely cause: {RATE}"


def test_where_all_is_the_references_or_nothing_is_known_there_is_no_cause() -> None:
    assert likely(FIT, SNAPSHOT, RECORDING) == ""
    assert likely(replace(FIT, epochs=3), SNAPSHOT, RECORDING) == ""
    assert likely(None, SNAPSHOT, RECORDING) == ""
    assert likely(SLOW, SNAPSHOT, replace(RECORDING, fit=None)) == ""
