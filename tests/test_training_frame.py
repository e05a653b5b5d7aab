"""A frame is read to its last byte or refused, whatever is in it and however slowly it comes."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_frames import TENSORS, WEIGHTS, piped, request, result

from grader.training.channel import CancelledError, ClosedError, Outlet
from grader.training.frame import (
    MAX_HEADER,
    FrameError,
    file_header,
    parse,
    read_header,
)

MOST = 1024**2


def described(**changes: Any) -> dict[str, Any]:
    return {"tensors": [TENSORS[1], {"name": "x", "dtype": "float32", "shape": [2, 3]} | changes]}


@pytest.mark.parametrize(("end", "part"), [(3, "length"), (8, "header"), (20, "header")])
def test_a_pipe_that_ends_within_a_header_is_no_frame(end: int, part: str) -> None:
    with piped(request()[:end]) as inlet, pytest.raises(FrameError, match=f"the frame ends within its {part}"):
        read_header(inlet, MOST)


def test_a_header_that_is_too_long_is_refused_before_it_comes() -> None:
    too_long = (MAX_HEADER + 1).to_bytes(8, "big")
    why = "the header has 4194305 bytes, more than 4194304"
    with piped(too_long, closed=False) as inlet, pytest.raises(FrameError, match=why):
        read_header(inlet, MOST)


def test_a_reader_that_never_reads_is_left_when_the_run_ends() -> None:
    reading, writing = os.pipe()
    cancelled = threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    with pytest.raises(CancelledError):
        Outlet(writing, cancelled).write(bytes(8 * 1024**2))
    os.close(reading)
    with pytest.raises(ClosedError, match="could not be written: Broken pipe"):
        Outlet(writing, threading.Event()).write(b"x")
    os.close(writing)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b"", "not JSON"),
        (b"\xff{}", "not JSON"),
        (b'{"tensors": [], "fit": NaN}', "NaN is no finite number"),
        (b'{"tensors": [], "fit": -Infinity}', "-Infinity is no finite number"),
        (b'{"tensors": [], "fit": 1e999}', "1e999 is no finite number"),
        (b'{"tensors": [], "fit": {"a": 1, "a": 1}}', "a name is given twice"),
        (b'{"tensors": [], "tensors": []}', "a name is given twice"),
        (b'{"tensors": [], "fit": ' + b"9" * 61 + b"}", "more than 60 digits"),
        (b'{"tensors": [], "fit": "\\ud800"}', "half a character"),
        (b'{"tensors": [], "\\udfff": 1}', "half a character"),
        (b'{"tensors": []} {}', "not JSON"),
        (b"[]", "no JSON object"),
        (b'"tensors"', "no JSON object"),
        (b'{"tensors": [], "fit": ' + b"[" * 64 + b"]" * 64 + b"}", "more than 64 levels"),
        (b'{"tensors": [], "fit": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[" * MAX_HEADER, "more than 250000 values"),
        (b"[" + b"1," * 250_000 + b"1]", "more than 250000 values"),
        ({}, "no list of tensors"),
        ({"tensors": {}}, "no list of tensors"),
        ({"tensors": [{"name": "", "dtype": "int8", "shape": [0]}] * 10_001}, "10001 tensors, more than 10000"),
        ({"tensors": ["x"]}, "not described by name, dtype and shape"),
        ({"tensors": [{"name": "x", "shape": []}]}, "not described by name, dtype and shape"),
        (described(more=1), "not described by name, dtype and shape"),
        (described(name=1), "not described by name, dtype and shape"),
        (described(name="x" * 1001), "1001 characters"),
        (described(dtype="object"), "the type 'object', expected one of bool, int8"),
        (described(dtype="<U8"), "the type '<U8'"),
        (described(dtype=["float32"]), "not described"),
        (described(shape=[1] * 33), "at most 32 lengths"),
        (described(shape=[-1]), "at most 32 lengths"),
        (described(shape=[2.0]), "at most 32 lengths"),
        (described(shape=[True]), "at most 32 lengths"),
        (described(shape=[2**63]), "at most 32 lengths"),
        (described(shape=[2**62] * 32), "bytes, more than 1048576"),
        (described(shape=[1024, 256]), "the tensors have 1048578 bytes, more than 1048576"),
    ],
)
def test_what_is_no_header_is_refused_and_said(header: Any, why: str) -> None:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    began = time.monotonic()
    with pytest.raises(FrameError, match=why):
        parse(data, MOST)
    assert time.monotonic() - began < 2


def test_what_is_at_the_bounds_is_taken() -> None:
    deep = b'{"tensors": [], "fit": ' + b"[" * 63 + b"]" * 63 + b"}"
    assert parse(deep, 0).size == 0
    assert parse(json.dumps(described(shape=[1] * 32, name="x" * 1000)).encode(), 6).size == 6
    assert parse(json.dumps(described(shape=[2**62, 0])).encode(), 2).size == 2
    assert parse(json.dumps({"tensors": [TENSORS[1]] * 10_000}).encode(), 20_000).size == 20_000
    assert parse(b'{"tensors":[],"fit":[1e3,' + b"9" * 60 + b',"\\ud83d\\ude00"]}', 0).content["fit"][0] == 1000.0


def test_a_comma_in_a_text_is_no_value() -> None:
    text = '\\",[{' * 300_000
    assert parse(json.dumps({"tensors": [], "fit": text}).encode(), 0).content["fit"] == text


def test_headers_that_differ_in_spelling_are_one() -> None:
    spelled = b'{ "tensors" : [] , "fit" : {"a": "\\u00e9", "b": 1.50} }'
    assert parse(spelled, 0).canonical == parse('{"fit":{"b":1.5,"a":"é"},"tensors":[]}'.encode(), 0).canonical


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_header_or_refused(data: bytes) -> None:
    with contextlib.suppress(FrameError):
        header = parse(data, MOST)
        assert parse(header.canonical, MOST) == header


@given(st.lists(json_values, max_size=3), json_values, json_values)
def test_any_tensors_are_a_header_or_refused(shape: list[Any], dtype: Any, name: Any) -> None:
    for kind in (dtype, "bfloat16"):
        tensor = {"name": name, "dtype": kind, "shape": shape}
        with contextlib.suppress(FrameError):
            header = parse(json.dumps({"tensors": [tensor, tensor]}).encode(), MOST)
            assert 0 <= header.size <= MOST


def test_a_file_must_be_one_frame_and_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "result"
    for data, why in (
        (result()[:-1], "its header asks for"),
        (result() + b" ", "asks for"),
        (b"\0", "ends within"),
    ):
        path.write_bytes(data)
        with path.open("rb") as file, pytest.raises(FrameError, match=why):
            file_header(file.fileno(), MOST)
    path.write_bytes(result())
    with path.open("rb") as file:
        assert file_header(file.fileno(), MOST).size == len(WEIGHTS)
        with pytest.raises(FrameError, match="the tensors have 16 bytes, more than 15"):
            file_header(file.fileno(), 15)
