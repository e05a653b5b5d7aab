"""Facts about arrays: what makes two of them the same data, and what cannot be looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.inside.arrays import BLOCK, described, facts, unseen_kind

BYTES = np.arange(256, dtype=np.uint8)
SINGLE, DOUBLE = np.float32, np.float64

SCALINGS: list[Callable[[Any], Any]] = [
    lambda x: x / 255,
    lambda x: x / 255.0,
    lambda x: x.astype(SINGLE) / 255,
    lambda x: x.astype(DOUBLE) / 255,
    lambda x: x.astype(SINGLE) / SINGLE(255),
    lambda x: x * (1 / 255),
    lambda x: x.astype(SINGLE) * (1 / 255),
    lambda x: x.astype(SINGLE) * SINGLE(1 / 255),
    lambda x: x.astype(DOUBLE) * (1.0 / 255.0),
    lambda x: np.divide(x, 255, dtype=SINGLE),
    lambda x: (x.astype(SINGLE) / 255).astype(DOUBLE),
    lambda x: x.astype(SINGLE) / 5 / 51,
    lambda x: 1 - (255 - x.astype(DOUBLE)) / 255,
]
CENTRINGS: list[Callable[[Any], Any]] = [
    lambda x: x / 127.5 - 1,
    lambda x: x.astype(SINGLE) / 127.5 - 1,
    lambda x: (x.astype(SINGLE) - 127.5) / 127.5,
    lambda x: x.astype(DOUBLE) * (2 / 255) - 1,
    lambda x: 2 * (x.astype(DOUBLE) / 255) - 1,
]
HALVINGS: list[Callable[[Any], Any]] = [
    lambda x: x / 256,
    lambda x: x.astype(SINGLE) / 256,
    lambda x: x.astype(SINGLE) * 2**-8,
]


def digest(value: Any, floatx: str = "float32") -> Any:
    return facts(value, floatx)["digest"]


def by_hand(values: list[float], shape: tuple[int, ...]) -> str:
    """The digest of values that are given as multiples of 1e-5."""
    return hashlib.sha256(repr(shape).encode() + np.array(values, DOUBLE).tobytes()).hexdigest()


@pytest.mark.parametrize("formulas", [SCALINGS, CENTRINGS, HALVINGS])
@pytest.mark.parametrize("floatx", ["float32", "float64"])
def test_formulas_that_mean_the_same_give_one_digest_for_all_byte_values(
    formulas: list[Callable[[Any], Any]], floatx: str
) -> None:
    assert len({digest(formula(BYTES), floatx) for formula in formulas}) == 1


def test_each_byte_value_scaled_differs_from_every_other_and_from_other_scalings() -> None:
    assert len({digest(np.array([value]) / 255) for value in range(256)}) == 256
    assert len({digest(formula[0](BYTES)) for formula in (SCALINGS, CENTRINGS, HALVINGS)}) == 3


@pytest.mark.parametrize(
    ("value", "shape", "rounded", "low", "high"),
    [
        (np.array([[0, 1], [2, 255]], np.uint8), (2, 2), [0, 1e5, 2e5, 255e5], 0.0, 255.0),
        (np.array([-3, 4], np.int64), (2,), [-3e5, 4e5], -3.0, 4.0),
        (np.array([True, False]), (2,), [1e5, 0], 0.0, 1.0),
        (np.array([0.5, 0.25], np.float16), (2,), [5e4, 2.5e4], 0.25, 0.5),
        (np.array([0.1234567, 1.0], np.float64), (2,), [12346, 1e5], 0.12346, 1.0),
        (np.array([-0.0, 0.0, -1e-9]), (3,), [0.0, 0.0, 0.0], 0.0, 0.0),
        (np.array([np.nan, 1.0, -np.nan]), (3,), [np.nan, 1e5, np.nan], 1.0, 1.0),
        (np.array([np.inf, -np.inf]), (2,), [np.inf, -np.inf], -np.inf, np.inf),
        (np.array([1e300]), (1,), [np.inf], np.inf, np.inf),
        (np.empty((0, 28, 28)), (0, 28, 28), [], None, None),
        (np.float32(2.0), (), [2e5], 2.0, 2.0),
        (7, (), [7e5], 7.0, 7.0),
        ([[1, 2], [3, 4]], (2, 2), [1e5, 2e5, 3e5, 4e5], 1.0, 4.0),
        (np.arange(6.0).reshape(2, 3).T, (3, 2), [0, 3e5, 1e5, 4e5, 2e5, 5e5], 0.0, 5.0),
        (np.arange(6.0)[::-2], (3,), [5e5, 3e5, 1e5], 1.0, 5.0),
        (pd.Series([1.0, 2.0]), (2,), [1e5, 2e5], 1.0, 2.0),
        (pd.DataFrame({"a": [1, 2], "b": [3.0, 4.0]}), (2, 2), [1e5, 3e5, 2e5, 4e5], 1.0, 4.0),
    ],
)
def test_the_facts_of_an_array(
    value: Any, shape: tuple[int, ...], rounded: list[float], low: float | None, high: float | None
) -> None:
    assert facts(value, "float32") == {
        "shape": list(shape),
        "digest": by_hand(rounded, shape),
        "low": low,
        "high": high,
    }


def test_an_array_of_nothing_but_nan_has_no_range() -> None:
    found = facts(np.full(3, np.nan), "float32")
    assert (found["digest"], str(found["low"]), str(found["high"])) == (by_hand([np.nan] * 3, (3,)), "nan", "nan")


def test_shape_order_and_every_pixel_count() -> None:
    images = np.random.default_rng(0).random((4, 5, 5, 1))
    changed = images.copy()
    changed[3, 2, 1, 0] += 2e-5
    others = [changed, images.reshape(4, 25), images[::-1], images[:3], np.moveaxis(images, 1, 2)]
    assert len({digest(each) for each in [images, *others]}) == 6


def test_an_array_larger_than_a_block_is_the_same_as_its_values_in_one_piece() -> None:
    large = np.arange(BLOCK + 5) % 256
    assert facts(large, "float32") == {
        "shape": [BLOCK + 5],
        "digest": by_hand(list(large * 1e5), (BLOCK + 5,)),
        "low": 0.0,
        "high": 255.0,
    }


class DatasetV2:
    """Named like TensorFlow's."""


class Pipeline(DatasetV2):
    pass


class PyDataset:
    """Named like Keras'."""


class NoArray:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("not now")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Pipeline(), "a tf.data pipeline"),
        (PyDataset(), "a data loader"),
        ((number for number in range(3)), "a generator"),
        (iter([1]), "a generator"),
        (NoArray(), "NoArray that is no array (RuntimeError)"),
        ([[1], [1, 2]], "list that is no array (ValueError)"),
        (np.array([1, None]), "an array of object"),
        (np.array(["seven"]), "an array of <U5"),
        (np.array([1j]), "an array of complex128"),
        (object(), "an array of object"),
    ],
)
def test_what_cannot_be_looked_at_says_so(value: Any, reason: str) -> None:
    assert facts(value, "float32") == {"unknown": reason}


def test_a_generator_is_not_consumed() -> None:
    numbers = iter([1, 2])
    facts(numbers, "float32")
    assert list(numbers) == [1, 2]
    assert unseen_kind(np.zeros(2)) == ""


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, []),
        (np.zeros(2), ["x"]),
        ([1, 2], ["x"]),
        ([], ["x"]),
        ([np.zeros(2), np.zeros(3)], ["x[0]", "x[1]"]),
        ((np.zeros(2),), ["x[0]"]),
        ({"image": np.zeros(2), 3: [1]}, ["x[image]", "x[3]"]),
    ],
)
def test_several_inputs_have_names_of_their_own(value: Any, names: list[str]) -> None:
    assert list(described("x", value, "float32", {})) == names


@given(
    arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.uint8, np.int64, np.bool_]),
        array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_a_copy_in_another_memory_layout_is_the_same_data(array: Any) -> None:
    assert str(facts(array.copy(order="F"), "float32")) == str(facts(array.copy(order="C"), "float32"))


def test_what_is_known_of_an_array_is_not_worked_out_again() -> None:
    one, two = np.ones(3), np.zeros(3)
    known = {id(one): {"digest": "known"}}
    found = described("x", [one, two, one], "float32", known)
    assert found == {"x[0]": {"digest": "known"}, "x[1]": facts(two, "float32"), "x[2]": {"digest": "known"}}
    assert described("y", one, "float32", known) == {"y": {"digest": "known"}}
    assert described("y", one.copy(), "float32", known) == {"y": facts(one, "float32")}
