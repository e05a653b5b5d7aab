"""Labels that compare as they did in the NumPy of Keras 1 and 2; plain in all else."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.inside.keras2 import labels

TRUE = np.array([7, 2, 1, 0])
ROWS = np.eye(10)[TRUE]
FOUND = np.array([7, 2, 1, 4])


def of(values: Any = FOUND) -> labels.Labels:
    return labels.of(values)


@pytest.mark.filterwarnings("ignore:labels were compared:DeprecationWarning")
@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda found: np.nonzero(found == ROWS)[0].tolist(), []),
        (lambda found: np.nonzero(found != ROWS)[0].tolist(), [0]),
        (lambda found: np.nonzero(ROWS == found)[0].tolist(), []),  # noqa: SIM300 - the other side is asked first
        (lambda found: np.nonzero(ROWS != found)[0].tolist(), [0]),  # noqa: SIM300 - as above
        (lambda found: np.where(found == ROWS)[0].tolist(), []),
        (lambda found: np.where(found != ROWS)[0].tolist(), [0]),
        (lambda found: np.where(found != ROWS, 1, 2).tolist(), 1),
        (lambda found: np.flatnonzero(found != ROWS).tolist(), [0]),
        (lambda found: np.argwhere(found != ROWS).tolist(), [[0]]),
        (lambda found: bool(found == ROWS), False),
        (lambda found: bool(found != ROWS), True),
        (lambda found: int(np.sum(found == ROWS)), 0),
        (lambda found: float(np.mean(found == ROWS)), 0.0),
        (lambda found: repr(found == ROWS), "False"),
        (lambda found: str(found != ROWS), "True"),
        (lambda found: np.nonzero(found[:3] == ROWS)[0].tolist(), []),
        (lambda found: [each.tolist() for each in (found == found[:2]).nonzero()], [[]]),
    ],
)
def test_what_does_not_fit_is_unequal_as_a_whole(ask: Callable[[Any], Any], answer: Any) -> None:
    assert ask(of()) == answer


@pytest.mark.parametrize(
    "other", [TRUE, list(TRUE), 7, np.int64(7), TRUE.reshape(4, 1), np.zeros((3, 4)), of(TRUE), "seven", None]
)
def test_what_fits_is_compared_as_arrays_are(other: Any) -> None:
    for compare in (operator.eq, operator.ne):
        for found, plain in (
            (compare(of(), other), compare(FOUND, other)),
            (compare(other, of()), compare(other, FOUND)),
        ):
            np.testing.assert_array_equal(found, plain)
            assert type(found) is type(plain)


def test_the_reader_is_warned_and_the_comparison_told() -> None:
    told: list[str] = []
    with pytest.warns(DeprecationWarning, match="labels were compared with an array of another shape: .* is False"):
        assert not labels.of(FOUND, told.append)[1:] == ROWS  # noqa: SIM201 - the operator is what is tried
    assert told == [labels.ADAPTED]


def test_they_are_printed_counted_and_kept_as_plain_arrays() -> None:
    found = of()
    assert (repr(found), str(found)) == (repr(FOUND), str(FOUND))
    assert [type(each) for each in (found + 1, found[0], found.max(), np.sum(found), found.astype(float) / 2)] == [
        np.ndarray,
        np.int64,
        np.int64,
        np.int64,
        np.ndarray,
    ]
    assert pickle.loads(pickle.dumps(found)).tolist() == copy.deepcopy(found).tolist() == FOUND.tolist()  # noqa: S301
    assert np.asarray(found).base is not None
    assert ROWS[:, found].shape == (4, 4)


def test_other_comparisons_that_do_not_fit_still_raise() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        of() < np.zeros(3)  # noqa: B015 - raises
    with pytest.raises(ValueError, match="broadcast"):
        np.equal(of(), np.zeros(3))
