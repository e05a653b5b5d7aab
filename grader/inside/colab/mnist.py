"""The assignment's MNIST in the forms that other places give it in."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import DataNotProvidedError

FILE = "mnist.npz"
# The files of the original site, and which array each of them holds.
ORIGINAL = {
    "train-images-idx3-ubyte": "x_train",
    "train-labels-idx1-ubyte": "y_train",
    "t10k-images-idx3-ubyte": "x_test",
    "t10k-labels-idx1-ubyte": "y_test",
}
PACKED = 1  # level of compression: nobody keeps it
UNSIGNED_BYTES = 0x08  # as IDX numbers its types


@dataclass(frozen=True)
class Mnist:
    """Images as unsigned bytes (n, 28, 28), labels as unsigned bytes (n,)."""

    x_train: Any
    y_train: Any
    x_test: Any
    y_test: Any

    def split(self, name: str) -> tuple[Any, Any]:
        """`train` or `test`; KeyError for anything else."""
        return {"train": (self.x_train, self.y_train), "test": (self.x_test, self.y_test)}[name]


def load(data: Mapping[str, str], asked: str) -> Mnist:
    """DataNotProvidedError, which quotes what was `asked`, where the assignment does not list it."""
    if FILE not in data:
        provides = ", ".join(f"'{name}'" for name in sorted(data)) or "no data"
        raise DataNotProvidedError(
            f"{asked} cannot be answered: there is no network while a notebook is graded. "
            f"The assignment provides {provides}."
        )
    with np.load(data[FILE], allow_pickle=False) as arrays:
        return Mnist(*(arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")))


def other(asked: str) -> DataNotProvidedError:
    """For data that is not MNIST."""
    return DataNotProvidedError(
        f"{asked} cannot be answered: there is no network while a notebook is graded. "
        "MNIST is there: keras.datasets.mnist.load_data()."
    )


def idx(array: Any) -> bytes:
    """In the format of the original files: two zeros, type, dimensions, their sizes, values."""
    head = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTES, array.ndim, *array.shape)
    return head + np.ascontiguousarray(array, np.uint8).tobytes()


def original(data: Mapping[str, str], name: str) -> bytes | None:
    """One of the original site's files, packed where its name says so; None for other names."""
    plain = name.removesuffix(".gz").replace(".idx", "-idx")  # both spellings are in use
    if plain not in ORIGINAL or FILE not in data:
        return None
    content = idx(getattr(load(data, name), ORIGINAL[plain]))
    return gzip.compress(content, PACKED) if name.endswith(".gz") else content
