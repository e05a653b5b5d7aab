"""What a kernel trained by itself and hands in is built again elsewhere, and gives the figures it ended with."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import shared_fits
from keras import layers

from grader.inside import train
from grader.training.allowed import fault
from grader.training.frame import parse

pytestmark = pytest.mark.slow

Facts = dict[str, Any]
DATA = np.random.default_rng(7)
X = DATA.random((64, 5)).astype("float32")
LABELS = DATA.integers(0, 3, 64)
Y = np.eye(3, dtype="float32")[LABELS]
IMAGES = DATA.random((64, 6, 6, 1)).astype("float32")


def ended(history: Any) -> Facts:
    return {name: values[-1] for name, values in history.history.items() if name.startswith("val_")}


def quiet() -> Any:
    return keras.callbacks.Callback()  # one callback is enough to have it trained in the kernel


def dense() -> Any:
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(6, "relu"), layers.Dropout(0.5), layers.Dense(3, "softmax")]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def given_validation_data() -> list[Facts]:
    data = (X[:20], Y[:20])
    return [ended(dense().fit(X, Y, epochs=2, verbose=0, callbacks=[quiet()], validation_data=data))]


def split_and_weighted() -> list[Facts]:
    sizes = np.linspace(0.1, 1, 64, dtype="float32")
    model = dense()
    options = {"epochs": 2, "verbose": 0, "callbacks": [quiet()], "validation_split": 0.3, "sample_weight": sizes}
    first = ended(model.fit(X, Y, batch_size=8, **options))
    return [first, ended(model.fit(X, Y, batch_size=8, validation_batch_size=5, **options))]


def batch_norm_and_schedule() -> list[Facts]:
    inputs = keras.Input((6, 6, 1))
    hidden = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu")(inputs))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Flatten()(hidden)))
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", metrics=["acc"])
    rates = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    data = (IMAGES[:20], LABELS[:20], np.ones(20))
    return [ended(model.fit(IMAGES, LABELS, epochs=3, verbose=0, callbacks=[rates], validation_data=data))]


SCENARIOS = (given_validation_data, split_and_weighted, batch_norm_and_schedule)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: str(scenario.__name__))
def test_the_final_weights_give_the_figures_with_which_the_history_ends(
    scenario: Callable[[], list[Facts]],
) -> None:
    seen = shared_fits.run(scenario, shared=True)
    assert [header["evaluate"] for header, _ in seen.handed] == [{"fit": n} for n in range(len(seen.facts))]
    for (header, arrays), expected in zip(seen.handed, seen.facts, strict=True):
        content = parse(json.dumps(header).encode(), shared_fits.LIMIT).content
        assert fault(content["fit"]) == ""
        answer, error = shared_fits.trained(header, arrays, train.evaluate)
        assert error == ""
        result = json.loads(answer[8 : 8 + int.from_bytes(answer[:8], "big")])
        found = {name: values[0] for name, values in result["history"].items()}
        assert found.keys() == expected.keys()
        np.testing.assert_allclose([found[name] for name in expected], list(expected.values()), rtol=1e-6)
        assert [layer["kind"] for layer in result["state"]["layers"]][-1] == "Dense"
        assert result["state"]["loss"].endswith("categorical_crossentropy")
        assert result["state"]["imitations"] == []


def drawn_after() -> Any:
    """Everything that a notebook could draw next, and what a second fit gives."""
    model = dense()
    options = {"epochs": 2, "verbose": 0, "callbacks": [quiet()], "validation_data": (X[:20], Y[:20])}
    first = model.fit(X, Y, **options).history
    numbers = [random.random(), np.random.rand(), np.asarray(keras.random.uniform((2,)))]  # noqa: S311, NPY002 - as notebooks do
    return [first, numbers, model.fit(X, Y, **options).history, [np.asarray(part) for part in model.get_weights()]]


def test_handing_in_changes_nothing_for_the_notebook() -> None:
    alone, handed = (shared_fits.run(drawn_after, shared=shared) for shared in (False, True))
    assert (len(alone.handed), len(handed.handed)) == (0, 2)
    np.testing.assert_equal(handed.facts, alone.facts)


def in_a_thread() -> None:
    thread = threading.Thread(target=lambda: dense().fit(X, Y, verbose=0, validation_data=(X, Y)))
    thread.start()
    thread.join()


def test_what_a_thread_trains_is_not_handed_in() -> None:
    assert shared_fits.run(in_a_thread, shared=True).handed == []


def not_arrays() -> None:
    import tensorflow as tf

    data = tf.data.Dataset.from_tensors((X, Y))
    dense().fit(X, Y, verbose=0, validation_data=data)


def own_layer() -> None:
    class Doubled(layers.Layer):  # type: ignore[misc]  # Keras' classes are Any to mypy
        def call(self, inputs: Any) -> Any:
            return inputs * 2

    model = keras.Sequential([keras.Input((5,)), Doubled(), layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    model.fit(X, Y, verbose=0, validation_data=(X, Y))


def every_other_epoch() -> None:
    dense().fit(X, Y, epochs=3, verbose=0, callbacks=[quiet()], validation_data=(X, Y), validation_freq=2)


def nothing_validated() -> None:
    dense().fit(X, Y, verbose=0, callbacks=[quiet()])


def averaged() -> None:
    model = dense()
    model.compile(keras.optimizers.SGD(0.1, use_ema=True), "categorical_crossentropy")
    model.fit(X, Y, verbose=0, callbacks=[quiet()], validation_data=(X, Y))


def shared() -> None:
    dense().fit(X, Y, verbose=0, validation_data=(X, Y))


@pytest.mark.parametrize(
    ("scenario", "reasons"),
    [
        (not_arrays, ["it did not validate on arrays"]),
        (every_other_epoch, ["it did not validate on all of its data after every epoch"]),
        (averaged, ["its optimizer averages the weights when the training ends"]),
        (nothing_validated, []),
        (shared, []),
    ],
)
def test_what_cannot_be_handed_in_says_why(scenario: Callable[[], None], reasons: list[str]) -> None:
    seen = shared_fits.run(scenario, shared=True)
    assert [header["evaluate"].get("why") for header, _ in seen.handed] == reasons


def test_a_layer_of_the_notebooks_own_cannot_be_built_again() -> None:
    ((header, _),) = shared_fits.run(own_layer, shared=True).handed
    assert "Doubled" in header["evaluate"]["why"]
