"""TensorFlow 1's MNIST tutorial data, from the assignment's own file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.inside.data import DataNotProvidedError
from grader.inside.keras2.adapted import Adapted
from grader.inside.keras2.tutorials import TODAY, Datasets, reader

TRAIN, TEST = 50, 20


def read(path: Path, **asked: Any) -> Datasets:
    return reader({"mnist.npz": str(path)}, Adapted(None))("MNIST_data/", **({"validation_size": 10} | asked))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "mnist.npz"
    pixels = np.arange((TRAIN + TEST) * 4, dtype="uint8").reshape(-1, 2, 2)
    digits = (np.arange(TRAIN + TEST) % 10).astype("uint8")
    train, test = slice(None, TRAIN), slice(TRAIN, None)
    arrays = {"x_train": pixels[train], "y_train": digits[train], "x_test": pixels[test], "y_test": digits[test]}
    np.savez(path, allow_pickle=False, **arrays)
    return path


def test_images_are_rows_between_0_and_1_and_the_first_ones_are_kept_back(file: Path) -> None:
    data = read(file)
    assert [part.images.shape for part in data] == [(40, 4), (10, 4), (20, 4)]
    assert (data.train.images.dtype, data.train.labels.dtype) == (np.float32, np.uint8)
    np.testing.assert_allclose(data.validation.images[1], np.array([4, 5, 6, 7]) / 255, rtol=1e-6)
    assert data.train.labels[:3].tolist() == [0, 1, 2]
    assert float(data.train.images.max()) == pytest.approx(199 / 255)


def test_labels_are_one_hot_and_images_keep_their_shape_where_that_is_asked(file: Path) -> None:
    data = read(file, one_hot=True, reshape=False, validation_size=0)
    assert (data.train.images.shape, data.validation.num_examples) == ((50, 2, 2, 1), 0)
    assert data.test.labels[1].tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert read(file, dtype=np.uint8).test.images.dtype == np.uint8


def test_batches_go_through_all_images_once_an_epoch(file: Path) -> None:
    np.random.seed(3)  # noqa: NPY002 - what notebooks seed
    train = read(file).train
    whole = sorted(map(tuple, train.images.tolist()))
    batches = [train.next_batch(15) for _ in range(8)]
    rows = np.concatenate([images for images, _ in batches])
    assert [len(labels) for _, labels in batches] == [15] * 8
    assert sorted(map(tuple, rows[:40].tolist())) == sorted(map(tuple, rows[40:80].tolist())) == whole
    assert rows[:40].tolist() != rows[40:80].tolist()
    assert train.epochs_completed == 2
    np.random.seed(3)  # noqa: NPY002 - as above
    np.testing.assert_array_equal(read(file).train.next_batch(15)[0], batches[0][0])


def test_without_shuffling_batches_come_in_the_files_order(file: Path) -> None:
    train = read(file).train
    np.testing.assert_array_equal(train.next_batch(4, shuffle=False)[1], [0, 1, 2, 3])


@pytest.mark.parametrize("size", [0, -1, 41])
def test_a_batch_that_cannot_be_says_so(file: Path, size: int) -> None:
    with pytest.raises(ValueError, match="a batch has 1 to 40 images"):
        read(file).train.next_batch(size)


def test_what_the_assignment_does_not_provide_is_named() -> None:
    with pytest.raises(DataNotProvidedError, match=r"'mnist\.npz' cannot be downloaded"):
        reader({}, Adapted(None))("MNIST_data/")


def test_reading_is_told(file: Path) -> None:
    adapted = Adapted(None)
    reader({"mnist.npz": str(file)}, adapted)("x", validation_size=0)
    assert list(adapted.told) == [TODAY]
