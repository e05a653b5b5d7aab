"""Whether Keras and what it runs through are as they were imported; tried in forked children."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from forked import answer

from grader.inside import pristine

pytestmark = pytest.mark.slow


def after(change: Callable[[], object]) -> str:
    """What the snapshot says of a process in which that was done."""
    pristine.taken()

    def act() -> str:
        change()
        return pristine.taken().changed()

    said: str = answer(act)
    return said


def other(*_: object) -> int:
    return 0


def train() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()])
    model.compile("adam", "mse", metrics=["accuracy", keras.metrics.AUC()])
    model.fit(np.ones((8, 4)), np.ones((8, 3)), verbose=0, validation_split=0.5)
    keras.utils.set_random_seed(1)
    keras.config.set_floatx("float64")
    keras.backend.clear_session()


def test_training_and_settings_change_nothing_of_the_libraries() -> None:
    assert after(train) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: setattr(keras.layers.Dense, "call", other), ".dense.Dense.call' was replaced"),
        (lambda: setattr(keras.Sequential, "fit", other), "'keras.src.models.sequential.Sequential.fit' was added"),
        (lambda: setattr(keras.activations.relu, "__code__", other.__code__), ".relu' was changed"),
        (lambda: setattr(keras.optimizers.Adam.__init__, "__kwdefaults__", {"x": 1}), "__init__' was changed"),
        (lambda: setattr(tf.nn, "relu", other), "'tensorflow._api.v2.nn.relu' was replaced"),
        (lambda: setattr(np, "argmax", other), "'numpy.argmax' was replaced"),
        (lambda: setattr(random, "randint", other), "'random.randint' was replaced"),
    ],
)
def test_what_a_notebook_changes_is_named(change: Callable[[], object], said: str) -> None:
    assert said in after(change)


def test_one_change_hides_no_other() -> None:
    def act() -> list[str]:
        pristine.taken()
        random.randint = other  # type: ignore[assignment]  # what is to be found out
        keras.layers.Dense.call = other
        return list(pristine.taken().changes())

    assert answer(act) == [
        "'random.randint' was replaced",
        "'keras.src.layers.core.dense.Dense.call' was replaced",
    ]


def test_asking_takes_little_time() -> None:
    snapshot = pristine.taken()
    began = time.process_time()
    snapshot.changed()
    assert time.process_time() - began < 0.3  # 0.02 s as a rule
