"""Frames: a JSON header and raw arrays on a file descriptor, the form in which fits and their results travel.

Eight bytes tell the length of the header (big-endian), the header's `tensors` tell name, dtype and shape of
what follows it: the arrays' bytes in C order, little-endian, one after the other.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

LARGEST_HEADER = 4 * 1024**2  # bytes
PIECE = 1024**2  # bytes given to one call of `write`, or asked of one of `read`
LENGTH = 8
DTYPES = frozenset(
    {
        "bool",
        *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
        *("float16", "float32", "float64", "bfloat16"),
    }
)

Facts = dict[str, Any]
Arrays = Mapping[str, "np.ndarray[Any, Any]"]


class FrameError(Exception):
    """What was to be written is no frame, or what was read is none."""


def size(header: bytes, arrays: Arrays) -> int:
    """Bytes of the whole frame."""
    return LENGTH + len(header) + sum(array.nbytes for array in arrays.values())


def header(facts: Facts, arrays: Arrays) -> bytes:
    """With sorted keys. NaN and infinity, and what JSON has no word for, are refused."""
    listed = [_told(name, array) for name, array in arrays.items()]
    try:
        text = json.dumps({**facts, "tensors": listed}, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise FrameError(f"the header cannot be written as JSON: {error}") from error
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) > LARGEST_HEADER:
        raise FrameError(f"the header has {len(encoded)} bytes, {LARGEST_HEADER} are allowed")
    return encoded


def plain(facts: Facts) -> Facts:
    """As they are when they were written and read again."""
    return dict(json.loads(json.dumps(facts)))


def write(descriptor: int, encoded: bytes, arrays: Arrays) -> None:
    """`encoded` is what `header` made of the same arrays."""
    _put(descriptor, memoryview(len(encoded).to_bytes(LENGTH, "big") + encoded))
    for array in arrays.values():
        _put(descriptor, _raw(array))


def read(descriptor: int, limit: int) -> tuple[Facts, dict[str, Any]]:
    """Header and arrays by name; FrameError where more than `limit` bytes of arrays are announced."""
    facts = read_header(descriptor)
    listed = facts.get("tensors")
    if not isinstance(listed, list):
        raise FrameError("the header lists no tensors")
    shapes = {name: (dtype, shape) for name, dtype, shape in map(_announced, listed)}
    total = sum(math.prod(shape) * _dtype(dtype).itemsize for dtype, shape in shapes.values())
    if total > limit:
        raise FrameError(f"the tensors have {total} bytes, {limit} are allowed")
    arrays = {}
    for name, (dtype, shape) in shapes.items():
        arrays[name] = np.empty(shape, _dtype(dtype))
        _fill(descriptor, _raw(arrays[name]))
    return facts, arrays


def read_header(descriptor: int) -> Facts:
    length = bytearray(LENGTH)
    _fill(descriptor, memoryview(length))
    told = int.from_bytes(length, "big")
    if told > LARGEST_HEADER:
        raise FrameError(f"the header has {told} bytes, {LARGEST_HEADER} are allowed")
    encoded = bytearray(told)
    _fill(descriptor, memoryview(encoded))
    try:
        facts = json.loads(encoded.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"the header is no JSON: {error}") from error
    if not isinstance(facts, dict):
        raise FrameError("the header is no JSON object")
    return facts


def _told(name: str, array: Any) -> Facts:
    if array.dtype.name not in DTYPES or not _native(array.dtype):
        raise FrameError(f"'{name}' is an array of {array.dtype}, which has no place in a frame")
    return {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}


def _native(dtype: Any) -> bool:
    return sys.byteorder == "little" and bool(dtype.isnative)


def _announced(told: Any) -> tuple[str, str, list[int]]:
    match told:
        case {"name": str(name), "dtype": str(dtype), "shape": [*shape]} if dtype in DTYPES:
            if all(type(length) is int and length >= 0 for length in shape):
                return name, dtype, shape
    raise FrameError(f"a tensor is announced as '{str(told)[:200]}'")


def _dtype(name: str) -> Any:
    if name == "bfloat16":
        import ml_dtypes  # what TensorFlow itself brings along

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def _raw(array: Any) -> memoryview:
    """The array's own memory where it is in C order, else that of a copy."""
    return np.asarray(array, order="C").reshape(-1).view(np.uint8).data


def _put(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data[:PIECE]) :]


def _fill(descriptor: int, room: memoryview) -> None:
    while room:
        count = os.readv(descriptor, [room[:PIECE]])
        if not count:
            raise FrameError(f"the frame ends {len(room)} bytes too soon")
        room = room[count:]
