"""Frames as kernels and trainings write them, for the tests of the grader's side."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from typing import Any

from grader.training.channel import Inlet

DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}, "registered_name": None}
FIT: dict[str, Any] = {
    "model": {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "s", "layers": [DENSE]},
        "registered_name": None,
    },
    "compile": {"loss": "mse"},
    "arguments": {"epochs": 2},
    "surroundings": {"floatx": "float32"},
    "state": {},
}
TENSORS = [{"name": "x", "dtype": "float32", "shape": [2, 3]}, {"name": "y", "dtype": "uint8", "shape": [2]}]
BODY = bytes(range(26))
RESULT: dict[str, Any] = {
    "history": {"loss": [0.5, "nan"], "val_loss": [1]},
    "epochs": [0, 1],
    "seconds": [2.0, 1.5],
    "state": {"random": [1, 2]},
    "tensors": [{"name": "w", "dtype": "float64", "shape": [2]}],
}
WEIGHTS = b"weights " * 2


def frame(header: Any, body: bytes = b"") -> bytes:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(data).to_bytes(8, "big") + data + body


def request(fit: Any = None, body: bytes = BODY) -> bytes:
    return frame({"fit": FIT if fit is None else fit, "tensors": TENSORS}, body)


def result(header: Any = None, body: bytes = WEIGHTS) -> bytes:
    return frame(RESULT if header is None else header, body)


def parsed(data: bytes) -> tuple[Any, bytes]:
    """A frame's header, and what follows it."""
    end = 8 + int.from_bytes(data[:8], "big")
    return json.loads(data[8:end]), data[end:]


@contextlib.contextmanager
def piped(data: bytes, *, closed: bool = True) -> Iterator[Inlet]:
    """A pipe that somebody writes this into, and then closes, or not."""
    reading, writing = os.pipe()

    def write() -> None:
        with contextlib.suppress(BrokenPipeError):
            left = memoryview(data)
            while left:
                left = left[os.write(writing, left) :]
        if closed:
            os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield Inlet(reading, threading.Event())
    finally:
        os.close(reading)
        thread.join()
        if not closed:
            os.close(writing)
