"""What the probe sees of real Keras models in the sandbox: layers, settings, data and trained epochs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from conftest import Ran, RunNotebook

from grader.inside.arrays import facts
from grader.model import (
    ArrayFacts,
    Compiled,
    Fit,
    Layer,
    ModelSnapshot,
    Setting,
    Status,
    SummaryCall,
)

pytestmark = pytest.mark.slow

X = np.arange(40, dtype="float32").reshape(10, 4) / 40
Y = np.eye(2, dtype="float32")[np.arange(10) % 2]

# Cell 1 of both notebooks; eager, because tracing a function costs more than these trainings.
PREPARES = """
    import keras, numpy as np, pandas as pd, tensorflow as tf
    from keras import layers
    tf.config.run_functions_eagerly(True)
    x = np.arange(40, dtype="float32").reshape(10, 4) / 40
    y = np.eye(2, dtype="float32")[np.arange(10) % 2]
"""
GROWS = """
    stack = [layers.Dense(3, activation="relu", name="first"), layers.Dense(2, name="last")]
    model = keras.Sequential(stack, name="grows")
    model.compile("adam", "mse", metrics=["accuracy", keras.metrics.MeanAbsoluteError()])
    model.fit(x, y, 5, 2, 0, validation_data=(x[:4], y[:4]))
    print(model.summary())
    model.summary()
"""
LEARNS_BY_SCHEDULE = """
    model = keras.Sequential(name="scheduled")
    model.add(keras.Input((4,)))
    model.add(layers.Dense(2, name="only"))
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.compile(keras.optimizers.SGD(schedule), keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(x, y, validation_split=0.25, verbose=0)
    model.fit(x, y, validation_split=0.25, validation_data=(x[:2], y[:2]), verbose=0)
"""
TAKES_TWO_INPUTS = """
    inputs = {name: keras.Input((4,), name=name) for name in ("left", "right")}
    joined = layers.Concatenate(name="joined")(list(inputs.values()))
    model = keras.Model(inputs, layers.Dense(2, name="top")(joined), name="two")
    model.compile(keras.optimizers.Adadelta(learning_rate=0.5), keras.losses.mean_squared_error)
    model.fit({"left": x, "right": 2 * x}, y, verbose=0)
    listed = keras.Model(list(inputs.values()), model.output, name="listed")
    listed.compile(keras.optimizers.RMSprop(0.25), "CategoricalHinge")
    listed.fit([x, 2 * x], y, verbose=0)
    listed.fit((x, 2 * x), y, verbose=0)
"""
IS_A_CLASS_OF_ITS_OWN = """
    class Own(keras.Model):
        def __init__(self):
            super().__init__(name="own")
            self.inner = layers.Dense(2, name="inner")

        def call(self, batch):
            return self.inner(batch)

    def my_loss(true, predicted):
        return keras.ops.mean(keras.ops.abs(true - predicted), axis=-1)

    own = Own()
    own.compile(loss=my_loss)
    own.fit(pd.DataFrame(x), pd.DataFrame(y), batch_size=4, verbose=0)
    own.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(5), verbose=0)
    own.fit(((x, y) for _ in range(2)), steps_per_epoch=1, verbose=0)
    own.fit(tf.constant(x), tf.constant(y), validation_data=tf.data.Dataset.from_tensors((x, y)), verbose=0)
"""
FAILS = """
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("enough")

    for arguments in ({"y": y[:3]}, {"y": y, "callbacks": [Stop()]}, {"z": y}):
        try:
            own.fit(x, epochs=3, verbose=0, **arguments)
        except (ValueError, RuntimeError, TypeError) as error:
            print(type(error).__name__)
    try:
        keras.Sequential([keras.Input((4,)), layers.Dense(2, name="bare")], name="uncompiled").fit(x, y)
    except ValueError as error:
        print(type(error).__name__)
"""
HOLDS_BY_NAME = """
    import gc
    class Touchy:
        @property
        def __class__(self):
            raise RuntimeError("do not ask")

    touchy = Touchy()
    held = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5, name="drops")], name="held")
    def lost():
        keras.Sequential([keras.Input((4,)), layers.Dense(1)], name="never_seen")
    lost()
    del model, inputs, listed, own
    gc.collect()
    late = keras.Sequential([keras.Input((4,)), layers.Dropout(0.25, name="drops")], name="late")
"""
DENSE: dict[str, Setting] = {
    "bias_constraint": None,
    "bias_regularizer": None,
    "kernel_constraint": None,
    "kernel_regularizer": None,
    "quantization_config": None,
    "use_bias": True,
}


def dense(name: str, units: int, inputs: int | None, shape: str = "", activation: str = "linear") -> Layer:
    """Not yet built where it has no `inputs`."""
    parameters = units * (inputs + 1) if inputs else 0
    output_shape = shape or (f"(None, {units})" if inputs else "?")
    return Layer(name, "Dense", output_shape, parameters, DENSE | {"units": units, "activation": activation})


def dropout(rate: float) -> Layer:
    return Layer("drops", "Dropout", "(None, 4)", 0, {"rate": rate, "seed": None, "noise_shape": None})


def entrance(name: str) -> Layer:
    settings: dict[str, Setting] = {"batch_shape": (None, 4), "optional": False, "ragged": False, "sparse": False}
    return Layer(name, "InputLayer", "(None, 4)", 0, settings)


def seen(array: Any) -> ArrayFacts:
    found = facts(array, "float32")
    return ArrayFacts(tuple(found["shape"]), found["digest"], found["low"], found["high"])


XY = {"x": seen(X), "y": seen(Y)}


def fit(snapshot: int, cell: int, compiled: Compiled, **facts: Any) -> Fit:
    """One epoch of all ten samples in batches of 32, unless `facts` say otherwise."""
    usual: dict[str, Any] = {
        "batch_size": 32,
        "epochs": 1,
        "initial_epoch": 0,
        "epochs_trained": 1,
        "cap": None,
        "samples": 10,
        "validation_samples": None,
        "validation_split": 0.0,
        "arrays": XY,
        "history": {"loss": (0.0,)},
        "finished": True,
    }
    return Fit(snapshot=snapshot, cell=cell, compiled=compiled, **usual | facts)


def without_figures(one: Fit) -> Fit:
    """What was learnt differs from machine to machine; that it is a number does not."""
    assert all(math.isfinite(value) for values in one.history.values() for value in values)
    return replace(one, history={name: (0.0,) * len(values) for name, values in one.history.items()})


@pytest.fixture(scope="module")
def uncapped(notebook: Callable[..., Path], run_notebook: RunNotebook) -> Ran:
    cells = (PREPARES, GROWS, LEARNS_BY_SCHEDULE, TAKES_TWO_INPUTS, IS_A_CLASS_OF_ITS_OWN, FAILS, HOLDS_BY_NAME)
    return run_notebook(notebook(*(dedent(cell) for cell in cells)))


def test_the_notebook_runs_as_it_would_without_the_probe(uncapped: Ran) -> None:
    assert (uncapped.told.ended, uncapped.told.reason) == (Status.GRADED, "")
    assert uncapped.told.cells[5].text == "ValueError\nRuntimeError\nTypeError\nValueError\n"
    assert uncapped.told.cells[6].text == ""


def test_models_are_described_as_they_change(uncapped: Ran) -> None:
    both = (entrance("left"), entrance("right"))
    joined = Layer("joined", "Concatenate", "(None, 8)", 0, {"axis": -1})
    assert uncapped.told.observed.snapshots == (
        ModelSnapshot(0, "grows", (dense("first", 3, None, activation="relu"), dense("last", 2, None))),
        ModelSnapshot(0, "grows", (dense("first", 3, 4, "(5, 3)", "relu"), dense("last", 2, 3, "(5, 2)"))),
        ModelSnapshot(1, "scheduled", (dense("only", 2, 4),)),
        ModelSnapshot(2, "two", (*both, joined, dense("top", 2, 8))),
        ModelSnapshot(3, "listed", (*both, joined, dense("top", 2, 8))),
        ModelSnapshot(4, "own", (dense("inner", 2, None),)),
        ModelSnapshot(4, "own", (dense("inner", 2, 4, "(4, 2)"),)),
        ModelSnapshot(5, "uncompiled", (dense("bare", 2, 4),)),
        ModelSnapshot(6, "held", (dropout(0.5),)),
        ModelSnapshot(7, "late", (dropout(0.25),)),
    )


def test_each_summary_counts_and_shows_the_model_at_that_time(uncapped: Ran) -> None:
    assert uncapped.told.observed.summaries == (SummaryCall(1, 2), SummaryCall(1, 2))


THOUSANDTH = float(np.float32(0.001))  # Keras keeps rates in single precision
ADAM = Compiled("Adam", THOUSANDTH, "mean_squared_error", ("accuracy", "mean_absolute_error"))
SCHEDULED = Compiled("SGD", None, "categorical_crossentropy(from_logits=True)")
TWO = Compiled("Adadelta", 0.5, "mean_squared_error")
LISTED = Compiled("RMSprop", 0.25, "categorical_hinge")
OWN = Compiled("RMSprop", THOUSANDTH, "my_loss")


def test_settings_have_one_name_each_however_they_were_written(uncapped: Ran) -> None:
    assert uncapped.told.observed.compiles == (ADAM, SCHEDULED, TWO, LISTED, OWN)


def test_every_training_tells_its_settings_and_its_data(uncapped: Ran) -> None:
    two = {"y": seen(Y)}
    pipeline = {"x": ArrayFacts(unknown="a tf.data pipeline")}
    generator = {"x": ArrayFacts(unknown="a generator")}
    figures = {"loss": (0.0,), "val_loss": (0.0,)}
    full = ("accuracy", "loss", "mean_absolute_error", "val_accuracy", "val_loss", "val_mean_absolute_error")
    assert tuple(without_figures(each) for each in uncapped.told.observed.fits) == (
        fit(
            1, 2, ADAM, batch_size=5, epochs=2, epochs_trained=2, validation_samples=4,
            arrays=XY | {"validation x": seen(X[:4]), "validation y": seen(Y[:4])},
            history=dict.fromkeys(full, (0.0, 0.0)),
        ),
        fit(2, 3, SCHEDULED, samples=7, validation_samples=3, validation_split=0.25, history=figures),
        fit(
            2, 3, SCHEDULED, validation_samples=2, validation_split=0.25, history=figures, continued=True,
            arrays=XY | {"validation x": seen(X[:2]), "validation y": seen(Y[:2])},
        ),
        fit(3, 4, TWO, arrays=two | {"x[left]": seen(X), "x[right]": seen(2 * X)}),
        fit(4, 4, LISTED, arrays=two | {"x[0]": seen(X), "x[1]": seen(2 * X)}),
        fit(4, 4, LISTED, arrays=two | {"x[0]": seen(X), "x[1]": seen(2 * X)}, continued=True),
        fit(6, 5, OWN, batch_size=4),
        fit(6, 5, OWN, batch_size=None, samples=None, arrays=pipeline, continued=True),
        fit(6, 5, OWN, batch_size=None, samples=None, arrays=generator, continued=True),
        fit(6, 5, OWN, arrays=XY | {"validation x": pipeline["x"]}, history=figures, continued=True),
        fit(
            6, 6, OWN, epochs=3, epochs_trained=0, history={}, finished=False, continued=True,
            arrays={"x": seen(X), "y": seen(Y[:3])},
        ),
        fit(6, 6, OWN, epochs=3, finished=False, continued=True),
        fit(7, 6, Compiled("", None, ""), epochs_trained=0, history={}, finished=False),
    )  # fmt: skip


# --- epochs ----------------------------------------------------------------------------------------------------

MAKES_MODELS = """
    class Counts(keras.callbacks.Callback):
        epochs = 0

        def on_epoch_end(self, epoch, logs=None):
            self.epochs += 1

    def made(name):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="only")], name=name)
        model.compile("sgd", "mse")
        return model
"""
TRAINS_LONG = """
    model = made("long")
    history = model.fit(x, y, epochs=12, verbose=2)
    print(len(history.history["loss"]), history.params["epochs"], history.epoch)
    history = model.fit(x, y, epochs=12, verbose=2)
    print(history.history, history.epoch)
"""
TRAINS_BIT_BY_BIT = """
    model = made("bits")
    model.fit(x, y, epochs=1, verbose=2)
    model.fit(x, y, epochs=7, initial_epoch=1, verbose=2)
    print(model.history.epoch)
"""
TRAINS_SHORT = """
    made("short").fit(x, y, epochs=np.int64(2), verbose=0)
    made("numpy").fit(x, y, epochs=np.int64(9), verbose=0)
    stopped = made("stopped")
    stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: setattr(stopped, "stop_training", True))
    stopped.fit(x, y, epochs=9, verbose=0, callbacks=[stop])
"""
KEEPS_CALLBACKS = """
    counts = [Counts() for _ in range(4)]
    made("one").fit(x, y, epochs=9, verbose=0, callbacks=counts[0])
    made("listed").fit(x, y, epochs=9, verbose=0, callbacks=(counts[1], counts[2]))
    model = made("gathered")
    gathered = keras.callbacks.CallbackList([counts[3]], add_history=True, model=model)
    model.fit(x, y, epochs=9, verbose=0, callbacks=gathered)
    print([each.epochs for each in counts])
"""


@pytest.fixture(scope="module")
def capped(notebook: Callable[..., Path], run_notebook: RunNotebook) -> Ran:
    cells = (PREPARES, MAKES_MODELS, TRAINS_LONG, TRAINS_BIT_BY_BIT, TRAINS_SHORT, KEEPS_CALLBACKS)
    return run_notebook(notebook(*(dedent(cell) for cell in cells)), max_epochs=2)


def test_the_cap_holds_for_each_model_and_what_was_asked_for_stays(capped: Ran) -> None:
    names = [snapshot.name for snapshot in capped.told.observed.snapshots]
    assert capped.told.ended is Status.GRADED
    assert [
        (names[each.snapshot], each.epochs, each.initial_epoch, each.cap, each.epochs_trained, each.finished)
        for each in capped.told.observed.fits
    ] == [
        ("long", 12, 0, 2, 2, True),
        ("long", 12, 0, 0, 0, True),
        ("bits", 1, 0, None, 1, True),
        ("bits", 6, 1, 1, 1, True),
        ("short", 2, 0, None, 2, True),
        ("numpy", 9, 0, 2, 2, True),
        ("stopped", 9, 0, 2, 1, True),
        ("one", 9, 0, 2, 2, True),
        ("listed", 9, 0, 2, 2, True),
        ("gathered", 9, 0, 2, 2, True),
    ]
    assert all(
        len(values) == each.epochs_trained for each in capped.told.observed.fits for values in each.history.values()
    )


def test_progress_is_printed_as_for_all_epochs(capped: Ran) -> None:
    printed = [re.findall(r"Epoch .*|^\d.*\]$|^\{.*|^\[.*", cell.text, re.MULTILINE) for cell in capped.told.cells]
    assert printed == [
        [],
        [],
        ["Epoch 1/12", "Epoch 2/12", "2 12 [0, 1]", "{} []"],
        ["Epoch 2/7", "[1]"],
        [],
        ["[2, 2, 2, 2]"],
    ]


SAVES_AND_LOADS = """
import keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.5))
model.save("model.keras")
loaded = keras.saving.load_model("model.keras")
print(loaded.loss, float(loaded.optimizer.learning_rate))
"""
TRAINS_WHAT_IT_LOADED = """
import numpy as np
model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
model.save("model.keras")
keras.saving.load_model("model.keras").fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
"""


@pytest.mark.slow
def test_a_model_that_is_loaded_is_compiled_as_it_was_saved(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(notebook(SAVES_AND_LOADS, TRAINS_WHAT_IT_LOADED))
    assert ran.told.cells[0].text == "mse 0.5\n"
    assert [compiled.optimizer for compiled in ran.told.observed.compiles] == ["SGD"] * 3
    assert [fit.continued for fit in ran.told.observed.fits] == [False, True]


WRITES_INTO_LOGS = """
    class Better(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["loss"] = 0.125
            logs["own"] = 7.0

    model = made("better")
    gathered = keras.callbacks.CallbackList([Better()], add_history=True, model=model)
    for callbacks in ([Better()], gathered):
        print(model.fit(x, y, epochs=2, verbose=0, callbacks=callbacks).history)
"""
EVALUATES = """
    model = made("evaluated")
    model.fit(x, y, validation_data=(x, y), verbose=0)
    model.evaluate(x, y, verbose=0)
    model.compile("sgd", "mse", metrics=["mae"])
    print(model.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0, return_dict=True))
"""
LEARNS_BY_ITSELF = """
    model = made("by_itself")
    model.evaluate(x, y, verbose=0)
"""
STEPS = """
    model.train_on_batch(x, y)
"""


def test_figures_are_those_that_keras_told_before_any_callback_could_write(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(notebook(*(dedent(cell) for cell in (PREPARES, MAKES_MODELS, WRITES_INTO_LOGS))))
    assert ran.told.cells[2].text == "{'loss': [0.125, 0.125], 'own': [7.0, 7.0]}\n" * 2
    assert [fit.history["own"] for fit in ran.told.observed.fits] == [(7.0, 7.0)] * 2
    figures = [value for fit in ran.told.observed.fits for value in fit.history["loss"]]
    assert len(set(figures)) == 4
    assert 0.125 not in figures


def test_evaluations_that_the_notebook_asked_for_are_told(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    observed = run_notebook(notebook(*(dedent(cell) for cell in (PREPARES, MAKES_MODELS, EVALUATES)))).told.observed
    assert len(observed.evaluations) == 5  # not those that `fit` makes
    assert observed.evaluations[1:3] == observed.evaluations[3:]
    assert observed.stepped is False


@pytest.mark.parametrize(("cells", "stepped"), [((), False), ((STEPS,), True)])
def test_a_model_that_learnt_outside_fit_is_told(
    notebook: Callable[..., Path],
    run_notebook: RunNotebook,
    cells: tuple[str, ...],
    stepped: bool,  # noqa: FBT001 - a table
) -> None:
    sources = (PREPARES, MAKES_MODELS, LEARNS_BY_ITSELF, *cells)
    assert run_notebook(notebook(*(dedent(cell) for cell in sources))).told.observed.stepped is stepped
