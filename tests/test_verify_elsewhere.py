"""Of several trainings one is judged: what is wrong in another one is no hole in the criteria."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mnist_facts import FIT, LAYERS, RECORDING, SNAPSHOT

from grader.model import Compiled, Fit, ModelSnapshot, Observations
from grader.verify.elsewhere import beside_the_judged

SMALL = ModelSnapshot(1, "small", LAYERS[5:])
SMALLER = ModelSnapshot(1, "small", LAYERS[6:])
FIRST = replace(FIT, snapshot=1, batch_size=7)
SGD = replace(FIRST, compiled=Compiled("SGD", 0.01, "mse"))
REFERENCE = Observations(snapshots=(SNAPSHOT, SMALL), fits=(FIRST, FIT))


@pytest.mark.parametrize(
    "mutant",
    [replace(REFERENCE, fits=(SGD, FIT)), replace(REFERENCE, snapshots=(SNAPSHOT, SMALLER))],
    ids=["a setting", "a layer"],
)
def test_a_mistake_in_a_training_that_is_not_judged_lies_beside_it(mutant: Observations) -> None:
    assert beside_the_judged(REFERENCE, mutant, RECORDING)


@pytest.mark.parametrize(
    "fits",
    [(FIRST, FIT), (FIRST, replace(FIT, epochs=3)), (FIRST,), ()],
    ids=["none", "the judged one", "one is gone", "both are gone"],
)
def test_a_mistake_that_no_other_training_shows_does_not(fits: tuple[Fit, ...]) -> None:
    assert not beside_the_judged(REFERENCE, replace(REFERENCE, fits=fits), RECORDING)


def test_a_model_that_is_not_there_has_no_layers() -> None:
    mutant = replace(REFERENCE, fits=(replace(FIRST, snapshot=9), FIT))
    assert beside_the_judged(REFERENCE, mutant, RECORDING)
