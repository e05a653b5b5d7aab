"""Histories of many small trainings, of which `test_calibration` makes recordings and new runs.

`python tests/seed_pool.py` makes `seed_pool.json` anew: the assignment's network with an eighth of its filters and
a quarter of its units, on the first 2,000 images of MNIST, once for each seed, and fewer times with each of three
mistakes. It takes about 10 minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_suffix(".json")
MNIST = Path(__file__).parents[1] / "reference" / "data" / "mnist.npz"
TRAIN, TEST = 2000, 1000  # images
EPOCHS = 3
FAITHFUL, MISTAKEN = 250, 12  # seeds
DIGITS = 7  # significant ones; figures are of 32 bits

History = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Pool:
    """`versions` are those that the pool was made with; of each mistake there are some histories."""

    versions: Mapping[str, str]
    faithful: tuple[History, ...]
    mistaken: Mapping[str, tuple[History, ...]]


def load() -> Pool:
    content = json.loads(FILE.read_text("utf-8"))
    return Pool(
        content["versions"],
        tuple(map(_history, content["faithful"])),
        {mistake: tuple(map(_history, found)) for mistake, found in content["mistaken"].items()},
    )


def _history(found: Mapping[str, list[float]]) -> History:
    return {metric: tuple(values) for metric, values in found.items()}


def make() -> None:
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    optimizers: dict[str, Callable[[], Any]] = {
        "learning rate 0.001": keras.optimizers.Adadelta,
        "SGD": keras.optimizers.SGD,
        "values not scaled": _adadelta,
    }
    mistaken = {
        mistake: [
            train(seed, optimizer(), 1.0 if mistake == "values not scaled" else 255.0) for seed in range(MISTAKEN)
        ]
        for mistake, optimizer in optimizers.items()
    }
    faithful = [train(seed, _adadelta(), 255.0) for seed in range(FAITHFUL)]
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__}
    rows = {"versions": versions, "mistaken": mistaken, "faithful": faithful}
    FILE.write_text(json.dumps(rows).replace('{"accuracy"', '\n{"accuracy"') + "\n", "utf-8")


def _adadelta() -> Any:
    import keras

    return keras.optimizers.Adadelta(learning_rate=1.0)


def train(seed: int, optimizer: Any, divisor: float) -> dict[str, list[float]]:
    import keras
    from keras import layers

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    with np.load(MNIST) as data:
        x, x_test = (
            data[name][:n, :, :, None] / np.float32(divisor) for name, n in (("x_train", TRAIN), ("x_test", TEST))
        )
        y, y_test = (np.eye(10)[data[name][:n]] for name, n in (("y_train", TRAIN), ("y_test", TEST)))
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    history = model.fit(x, y, batch_size=32, epochs=EPOCHS, validation_data=(x_test, y_test), verbose=0).history
    return {metric: [float(f"{value:.{DIGITS}g}") for value in history[metric]] for metric in sorted(history)}


if __name__ == "__main__":
    make()
