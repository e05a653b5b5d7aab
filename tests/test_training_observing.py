"""What is told of a fit's arrays is what its kernel would have said of them."""

from __future__ import annotations

import json
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from grader.inside import arrays, frame
from grader.training.frame import ITEM_SIZES, Header, parse
from grader.training.observing import Arrays

MOST = 1024**2
SEEN = ("float16", "float32", "float64", "uint8", "int64", "bool")


def told(given: dict[str, Any], floatx: Any = "float32", known: Arrays | None = None, *, kept: bool = True) -> Any:
    """As a kernel sends these arrays; and what is said of them."""
    encoded = frame.header({"fit": {"surroundings": {"floatx": floatx}}}, given)
    header = parse(encoded, MOST)
    digests = [str(hash(array.tobytes())) for array in given.values()]
    with TemporaryFile() as spool:
        spool.write(header.length + header.canonical)
        for array in given.values():
            spool.write(array.tobytes())
        spool.flush()
        return (known or Arrays()).facts(header, digests, spool if kept else None)


@given(
    st.sampled_from(SEEN).flatmap(lambda dtype: arrays_of.arrays(dtype, arrays_of.array_shapes(min_side=0))),
    st.sampled_from(["float16", "float32", "float64"]),
)
def test_the_facts_are_those_that_a_kernel_works_out(array: Any, floatx: str) -> None:
    found = told({"weights": np.ones(3, "float32"), "data 0": array, "data 1": array[:0]}, floatx)
    expected = {"data 0": arrays.facts(array, floatx), "data 1": arrays.facts(array[:0], floatx)}
    assert json.dumps(found) == json.dumps(expected)


def test_what_was_worked_out_once_is_known_without_the_request() -> None:
    known = Arrays()
    x, y = np.linspace(0, 1, 9, dtype="float32"), np.arange(9)
    first = told({"data 0": x, "data 1": y}, known=known)
    assert set(first) == {"data 0", "data 1"}
    assert told({"data 0": y, "data 1": x, "data 2": x + 1}, known=known, kept=False) == {
        "data 0": first["data 1"],
        "data 1": first["data 0"],
    }
    assert told({"data 0": x.reshape(3, 3)}, known=known, kept=False) == {}
    assert told({"data 0": x}, "float64", known, kept=False) == {}


@pytest.mark.parametrize("floatx", ["bfloat16", "float99", "O", None, 7, ["float32"]])
def test_under_another_precision_nothing_is_told(floatx: Any) -> None:
    assert told({"data 0": np.ones(3, "float32")}, floatx) == {}


def test_of_a_type_that_numpy_does_not_have_nothing_is_told() -> None:
    assert facts_of([{"name": "data 0", "dtype": "bfloat16", "shape": [2]}], b"1234") == {}


def test_shapes_that_numpy_refuses_are_passed_over() -> None:
    huge = {"name": "data 0", "dtype": "float32", "shape": [0, 2**62, 2**62]}
    small = {"name": "data 1", "dtype": "float32", "shape": [1]}
    assert set(facts_of([huge, small], bytes(4))) == {"data 1"}


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, 2**31, 2**62]), max_size=32),
    st.sampled_from(sorted(ITEM_SIZES)),
    st.binary(min_size=64, max_size=64),
)
def test_any_tensor_is_described_or_passed_over(shape: list[int], dtype: str, body: bytes) -> None:
    tensor = {"name": "data 0", "dtype": dtype, "shape": shape}
    if int(np.prod(shape, dtype=object)) * ITEM_SIZES[dtype] <= len(body):
        assert set(facts_of([tensor], body)) <= {"data 0"}


def facts_of(tensors: list[dict[str, Any]], body: bytes) -> Any:
    content = {"fit": {"surroundings": {"floatx": "float32"}}, "tensors": tensors}
    header: Header = parse(json.dumps(content).encode(), MOST)
    with TemporaryFile() as spool:
        spool.write(header.length + header.canonical + body)
        spool.flush()
        return Arrays().facts(header, ["digest"] * len(tensors), spool)
