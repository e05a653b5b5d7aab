"""A shared fit leaves everything as a fit in the kernel does, bit for bit; real Keras in forked children."""

from __future__ import annotations

import json
import os
import random
import re
import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import shared_fits
from keras import layers, optimizers

from grader.training.allowed import fault
from grader.training.frame import parse

pytestmark = pytest.mark.slow

Facts = dict[str, Any]
DATA = np.random.default_rng(7)
X = DATA.random((64, 5)).astype("float32")
IMAGES = DATA.random((64, 6, 6, 1)).astype("float32")
LABELS = DATA.integers(0, 3, 64)
Y = np.eye(3, dtype="float32")[LABELS]


def aftermath(model: Any) -> Facts:
    """Everything that a notebook could see or draw next."""
    import tensorflow as tf
    from keras.src.backend.common import global_state

    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return {
        "variables": [(variable.path.rpartition("/")[2], np.asarray(variable.value)) for variable in variables],
        "metrics": {name: float(value) for name, value in model.get_metrics_result().items()},
        "stopped": model.stop_training,
        "python": random.random(),  # noqa: S311 - what a notebook would draw
        "numpy": np.random.rand(),  # noqa: NPY002 - as above
        "tensorflow": tf.random.uniform((2,)).numpy(),
        "keras": np.asarray(keras.random.uniform((2,))),
        "dropout": np.asarray(layers.Dropout(0.5)(np.ones((1, 9), "float32"), training=True)),
        "initial": np.asarray(keras.initializers.GlorotUniform()((2, 2))),
        "names": dict(global_state.get_global_attribute("object_name_uids")),
        "order": np.asarray(tf.random.shuffle(tf.range(9))),
    }


def history_facts(history: Any) -> Facts:
    own = history.model.history is history
    return {"history": list(history.history.items()), "epoch": history.epoch, "params": history.params, "own": own}


def trained(model: Any, *args: Any, **kwargs: Any) -> Facts:
    """The fit's history and what it leaves."""
    history = model.fit(*args, **({"batch_size": 16, "epochs": 2, "verbose": 0} | kwargs))
    return {**history_facts(history), **aftermath(model)}


def dense(*between: Any) -> Any:
    return keras.Sequential(
        [keras.Input((5,)), layers.Dense(6, activation="relu"), *between, layers.Dense(3, "softmax")]
    )


# --- scenarios: each is run twice, unshared and shared -----------------------------------------------------


def sgd_with_momentum_then_more() -> list[Any]:
    """Two fits in a row, the second after an evaluation and from a later epoch."""
    model = dense(layers.Dropout(0.3))
    model.compile(optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy", metrics=["accuracy"])
    seen: list[Any] = [trained(model, X, Y, validation_split=0.25)]
    seen.append(model.evaluate(X, Y, verbose=0))
    seen.append(trained(model, X, Y, initial_epoch=1, epochs=3))
    seen.append(model.predict(X[:5], verbose=0))
    return seen


def adam_with_batch_norm_and_schedule() -> list[Any]:
    """After an evaluation, which builds the metrics first."""
    images = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(3, activation="softmax", bias_constraint="max_norm"),
        ]
    )
    rate = optimizers.schedules.ExponentialDecay(0.01, 3, 0.9)
    metrics = ["accuracy", keras.metrics.AUC(), keras.metrics.TopKCategoricalAccuracy(2)]
    images.compile(optimizers.Adam(rate, clipnorm=1.0), keras.losses.CategoricalCrossentropy(), metrics=metrics)
    seen: list[Any] = [images.evaluate(IMAGES, Y, verbose=0)]
    seen.append(trained(images, IMAGES, Y, validation_data=(IMAGES[:20], Y[:20]), validation_freq=2, epochs=3))
    return seen


def functional_with_two_inputs_and_outputs() -> list[Any]:
    left, right = keras.Input((5,), name="left"), keras.Input((5,), name="right")
    joined = layers.Concatenate()([left, layers.Dense(4, "tanh")(right)]) * 2.0
    outputs = {
        "kind": layers.Dense(3, "softmax", name="kind")(joined),
        "size": layers.Dense(1, name="size")(joined),
    }
    model = keras.Model([left, right], outputs)
    model.compile(
        optimizers.RMSprop(0.01, momentum=0.5),
        {"size": keras.losses.mean_squared_error, "kind": "sparse_categorical_crossentropy"},
        loss_weights={"size": 0.25, "kind": 1.0},
        metrics={"kind": ["accuracy"], "size": ["mae"]},
        weighted_metrics={"size": ["mse"]},
    )
    y = {"kind": LABELS, "size": X[:, :1]}
    weights = {"kind": np.linspace(0, 1, 64), "size": np.ones(64)}
    seen: list[Any] = [trained(model, [X, X[::-1]], y, sample_weight=weights)]
    seen.append(model.evaluate([X, X], y, verbose=0))
    return seen


def adadelta_with_weights_and_a_cap() -> list[Any]:
    """Class weights, in the order of the data; then sample weights, up to the cap of four epochs; then none."""
    model = dense(layers.GaussianNoise(0.1))
    model.compile(optimizers.Adadelta(1.0, use_ema=True), "sparse_categorical_crossentropy", metrics=["acc"])
    seen: list[Any] = [trained(model, X, LABELS, shuffle=False, class_weight={0: 0.5, 1: 2, 2: 1.0})]
    sizes = np.linspace(0.1, 1, 64, dtype="float32")
    data = (X[:9], LABELS[:9], sizes[:9])
    seen.append(trained(model, X, LABELS, sample_weight=sizes, validation_data=data, epochs=7))
    seen.append(trained(model, X, LABELS))
    other = dense()
    other.compile(optimizers.Adamax(), "sparse_categorical_crossentropy")
    seen.append(trained(other, X, LABELS, steps_per_epoch=2, shuffle="batch"))
    return seen


def words_by_a_recurrent_network() -> list[Any]:
    words = DATA.integers(0, 20, (64, 7))
    model = keras.Sequential([keras.Input((7,)), layers.Embedding(20, 4), layers.LSTM(5, dropout=0.2)])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile("nadam", "binary_crossentropy", metrics=["accuracy"], weighted_metrics=[])
    model.layers[0].trainable = False
    keras.random.uniform((1,))  # makes Keras' global generator
    return [trained(model, words, LABELS.astype("float64") / 2)]


SCENARIOS = (
    sgd_with_momentum_then_more,
    adam_with_batch_norm_and_schedule,
    functional_with_two_inputs_and_outputs,
    adadelta_with_weights_and_a_cap,
    words_by_a_recurrent_network,
)


SHARED = {scenario.__name__: number for scenario, number in zip(SCENARIOS, (2, 1, 1, 3, 1), strict=True)}


def _told(event: Facts) -> Facts:
    return {key: value for key, value in event.items() if key != "shared"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: str(scenario.__name__))
def test_a_shared_fit_leaves_what_a_fit_in_the_kernel_leaves(scenario: Callable[[], list[Any]]) -> None:
    alone = shared_fits.run(scenario, shared=False, max_epochs=4)
    shared = shared_fits.run(scenario, shared=True, max_epochs=4)
    assert (shared.reasons, shared.errors) == ([], [])
    assert alone.shared == [False] * len(alone.shared)
    assert shared.shared.count(True) == len(shared.requests) == SHARED[scenario.__name__]
    for header, _ in shared.requests:
        assert fault(parse(json.dumps(header).encode(), shared_fits.LIMIT).content["fit"]) == ""
    np.testing.assert_equal(shared.facts, alone.facts)
    assert [_told(event) for event in shared.events] == [_told(event) for event in alone.events]


# --- what goes wrong on the way ----------------------------------------------------------------------------


def small() -> Any:
    model = keras.Sequential([keras.Input((5,)), layers.Dense(3)])
    model.compile("sgd", "mse")
    return model


def fitted() -> Any:
    model = small()
    return trained(model, X, Y, epochs=1), trained(model, X, Y, epochs=1)


def test_a_fit_that_is_declined_goes_on_in_the_kernel_as_if_nobody_had_been_asked() -> None:
    alone = shared_fits.run(fitted, shared=False)
    declined = shared_fits.run(fitted, shared=True, trains=False)
    assert (declined.reasons, declined.shared) == (["refused"] * 2, [False] * 2)
    np.testing.assert_equal(declined.facts, alone.facts)


def test_what_the_grader_knows_of_the_arrays_is_reported_before_and_after_the_training() -> None:
    alone = shared_fits.run(fitted, shared=False)
    known = {"data 0": {"shape": [64, 5], "digest": "of x", "low": 0.0, "high": 1.0}, "another": {"digest": "no"}}
    seen = shared_fits.run(fitted, shared=True, known=known)
    assert seen.reasons == []
    np.testing.assert_equal(seen.facts, alone.facts)
    expected = [
        {**event["arrays"], "x": known["data 0"]}
        for event in alone.events
        if event["event"] == "fit" and event["arrays"]["x"]["shape"] == [64, 5]
    ]
    assert len(expected) == 4
    assert [event["arrays"] for event in seen.events if event["event"] == "fit"] == expected


def test_a_reply_that_is_none_ends_sharing_and_changes_nothing() -> None:
    alone = shared_fits.run(fitted, shared=False)
    for reply in (b"", b"\xff" * 9, (2).to_bytes(8, "big") + b"[]", (13).to_bytes(8, "big") + b'{"answer": 1}'):
        seen = shared_fits.run(fitted, shared=True, reply=reply)
        assert len(seen.requests) == 1
        assert seen.reasons[1:] == ["an earlier request to the shared trainer was not answered to its end"]
        np.testing.assert_equal(seen.facts, alone.facts)


def changed() -> Any:
    keras.Sequential.train_step = lambda self, _: self.get_metrics_result()
    model = small()
    model.fit(X, Y, batch_size=16, verbose=0)


def too_large() -> Any:
    model = small()
    model.fit(np.zeros((2**14 + 1, 5)), np.zeros((2**14 + 1, 3)), batch_size=2**15, verbose=0)


def in_a_thread() -> Any:
    model = small()
    thread = threading.Thread(target=lambda: model.fit(X, Y, verbose=0))
    thread.start()
    thread.join()


def in_a_process() -> Any:
    pid = os.fork()
    model = small()
    if pid == 0:
        os._exit(model.fit(X, Y, verbose=0) is None)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        (changed, "'keras.src.models.sequential.Sequential.train_step' was added"),
        (too_large, "its description has 1"),
        (in_a_thread, "it was called in a thread of the notebook"),
        (in_a_process, "it was called in a process that the notebook has forked"),
    ],
)
def test_what_is_not_asked_for_says_why(scenario: Callable[[], Any], reason: str) -> None:
    seen = shared_fits.run(scenario, shared=True, limit=2**20)
    assert [said[: len(reason)] for said in seen.reasons] == [reason]
    assert (seen.requests, seen.shared) == ([], [False])


# --- the progress text --------------------------------------------------------------------------------------


def printing(**arguments: Any) -> Callable[[], Any]:
    def fit() -> None:
        small().fit(X, Y, batch_size=16, validation_split=0.25, **arguments)

    return fit


def last_words(text: str) -> list[str]:
    """What a terminal shows in the end, its figures of time made equal."""
    lines = [re.split(r"[\r\b]+", line)[-1].rstrip() for line in text.split("\n")]
    return [re.sub(r"\d+(m|u)?s(/step)?", "0s\\2", line) for line in lines]


@pytest.mark.parametrize("arguments", [{}, {"epochs": 3}, {"epochs": 2, "verbose": 2}, {"epochs": 2, "verbose": 0}])
def test_the_progress_text_ends_in_the_lines_that_keras_prints(arguments: Facts) -> None:
    alone = shared_fits.run(printing(**arguments), shared=False, max_epochs=2)
    shared = shared_fits.run(printing(**arguments), shared=True, max_epochs=2)
    assert (shared.shared, shared.reasons) == ([True], [])
    assert last_words(shared.printed) == last_words(alone.printed)
