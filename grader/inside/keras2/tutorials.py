"""TensorFlow 1's `tensorflow.examples.tutorials.mnist.input_data`, as far as loading data goes.

`read_data_sets` gives the assignment's own MNIST in the form that the tutorials used: rows of 784 numbers
between 0 and 1, the first 5,000 training images kept back as a validation set, and batches in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from .. import data
from .adapted import Adapted

Array = np.ndarray[Any, Any]
FILE = "mnist.npz"
KINDS = 10
BYTE = 255.0
PACKAGE = "tensorflow.examples"
MODULES = ("", ".tutorials", ".tutorials.mnist", ".tutorials.mnist.input_data")
TODAY = "tensorflow.examples.tutorials.mnist is now the assignment's mnist.npz"


class DataSet:
    """Images as `dtype` and labels, in batches that go round and round."""

    def __init__(self, images: Array, labels: Array) -> None:
        self._images, self._labels = images, labels
        self._at = 0
        self._epochs = 0

    @property
    def images(self) -> Array:
        return self._images

    @property
    def labels(self) -> Array:
        return self._labels

    @property
    def num_examples(self) -> int:
        return len(self._images)

    @property
    def epochs_completed(self) -> int:
        return self._epochs

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Array, Array]:  # noqa: ARG002, FBT001, FBT002 - TensorFlow's signature
        """The next of them; where an epoch ends inside a batch, the next one begins there, in a new order."""
        if not 0 < batch_size <= self.num_examples:
            raise ValueError(f"a batch has 1 to {self.num_examples} images, not {batch_size}")
        if self._at == 0 and self._epochs == 0 and shuffle:
            self._mix()
        images, labels = self._take(batch_size)
        if len(images) == batch_size:
            return images, labels
        self._epochs, self._at = self._epochs + 1, 0
        if shuffle:
            self._mix()
        more = self._take(batch_size - len(images))
        return np.concatenate([images, more[0]]), np.concatenate([labels, more[1]])

    def _take(self, count: int) -> tuple[Array, Array]:
        begin, self._at = self._at, min(self._at + count, self.num_examples)
        return self._images[begin : self._at], self._labels[begin : self._at]

    def _mix(self) -> None:
        order = np.random.permutation(self.num_examples)  # noqa: NPY002 - the generator that notebooks seed
        self._images, self._labels = self._images[order], self._labels[order]


class Datasets(NamedTuple):
    train: DataSet
    validation: DataSet
    test: DataSet


def reader(files: Mapping[str, str], adapted: Adapted) -> Callable[..., Datasets]:
    def read_data_sets(  # noqa: PLR0913, PLR0917 - TensorFlow's signature
        train_dir: str = "",  # noqa: ARG001 - as above; where it would have kept a download
        fake_data: bool = False,  # noqa: FBT001, FBT002, ARG001
        one_hot: bool = False,  # noqa: FBT001, FBT002
        dtype: Any = np.float32,
        reshape: bool = True,  # noqa: FBT001, FBT002
        validation_size: int = 5000,
        seed: int | None = None,  # noqa: ARG001
        source_url: str = "",  # noqa: ARG001
    ) -> Datasets:
        adapted.tell(TODAY)
        with np.load(data.listed(files, FILE, None), allow_pickle=False) as kept:
            images = {name: _images(kept[f"x_{name}"], dtype, reshape=reshape) for name in ("train", "test")}
            labels = {name: _labels(kept[f"y_{name}"], one_hot=one_hot) for name in ("train", "test")}
        if not 0 <= validation_size <= len(images["train"]):
            raise ValueError(
                f"the validation size lies between 0 and {len(images['train'])}, not at {validation_size}"
            )
        cut = validation_size
        return Datasets(
            DataSet(images["train"][cut:], labels["train"][cut:]),
            DataSet(images["train"][:cut], labels["train"][:cut]),
            DataSet(images["test"], labels["test"]),
        )

    return read_data_sets


def _images(pixels: Array, dtype: Any, *, reshape: bool) -> Array:
    shaped = pixels.reshape(len(pixels), -1) if reshape else pixels[..., np.newaxis]
    kind = np.dtype(getattr(dtype, "as_numpy_dtype", dtype))
    return shaped.astype(kind) / kind.type(BYTE) if kind.kind == "f" else shaped.astype(kind)


def _labels(numbers: Array, *, one_hot: bool) -> Array:
    return np.eye(KINDS)[numbers] if one_hot else numbers.astype(np.uint8)


def modules(files: Mapping[str, str], adapted: Adapted) -> dict[str, Callable[[ModuleType], None]]:
    """By name, what fills each of the tutorial's modules."""
    read = reader(files, adapted)

    def fill(module: ModuleType) -> None:
        content = (
            {"read_data_sets": read, "DataSet": DataSet} if module.__name__.endswith("mnist.input_data") else {}
        )
        vars(module).update(content)

    return {f"{PACKAGE}{name}": fill for name in MODULES}
