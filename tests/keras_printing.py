"""Has the Keras of this machine print models and histories in each of its forms: JSON, beside their own facts.

Run as a program by `test_extract_keras`, which imports no Keras itself.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock


def main() -> None:
    import keras

    keras.utils.set_random_seed(0)
    json.dump({"summaries": list(_summaries(keras)), "histories": list(_histories(keras))}, sys.stdout)


def _captured(show: Callable[[], object]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        show()
    return text.getvalue()


def _summaries(keras: Any) -> Iterator[dict[str, Any]]:
    for name, model in _models(keras).items():
        for columns in (30, 44, 60, 80, 90, 120, 150):
            show = lambda: model.summary(line_length=columns)  # noqa: B023, E731 - called at once
            yield _summary(f"{name} at {columns}", model, _captured(show))
        yield _summary(f"{name} trainable", model, _captured(lambda: model.summary(show_trainable=True)))  # noqa: B023
        yield _summary(f"{name} expanded", model, _captured(lambda: model.summary(expand_nested=True)))  # noqa: B023
        lines: list[str] = []
        model.summary(
            positions=[0.5, 0.7, 0.8, 1.0] if name == "two inputs" else [0.3, 0.8, 1.0], print_fn=lines.append
        )
        yield _summary(f"{name} by print_fn", model, "\n".join(lines))
        with mock.patch("rich.console.detect_legacy_windows", return_value=True):
            yield _summary(f"{name} on Windows", model, _captured(lambda: model.summary(line_length=76)))  # noqa: B023


def _summary(name: str, model: Any, text: str) -> dict[str, Any]:
    rows = [
        [layer.__class__.__name__, _shape(layer), layer.count_params()] for layer in model.layers if layer.built
    ]
    return {"name": name, "text": text, "rows": rows, "total": model.count_params() if model.built else 0}


def _shape(layer: Any) -> str:
    shape = layer.output.shape
    return f"({', '.join(map(str, shape))})"


def _models(keras: Any) -> dict[str, Any]:
    layers = keras.layers
    convolutions = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, name="a_convolution_with_a_long_name"),
            layers.GlobalAveragePooling2D(),
            layers.BatchNormalization(),
            layers.Dense(10),
        ]
    )
    left, right = keras.Input((8,)), keras.Input((4,))
    joined = layers.Concatenate()([layers.Dense(4)(left), right])
    trained = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(1)])
    trained.compile("adam", "mse")
    trained.fit(*_data(), verbose=0)
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dropout(0.5)])
    return {
        "convolutions": convolutions,
        "two inputs": keras.Model([left, right], layers.Dense(1)(joined)),
        "trained": trained,
        "nested": keras.Sequential([keras.Input((8,)), inner, layers.Dense(1)]),
    }


def _data() -> tuple[Any, Any]:
    import numpy as np

    source = np.random.default_rng(0)
    return source.random((64, 8)), source.random((64, 1))


def _histories(keras: Any) -> Iterator[dict[str, Any]]:
    for verbose in (1, 2):
        for validated in (False, True):
            yield _fit(keras, f"verbose {verbose}, validated {validated}", verbose=verbose, validated=validated)
    yield _fit(keras, "unknown steps", verbose=1, validated=True, steps=False)
    stop = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1), verbose=1)
    yield _fit(keras, "a callback", verbose=1, validated=True, callbacks=[stop])


def _fit(keras: Any, name: str, *, verbose: int, validated: bool, **changed: Any) -> dict[str, Any]:
    """`changed`: whether the number of `steps` is known, and `callbacks`."""
    import pandas as pd
    import tensorflow as tf

    x, y = _data()
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)
    data = data if changed.get("steps", True) else data.filter(lambda *_: True)
    kept: list[Any] = []

    def fit() -> None:
        validation = (x, y) if validated else None
        kept.append(
            model.fit(
                data, epochs=3, verbose=verbose, validation_data=validation, callbacks=changed.get("callbacks", [])
            )
        )
        model.evaluate(x, y, verbose=verbose)

    bars = _captured(fit)
    history = kept[0].history
    values = {key: [float(value) for value in each] for key, each in history.items()}
    return {"name": name, "bars": bars, "dict": str(values), "frame": str(pd.DataFrame(values)), "history": values}


if __name__ == "__main__":
    main()
