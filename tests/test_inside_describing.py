"""What goes into the description of a fit, and which fits have none; real Keras in forked children."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import keras
import numpy as np
import pytest
import shared_fits
import tensorflow as tf
from forked import answer
from keras import layers, optimizers

from grader.inside import describing, frame
from grader.inside.arguments import UndescribableError

pytestmark = pytest.mark.slow

Facts = dict[str, Any]
Change = Callable[
    [Any, Facts], Any
]  # of a model and the arguments of its fit; a model that it returns goes instead
X = np.linspace(0, 1, 40, dtype="float32").reshape(8, 5)
Y = np.eye(3, dtype="float32")[np.arange(8) % 3]


def network() -> Any:
    model = keras.Sequential([keras.Input((5,)), layers.Dense(4), layers.Dropout(0.5), layers.Dense(3, "softmax")])
    model.compile(optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy", metrics=["accuracy"])
    return model


def description(change: Change, early: Callable[[], object] = lambda: None) -> tuple[Facts, Facts]:
    """Header and tensors; ForeignError and the like are for the caller."""
    shared_fits.begin(0)
    early()
    model = network()
    arguments: Facts = {"x": X.copy(), "y": Y.copy(), "batch_size": 4, "epochs": 2}
    instead = change(model, arguments)
    told = describing.describe(
        instead if isinstance(instead, keras.Model) else model, arguments, arguments.pop("stop_at", None)
    )
    frame.header({"fit": told.fit}, told.tensors)
    return {"fit": told.fit, "tensors": list(told.tensors)}, told.tensors


def digest(change: Change, early: Callable[[], object] = lambda: None) -> str:
    said: str = answer(lambda: shared_fits.digest(*description(change, early)))
    return said


def compiled(**changes: Any) -> Change:
    usual = {"optimizer": "sgd", "loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    return lambda model, _: model.compile(**(usual | changes))


def argument(**changes: Any) -> Change:
    return lambda _, arguments: arguments.update(changes)


def nothing(model: Any, arguments: Facts) -> None:
    pass


def jittered(array: Any) -> Any:
    changed = array.copy()
    changed.flat[7] = np.nextafter(changed.flat[7], 2)
    return changed


# --- what it does not depend on -----------------------------------------------------------------------------


def called(*names: str) -> Change:
    def change(*_: Any) -> Any:
        shared_fits.begin(0)  # the model of before has drawn its weights
        pixels, hidden, rest, digits, net = names
        parts = [
            keras.Input((5,), name=pixels),
            layers.Dense(4, name=hidden),
            layers.Dropout(0.5, name=rest),
            layers.Dense(3, "softmax", name=digits),
        ]
        model = keras.Sequential(parts, name=net)
        model.compile(optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy", metrics=["accuracy"])
        return model

    return change


def test_names_of_layers_make_no_other_training() -> None:
    found = {digest(called("a", "b", "c", "d", "e")), digest(called("input", "relu", "softmax", "loss", "sgd"))}
    assert len(found) == 1


def test_words_for_a_loss_make_no_other_training() -> None:
    words = ["mse", "mean_squared_error", "MSE", keras.losses.mean_squared_error]
    assert len({digest(compiled(loss=word)) for word in words}) == 1
    assert digest(compiled(loss="mse")) != digest(compiled(loss="mae"))


# --- what a result depends on: each change alone gives another digest ---------------------------------------

CHANGES: dict[str, Change] = {
    "the configuration of a layer": lambda model, _: setattr(model.layers[1], "rate", 0.25),
    "an attribute outside the configuration": lambda model, _: setattr(model.layers[0], "supports_jit", False),
    "a trainable flag": lambda model, _: setattr(model.layers[0], "trainable", False),
    "a weight": lambda model, _: model.layers[0].bias.assign([0, 0, 0, 1e-7]),
    "a variable of the optimizer": lambda model, _: model.optimizer.iterations.assign(1),
    "the learning rate": lambda model, _: model.optimizer.learning_rate.assign(0.2),
    "a built optimizer": lambda model, _: model.optimizer.build(model.trainable_variables),
    "a variable of a metric": lambda model, _: model.metrics[0].variables[0].assign(1.0),
    "the state of a seed generator": lambda model, _: model.layers[1].seed_generator.state.assign([1, 2]),
    "another optimizer": compiled(),
    "a loss": compiled(loss="mse"),
    "weights of losses": compiled(loss_weights=[2.0]),
    "metrics": compiled(metrics=["mae"]),
    "weighted metrics": compiled(weighted_metrics=["mae"]),
    "eager steps": compiled(run_eagerly=True),
    "steps in one execution": compiled(steps_per_execution=2),
    "compilation": compiled(jit_compile=True),
    "the values of x": lambda _, arguments: arguments.update(x=jittered(X)),
    "the type of x": lambda _, arguments: arguments.update(x=X.astype("float64")),
    "the values of y": lambda _, arguments: arguments.update(y=jittered(Y)),
    "sample weights": argument(sample_weight=np.ones(8)),
    "class weights": argument(class_weight={0: 2.0}),
    "the batch size": argument(batch_size=2),
    "epochs": argument(epochs=3),
    "the first epoch": argument(initial_epoch=1),
    "the cap": argument(stop_at=1),
    "the shuffling": argument(shuffle=False),
    "the validation split": argument(validation_split=0.5),
    "validation data": argument(validation_data=(X[:2], Y[:2])),
    "the batches of validation": argument(validation_data=(X[:2], Y[:2]), validation_batch_size=1),
    "the steps of validation": argument(validation_data=(X[:2], Y[:2]), validation_steps=1),
    "the epochs with validation": argument(validation_data=(X[:2], Y[:2]), validation_freq=[2]),
    "steps in an epoch": argument(steps_per_epoch=1),
    "Python's generator": lambda *_: random.random(),  # noqa: S311 - its state is the matter
    "NumPy's generator": lambda *_: np.random.rand(),  # noqa: NPY002 - as above
    "TensorFlow's seed": lambda *_: tf.random.set_seed(1),
    "TensorFlow's generator": lambda *_: tf.random.uniform((1,)),
    "Keras' generator": lambda *_: keras.random.uniform((1,)),
    "floatx": lambda *_: keras.config.set_floatx("float64"),
    "epsilon": lambda *_: keras.config.set_epsilon(1e-6),
    "the image format": lambda *_: keras.config.set_image_data_format("channels_first"),
    "the dtype policy": lambda *_: keras.config.set_dtype_policy("mixed_bfloat16"),
    "eager functions": lambda *_: tf.config.run_functions_eagerly(True),  # noqa: FBT003 - TensorFlow's signature
    "just-in-time compilation": lambda *_: tf.config.optimizer.set_jit("autoclustering"),
    "an option of the optimizer": lambda *_: tf.config.optimizer.set_experimental_options({"remapping": False}),
    "the environment": lambda *_: os.environ.update(TF_ENABLE_ONEDNN_OPTS="0"),
}
EARLY: dict[str, Callable[[], object]] = {
    "determinism": tf.config.experimental.enable_op_determinism,
    "threads": lambda: tf.config.threading.set_intra_op_parallelism_threads(2),
    "threads between operations": lambda: tf.config.threading.set_inter_op_parallelism_threads(2),
}


def test_each_thing_that_a_result_depends_on_changes_the_digest_by_itself() -> None:
    same = {digest(nothing), digest(nothing)}
    assert len(same) == 1
    found = {name: digest(change) for name, change in CHANGES.items()}
    found |= {name: digest(nothing, early) for name, early in EARLY.items()}
    assert [name for name, said in found.items() if said in same] == []
    assert len(set(found.values())) == len(found)


def test_verbose_and_no_callbacks_leave_the_digest_as_it_is() -> None:
    assert {digest(nothing), digest(argument(verbose=2)), digest(argument(callbacks=[]))} == {digest(nothing)}


# --- fits without a description ----------------------------------------------------------------------------


class Own(keras.Model):  # type: ignore[misc]  # Keras' classes are Any to mypy
    pass


class OwnLayer(layers.Dense):  # type: ignore[misc]  # as above
    pass


def own_function(true: Any, predicted: Any) -> Any:
    return keras.ops.mean(true - predicted, axis=-1)


def of(*stack: Any) -> Any:
    model = keras.Sequential([keras.Input((5,)), *stack])
    model.compile("sgd", "mse")
    return model


def subclassed(*_: Any) -> Any:
    inputs = keras.Input((5,))
    model = Own(inputs, layers.Dense(3)(inputs))
    model.compile("sgd", "mse")
    return model


def unbuilt(*_: Any) -> Any:
    model = keras.Sequential([layers.Dense(3)])
    model.compile("sgd", "mse")
    return model


def strategy() -> Any:
    return tf.distribute.OneDeviceStrategy("/cpu:0")


SCOPES = ExitStack()  # of the child in which something is tried
UNDESCRIBABLE: dict[str, tuple[Change, str]] = {
    "callback": (argument(callbacks=[keras.callbacks.TerminateOnNaN()]), "it has callbacks of the notebook"),
    "subclass": (subclassed, "its model is of the class 'Own', not Sequential or Functional"),
    "own layer": (
        lambda *_: of(OwnLayer(3)),
        "'Functional._layers' is or holds a 'test_inside_describing.OwnLayer', no class",
    ),
    "lambda layer": (lambda *_: of(layers.Lambda(lambda x: x)), "'Lambda.function' is a function of the notebook"),
    "own activation": (
        lambda *_: of(layers.Dense(3, lambda x: x)),
        "'Dense.activation' is a function of the noteb",
    ),
    "own loss": (compiled(loss=own_function), "'CompileLoss._user_loss' is a function of the notebook"),
    "own metric": (compiled(metrics=[own_function]), "'CompileMetrics._user_metrics' is a function of the noteb"),
    "own schedule": (
        lambda model, _: model.compile(optimizers.SGD(lambda: 0.1), "mse"),
        "'SGD._learning_rate' is a function of the notebook",
    ),
    "unbuilt": (unbuilt, "its model has no weights before its first batch"),
    "not compiled": (lambda *_: keras.Sequential([keras.Input((5,))]), "its model is not compiled"),
    "replaced method": (
        lambda model, _: setattr(model, "train_step", lambda data: data),
        "'Sequential.train_step' is a function of the notebook, '<lambda>.",
    ),
    "replaced call": (
        lambda model, _: setattr(model.layers[0], "call", own_function),
        "'Dense.call' is a function",
    ),
    "tensor": (lambda _, arguments: arguments.update(x=tf.constant(X)), "'x' is or holds a 'EagerTensor'"),
    "data set": (
        lambda _, arguments: arguments.update(x=tf.data.Dataset.from_tensors((X, Y)), y=None),
        "'x' is or holds a '_TensorDataset', not a NumPy array",
    ),
    "generator": (argument(x=iter([(X, Y)])), "'x' is or holds a 'list_iterator', not a NumPy array"),
    "list of numbers": (argument(y=[1, 2]), "'y' is or holds a 'int', not a NumPy array"),
    "masked array": (argument(x=np.ma.masked_array(X)), "'x' is or holds a 'MaskedArray', not a plain array"),
    "objects": (argument(x=X.astype(object)), "'x' is or holds an array of object"),
    "texts": (argument(x=X.astype(str)), "'x' is or holds an array of <U"),
    "no epoch": (argument(epochs=0), "it trains no epoch"),
    "fraction": (argument(batch_size=4.0), "'batch_size' is 4.0, not a whole number"),
    "NaN weight": (argument(class_weight={0: float("nan")}), "'class_weight' is nan"),
    "no seed": (lambda *_: tf.random.set_seed(None), "TensorFlow has no seed"),
    "device": (lambda *_: SCOPES.enter_context(tf.device("/CPU:0")), "a device was chosen"),
    "graph": (lambda *_: SCOPES.enter_context(tf.Graph().as_default()), "eager execution is off"),
    "strategy": (
        lambda *_: tf.distribute.OneDeviceStrategy("/cpu:0").scope().__enter__() and None,
        "a distribution",
    ),
    "registered name": (
        lambda *_: keras.saving.register_keras_serializable()(own_function),
        "custom objects are registered",
    ),
}


def reason(change: Change) -> str:
    try:
        description(change)
    except UndescribableError as error:
        return str(error)
    return "described"


@pytest.mark.parametrize("name", UNDESCRIBABLE)
def test_a_fit_that_cannot_be_described_says_why(name: str) -> None:
    change, expected = UNDESCRIBABLE[name]
    assert answer(lambda: reason(change)).startswith(expected)
