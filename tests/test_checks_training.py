from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from mnist_facts import FIT, RECORDED_FIT, RECORDING, SNAPSHOT

from grader.checks.subject import Subject
from grader.checks.training import check
from grader.errors import GraderError
from grader.model import ArrayFacts, Check, Compiled, Fit, TrainingCriterion

CRITERION = TrainingCriterion("training", 16, "Training")
EXPECTED = "Adadelta, learning rate 1.0, categorical_crossentropy, batch size 128, 12 epochs"


def outcome(points: float, why: str = "", next_step: str = "", found: str = EXPECTED) -> Check:
    evidence = "" if found == "no training" else "observed: the call of `fit` in the notebook's kernel"
    return Check("training", "Training", points, 16, EXPECTED, found, why, next_step, evidence=evidence)


def checked(**changes: Any) -> Check:
    return check(CRITERION, Subject(0, SNAPSHOT, replace(FIT, **changes)), RECORDING)


def with_array(key: str, **changes: Any) -> dict[str, Any]:
    return {"arrays": {**FIT.arrays, key: replace(FIT.arrays[key], **changes)}}


def compiled(**changes: Any) -> dict[str, Any]:
    return {"compiled": replace(FIT.compiled, **changes)}


def without(*keys: str) -> dict[str, Any]:
    return {"arrays": {key: value for key, value in FIT.arrays.items() if key not in keys}}


def test_the_reference_training_earns_all_points() -> None:
    assert checked() == outcome(16.0)


def test_a_learning_rate_with_32_bit_noise_is_the_same() -> None:
    assert checked(**compiled(learning_rate=1.0000001)) == outcome(16.0)


def test_no_training_earns_nothing() -> None:
    assert check(CRITERION, Subject(0, SNAPSHOT, None), RECORDING) == outcome(
        0.0, "no training was observed", "call model.fit in a cell that runs", "no training"
    )


PREPARED = "look at how {} is prepared (its scaling, shape and type) before model.fit"
RATE_STEP = "look at the learning rate of the optimizer that model.compile is given"
VALIDATION_STEP = "look at the validation data that model.fit is given"
ONE_FAULT: list[tuple[dict[str, Any], str, str]] = [
    (
        compiled(optimizer="Adam"),
        "optimizer is Adam, expected Adadelta",
        "look at the optimizer that model.compile is given",
    ),
    (compiled(learning_rate=0.001), "learning rate is 0.001, expected 1.0", RATE_STEP),
    (compiled(learning_rate=1.000002), "learning rate is 1.000002, expected 1", RATE_STEP),
    (compiled(learning_rate=None), "learning rate is a schedule, expected 1.0", RATE_STEP),
    (
        compiled(loss="mse"),
        "loss is mse, expected categorical_crossentropy",
        "look at the loss that model.compile is given",
    ),
    ({"batch_size": 64}, "batch size is 64, expected 128", "look at the batch_size that model.fit is given"),
    (
        {"batch_size": None},
        "batch size is not known, expected 128",
        "look at the batch_size that model.fit is given",
    ),
    ({"epochs": 1}, "number of epochs is 1, expected 12", "look at the epochs that model.fit is given"),
    (
        with_array("x", digest="raw", high=255.0),
        "x_train differs from the reference: its values reach 255.0, the reference's 1.0",
        PREPARED.format("x_train"),
    ),
    (
        with_array("x", digest="centred", low=-1.0),
        "x_train differs from the reference: its values start at -1.0, the reference's at 0.0",
        PREPARED.format("x_train"),
    ),
    (
        with_array("x", digest="shuffled"),
        "x_train differs from the reference: it has the same shape and range, but other values or another order",
        PREPARED.format("x_train"),
    ),
    (
        with_array("y", shape=(60000,), digest="labels", high=9.0),
        "y_train has shape (60000,), the reference's (60000, 10)",
        PREPARED.format("y_train"),
    ),
    (
        {"arrays": {**FIT.arrays, "x": ArrayFacts(unknown="a tf.data pipeline")}},
        "x_train cannot be seen (a tf.data pipeline): not judged, no points",
        PREPARED.format("x_train"),
    ),
    (
        {"arrays": {**FIT.arrays, "x": ArrayFacts()}},
        "x_train cannot be seen (no facts): not judged, no points",
        PREPARED.format("x_train"),
    ),
    (without("y"), "y_train was not given to model.fit", PREPARED.format("y_train")),
    (without("validation x", "validation y"), "no validation data was given to model.fit", VALIDATION_STEP),
    (without("validation y"), "validation y was not given to model.fit", VALIDATION_STEP),
    ({"validation_split": 0.2}, "validation_split is 0.2, expected 0.0", VALIDATION_STEP),
    (
        with_array("validation x", digest="raw", high=255.0),
        "validation x differs from the reference: its values reach 255.0, the reference's 1.0",
        VALIDATION_STEP,
    ),
]


@pytest.mark.parametrize(("changes", "why", "next_step"), ONE_FAULT, ids=[why for _, why, _ in ONE_FAULT])
def test_one_differing_setting_costs_an_eighth(changes: dict[str, Any], why: str, next_step: str) -> None:
    got = checked(**changes)
    assert got == outcome(14.0, why, next_step, got.found)


def test_what_the_training_was_given_is_told_as_found() -> None:
    changes = {**compiled(optimizer="SGD", learning_rate=None), "batch_size": None, "epochs": 1, "finished": False}
    assert checked(**changes).found == (
        "SGD, learning rate from a schedule, categorical_crossentropy, 1 epoch, the training did not finish"
    )


def test_several_differences_are_told_one_a_line() -> None:
    changes = {"compiled": Compiled("Adam", 0.001, "categorical_crossentropy"), "epochs": 1}
    assert checked(**changes) == outcome(
        10.0,
        "optimizer is Adam, expected Adadelta\nlearning rate is 0.001, expected 1.0\n"
        "number of epochs is 1, expected 12",
        "look at the optimizer that model.compile is given",
        "Adam, learning rate 0.001, categorical_crossentropy, batch size 128, 1 epoch",
    )


def test_an_unfinished_training_is_judged_by_its_settings_and_says_so() -> None:
    found = f"{EXPECTED}, the training did not finish"
    assert checked(finished=False) == outcome(16.0, found=found)
    assert checked(finished=False, batch_size=1).why == (
        "the training did not finish\nbatch size is 1, expected 128"
    )


def test_what_the_reference_does_not_show_is_not_judged() -> None:
    pipeline = {"x": ArrayFacts(unknown="a tf.data pipeline"), "validation x": ArrayFacts(unknown="a generator")}
    reference: Fit = replace(RECORDED_FIT, arrays=pipeline, batch_size=None)
    subject = Subject(0, SNAPSHOT, replace(FIT, epochs=3))
    got = check(CRITERION, subject, replace(RECORDING, fit=reference))
    assert (got.points, got.why) == (12.0, "number of epochs is 3, expected 12")


def test_validation_data_that_the_reference_lacks_is_a_difference() -> None:
    reference = replace(RECORDED_FIT, **without("validation x", "validation y"))
    got = check(CRITERION, Subject(0, SNAPSHOT, FIT), replace(RECORDING, fit=reference))
    assert (got.points, got.why) == (14.0, "validation data was given to model.fit, the reference has none")


def test_schedules_on_both_sides_are_the_same() -> None:
    reference = replace(RECORDED_FIT, **compiled(learning_rate=None))
    subject = Subject(0, SNAPSHOT, replace(FIT, **compiled(learning_rate=None)))
    assert check(CRITERION, subject, replace(RECORDING, fit=reference)).points == 16.0


def test_a_recording_without_a_training_is_our_own_trouble() -> None:
    with pytest.raises(GraderError, match='the recording of "part1" holds no training'):
        check(CRITERION, Subject(0, SNAPSHOT, FIT), replace(RECORDING, fit=None))
