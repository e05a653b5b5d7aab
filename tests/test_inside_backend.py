"""Random sources and data of TensorFlow and Keras in the sandbox, whenever and however they are imported."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from conftest import TEST, TRAIN, Ran, RunNotebook

from grader.inside.seeds import mixed

pytestmark = pytest.mark.slow

IMPORTS = "import tensorflow as tf\nimport keras"
DRAWS = """
    import random
    import numpy as np
    print([random.random(), np.random.random(), hash("text") % 1000])
"""
DRAWS_IN_KERAS = """
    initialised = keras.initializers.GlorotUniform()((2, 2)).numpy().ravel().tolist()
    layer = keras.layers.Dense(2)
    layer.build((None, 2))
    dropped = keras.layers.Dropout(0.5)(np.ones((1, 8)), training=True).numpy().ravel().tolist()
    print([initialised, layer.kernel.numpy().ravel().tolist(), dropped, float(tf.random.uniform(()))])
"""
SEEDS = """
    random.seed(5)
    np.random.seed(6)
    print([random.random(), np.random.random(), np.random.default_rng(7).random()])
    keras.utils.set_random_seed(8)
    print([random.random(), np.random.random(), float(tf.random.uniform(()))])
"""
LOADS = """
    def sizes(data):
        (x_train, y_train), (x_test, y_test) = data
        return [x_train.shape, y_train.shape, x_test.shape, y_test.shape]

    from tensorflow.keras.datasets import mnist
    found = [
        keras.datasets.mnist.load_data(),
        keras.datasets.mnist.load_data(path="mnist.npz"),
        keras.datasets.mnist.load_data(path="other.npz"),
        tf.keras.datasets.mnist.load_data("mnist.npz"),
        mnist.load_data(),
    ]
    print([sizes(data) for data in found])
    print([int(data[0][0].sum()) for data in found])
    by_origin = keras.utils.get_file("x", "http://example.org/mnist.npz")
    print([by_origin == tf.keras.utils.get_file("mnist.npz")])
"""
ASKS_FOR_MORE = """
    import time, urllib.request
    began = time.monotonic()
    for ask in (
        keras.datasets.cifar10.load_data,
        tf.keras.datasets.fashion_mnist.load_data,
        lambda: pd_read("https://example.org/data.csv"),
        lambda: urllib.request.urlopen("http://example.org"),
    ):
        try:
            ask()
        except OSError as error:
            print(type(error).__name__, "|", error)
    print(time.monotonic() - began < 2.0)
"""
READS_CSV = "from pandas import read_csv as pd_read"


@pytest.fixture(scope="module")
def run_cells(notebook: Callable[..., Path], run_notebook: RunNotebook, mnist: Path) -> Callable[..., Ran]:
    def run(*cells: str, **conditions: Any) -> Ran:
        path = notebook(*(dedent(cell) for cell in cells))
        return run_notebook(path, datasets={"mnist.npz": mnist}, **conditions)

    return run


@pytest.fixture(scope="module")
def imported_first(run_cells: Callable[..., Ran]) -> Ran:
    return run_cells(IMPORTS, DRAWS, DRAWS_IN_KERAS, SEEDS, READS_CSV, ASKS_FOR_MORE, LOADS)


@pytest.fixture(scope="module")
def imported_late(run_cells: Callable[..., Ran]) -> Ran:
    return run_cells(DRAWS, "import keras\n" + IMPORTS, DRAWS_IN_KERAS)


@pytest.fixture(scope="module")
def with_another_seed(run_cells: Callable[..., Ran]) -> Ran:
    return run_cells(IMPORTS, DRAWS, DRAWS_IN_KERAS, SEEDS, seed=3, mix=1)


def drawn(ran: Ran) -> list[object]:
    """Python's, NumPy's and Keras' numbers, one by one."""
    texts = {cell.source: cell.text for cell in ran.told.cells}
    return ast.literal_eval(texts[dedent(DRAWS)]) + ast.literal_eval(texts[dedent(DRAWS_IN_KERAS)])  # type: ignore[no-any-return]  # two lists


def test_the_same_seed_gives_the_same_numbers_whenever_keras_is_imported(
    imported_first: Ran, imported_late: Ran
) -> None:
    assert len(drawn(imported_first)) == 7
    assert drawn(imported_first) == drawn(imported_late)


def test_another_seed_gives_other_numbers_everywhere(imported_first: Ran, with_another_seed: Ran) -> None:
    pairs = zip(drawn(imported_first), drawn(with_another_seed), strict=True)
    assert [one == other for one, other in pairs] == [False] * 7


@pytest.mark.parametrize(("fixture", "mix"), [("imported_first", 0), ("with_another_seed", 1)])
def test_seed_calls_are_mixed_in_a_recording_only_and_once(
    request: pytest.FixtureRequest, fixture: str, mix: int
) -> None:
    ran: Ran = request.getfixturevalue(fixture)
    seeded, in_keras = (ast.literal_eval(line) for line in ran.told.cells[3].text.splitlines())

    def python(seed: int) -> float:
        return random.Random(mixed(seed, mix)).random()  # noqa: S311 - no secrets

    def numpy(seed: int) -> float:
        return float(np.random.RandomState(mixed(seed, mix)).random())

    assert seeded == [python(5), numpy(6), float(np.random.default_rng(mixed(7, mix)).random())]
    assert in_keras[:2] == [python(8), numpy(8)]


def test_listed_data_is_there_by_every_way_of_asking(imported_first: Ran) -> None:
    shapes, sums, same = (ast.literal_eval(line) for line in imported_first.told.cells[6].text.splitlines())
    assert shapes == [[(TRAIN, 28, 28), (TRAIN,), (TEST, 28, 28), (TEST,)]] * 5
    assert len(set(sums)) == 1
    assert same == [True]


def test_other_data_is_refused_at_once_with_what_there_is(imported_first: Ran) -> None:
    refused = (
        "DataNotProvidedError | '{}' cannot be downloaded: this assignment does not provide it, and there is no "
        "network while a notebook is graded. The assignment provides 'mnist.npz'."
    )
    closed = "<urlopen error '{}' cannot be reached: there is no network while a notebook is graded. "
    assert imported_first.told.cells[5].text.splitlines() == [
        refused.format("cifar-10-python.tar.gz"),
        refused.format("train-labels-idx1-ubyte.gz"),
        "URLError | " + closed.format("example.org") + "Use the data that the assignment provides.>",
        "URLError | " + closed.format("example.org") + "Use the data that the assignment provides.>",
        "True",
    ]
