"""Histories of many small trainings, of which `test_calibration` makes recordings and new runs.

`python tests/seed_pool.py` makes `seed_pool.json` anew: the assignment's network with an eighth of its filters and
a quarter of its units, on the first 600 images of MNIST, once for each seed, and fewer times with each of three
mistakes. It takes about 4 minutes on one core. The file of the repository was made on a CPU with 2 cores.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_suffix(".json")
MNIST = Path(__file__).parents[1] / "reference" / "data" / "mnist.npz"
TRAIN, TEST = 600, 300  # images
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
    adadelta, seeds = keras.optimizers.Adadelta, range(MISTAKEN)
    mistaken = {
        "learning rate 0.001": histories(adadelta(), 255.0, seeds),
        "SGD": histories(keras.optimizers.SGD(), 255.0, seeds),
        "values not scaled": histories(adadelta(learning_rate=1.0), 1.0, seeds),
    }
    faithful = histories(adadelta(learning_rate=1.0), 255.0, range(FAITHFUL))
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__}
    rows = {"versions": versions, "mistaken": mistaken, "faithful": faithful}
    FILE.write_text(json.dumps(rows).replace('{"accuracy"', '\n{"accuracy"') + "\n", "utf-8")


def histories(optimizer: Any, divisor: float, seeds: range) -> list[dict[str, list[float]]]:
    """One a seed. All go through one model, which is as new each time: tracing it costs more than training it."""
    import keras

    images, labels = _data(divisor)
    model = _network()
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    optimizer.build(model.trainable_variables)
    unused = [variable.numpy() for variable in optimizer.variables]
    found = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        for layer, new in zip(model.layers, _network().layers, strict=True):
            for variable, value in zip(layer.variables, new.variables, strict=True):
                variable.assign(value)
        for variable, value in zip(optimizer.variables, unused, strict=True):
            variable.assign(value)
        given = {"validation_data": (images["test"], labels["test"]), "batch_size": 32, "epochs": EPOCHS}
        history = model.fit(images["train"], labels["train"], verbose=0, **given).history
        found.append({name: [float(f"{v:.{DIGITS}g}") for v in history[name]] for name in sorted(history)})
    return found


def _data(divisor: float) -> tuple[dict[str, Any], dict[str, Any]]:
    sizes = {"train": TRAIN, "test": TEST}
    with np.load(MNIST) as data:
        images = {name: data[f"x_{name}"][:n, :, :, None] / np.float32(divisor) for name, n in sizes.items()}
        labels = {name: np.eye(10, dtype="float32")[data[f"y_{name}"][:n]] for name, n in sizes.items()}
    return images, labels


def _network() -> Any:
    """The assignment's layers, smaller."""
    import keras
    from keras import layers

    return keras.Sequential(
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


if __name__ == "__main__":
    make()
