"""Frames between kernel, grader and trainer: written and read again, and what is no frame."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.inside import frame

ARRAYS = {
    "one": np.arange(6, dtype="float32").reshape(2, 3),
    "turned": np.arange(6, dtype="int64").reshape(2, 3).T,
    "number": np.array(3, "uint8"),
    "none": np.zeros((0, 4), "float64"),
    "truths": np.array([True, False]),
    "large": np.arange(3 * 2**18, dtype="float32"),  # more than a pipe holds, and than goes in one piece
}


def sent(data: bytes) -> int:
    """The reading end of a pipe that a thread fills."""
    reading, writing = os.pipe()

    def fill() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)

    threading.Thread(target=fill).start()
    return reading


def read(data: bytes, limit: int = 2**20) -> Any:
    with os.fdopen(sent(data), "rb") as pipe:
        try:
            return frame.read(pipe.fileno(), limit)
        finally:
            pipe.read()


def framed(header: bytes, rest: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "big") + header + rest


def test_a_frame_comes_out_as_it_went_in() -> None:
    reading, writing = os.pipe()
    encoded = frame.header({"fit": {"b": 1.5, "a": [None, "ä", "\ud800"]}}, ARRAYS)

    def send() -> None:
        frame.write(writing, encoded, ARRAYS)
        os.close(writing)

    threading.Thread(target=send).start()
    with os.fdopen(reading, "rb") as pipe:
        facts, arrays = frame.read(pipe.fileno(), 2**23)
        assert pipe.read() == b""
    assert facts["fit"] == {"b": 1.5, "a": [None, "ä", "\ud800"]}
    assert list(facts["fit"]) == ["a", "b"]
    np.testing.assert_equal(arrays, ARRAYS)
    assert [array.dtype for array in arrays.values()] == [array.dtype for array in ARRAYS.values()]
    assert frame.size(encoded, ARRAYS) == 8 + len(encoded) + 24 + 48 + 1 + 0 + 2 + 3 * 2**20


@pytest.mark.parametrize(
    ("facts", "arrays"),
    [
        ({"nan": float("nan")}, {}),
        ({"bytes": b""}, {}),
        ({"long": "x" * frame.LARGEST_HEADER}, {}),
        ({}, {"text": np.array(["a"])}),
        ({}, {"swapped": np.arange(3, dtype=">i4")}),
        ({}, {"complex": np.zeros(1, complex)}),
    ],
)
def test_what_has_no_place_in_a_frame_is_refused(facts: Any, arrays: Any) -> None:
    with pytest.raises(frame.FrameError):
        frame.header(facts, arrays)


def tensor(**changes: Any) -> bytes:
    told = {"name": "a", "dtype": "int8", "shape": [2]} | changes
    return str([told]).replace("'", '"').encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        b"\xff" * 8,
        framed(b"[]"),
        framed(b"{"),
        framed(b"\xff"),
        framed(b"[" * 100_000),
        framed(b"{}"),
        framed(b'{"tensors":[1]}'),
        framed(b'{"tensors":%s}' % tensor(dtype="object"), b"xx"),
        framed(b'{"tensors":%s}' % tensor(shape=[-1]), b"xx"),
        framed(b'{"tensors":%s}' % tensor(shape=[2**62, 2**62])),
        framed(b'{"tensors":%s}' % tensor(), b"x"),
    ],
)
def test_what_is_no_frame_is_an_error_of_its_own(data: bytes) -> None:
    with pytest.raises(frame.FrameError):
        read(data)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_raise_anything_else(data: bytes, whole: bool) -> None:  # noqa: FBT001 - a drawn value
    try:
        facts, arrays = read(framed(b'{"tensors":[' + data + b"]}") if whole else data)
    except frame.FrameError:
        return
    assert isinstance(facts, dict)
    assert sum(array.nbytes for array in arrays.values()) <= 2**20
