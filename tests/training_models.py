"""Prints how the installed Keras describes some models, and which names of a table it does not know.

Run as a program of its own, since the grader's process never imports Keras; the table comes on standard input.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

import keras
from keras import activations, layers, losses, metrics, ops, optimizers
from keras.src import api_export
from keras.src.saving.keras_saveable import KerasSaveable


def unknown(public: dict[str, list[str]], unnamed: dict[str, list[str]]) -> list[str]:
    """`public` are names of Keras' interface, `unnamed` classes in its own modules."""
    found = [f"{module}.{name}" for module, names in public.items() for name in names]
    missing = [name for name in found if api_export.get_symbol_from_name(name) is None]
    inner = [(module, name) for module, names in unnamed.items() for name in names]
    return missing + [
        f"{module}.{name}"
        for module, name in inner
        if not issubclass(getattr(importlib.import_module(module), name), KerasSaveable)
    ]


def custom(y: Any, p: Any) -> Any:
    return ops.mean(y - p)


class Own(layers.Layer):  # type: ignore[misc]  # Keras' classes are Any to mypy
    def call(self, x: Any) -> Any:
        return x


@keras.saving.register_keras_serializable("package")
class Registered(layers.Dense):  # type: ignore[misc]  # Keras' classes are Any to mypy
    pass


def dense(*more: Any, **told: Any) -> Any:
    return keras.Sequential([keras.Input((4,)), *more, layers.Dense(2, **told)])


def compiled(model: Any, optimizer: Any = "sgd", loss: Any = "mse", metrics: Any = None) -> Any:
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    return model


def mnist() -> Any:
    steps = [
        keras.Input((28, 28, 1)),
        layers.Conv2D(4, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
    return compiled(keras.Sequential(steps), optimizers.Adadelta(), losses.categorical_crossentropy, ["accuracy"])


def residual() -> Any:
    given = keras.Input((8, 8, 3))
    x = layers.RandomFlip()(given)
    normal = keras.initializers.HeNormal(seed=1)
    x = layers.Conv2D(4, 3, activation=activations.gelu, kernel_initializer=normal)(x)
    x = layers.Activation(activations.relu)(layers.BatchNormalization()(x))
    limit = keras.constraints.max_norm(2.0)
    y = layers.Dense(4, activation=layers.LeakyReLU(), kernel_constraint=limit)(x)
    y = layers.GlobalAveragePooling2D()(x + y * 2.0)
    out = layers.Dense(1, kernel_regularizer=keras.regularizers.l2(0.01))(y[:, :2])
    schedule = optimizers.schedules.CosineDecay(0.1, 10)
    measured = [metrics.AUC(), metrics.mean_absolute_error, metrics.MeanMetricWrapper(metrics.hinge)]
    return compiled(keras.Model(given, out), optimizers.Adam(schedule), losses.Huber(), measured)


def recurrent() -> Any:
    steps = [
        keras.Input((5, 4)),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.RNN([layers.GRUCell(3), layers.LSTMCell(3)], return_sequences=True),
        layers.TimeDistributed(layers.Dense(2)),
        layers.RNN(layers.SimpleRNNCell(3)),
    ]
    return compiled(keras.Sequential(steps), optimizers.SGD(momentum=0.9), losses.MeanSquaredError())


def nested() -> Any:
    inner, shared = dense(), layers.Dense(3)
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    x = layers.Concatenate()([shared(inner(a)), shared(inner(b)), adding()(a)])
    outputs = {name: layers.Dense(1, name=name)(x) for name in ("one", "two")}
    model = keras.Model({"a": a, "b": b}, outputs)
    model.compile("adam", loss={"one": "mse", "two": losses.mean_absolute_error}, metrics={"one": ["mae"]})
    return model


def adding() -> Any:
    given = keras.Input((4,))
    return keras.Model(given, layers.Add()([given, layers.Dense(4)(given)]))


def attention() -> Any:
    given = keras.Input((6,), dtype="int32")
    x = layers.Embedding(10, 8)(given)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
    out = layers.Dense(2)(layers.GlobalMaxPooling1D()(x))
    return compiled(keras.Model(given, out), "rmsprop", losses.SparseCategoricalCrossentropy(from_logits=True))


def mixed() -> Any:
    keras.mixed_precision.set_global_policy("mixed_float16")
    model = compiled(dense(), optimizers.AdamW())
    keras.mixed_precision.set_global_policy("float32")
    return model


def lookup() -> Any:
    given = keras.Input((1,), dtype="string")
    x = layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(given)
    return compiled(keras.Model(given, layers.Dense(1)(x)))


FINE = [mnist, residual, recurrent, nested, attention, mixed]
REFUSED: dict[str, Callable[[], Any]] = {
    "Lambda": lambda: compiled(dense(layers.Lambda(lambda x: x))),
    "Own": lambda: compiled(dense(Own())),
    "Registered": lambda: compiled(dense(Registered(2))),
    "custom": lambda: compiled(dense(), loss=custom),
    "a lambda": lambda: compiled(dense(activation=lambda x: x)),
    "StringLookup": lookup,
    "Hashing": lambda: compiled(dense(layers.Hashing(3))),
    "quantised": lambda: compiled(dense(dtype=keras.dtype_policies.QuantizedDTypePolicy("int8", "float32"))),
}


def described(model: Any) -> dict[str, Any]:
    settings = keras.saving.serialize_keras_object(model.get_compile_config() or {})
    whole = keras.saving.serialize_keras_object(model)
    return {"model": whole, "compile": settings, "arguments": {"epochs": 1}, "surroundings": {}, "state": {}}


if __name__ == "__main__":
    answer = {
        "unknown": unknown(**json.load(sys.stdin)),
        "fine": {make.__name__: described(make()) for make in FINE},
        "refused": {name: described(make()) for name, make in REFUSED.items()},
    }
    sys.stdout.write(f"\n{json.dumps(answer)}\n")
