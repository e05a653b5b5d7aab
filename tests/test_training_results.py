"""A result is read in full or refused: the training that wrote it was fed by a stranger's notebook."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_frames import RESULT, WEIGHTS, result

from grader.training import results
from grader.training.frame import FrameError
from grader.training.results import Result


def read(path: Path, data: bytes) -> Result:
    path.write_bytes(data)
    with path.open("rb") as file:
        return results.read(file.fileno(), 1000)


def test_a_result_is_read_with_what_is_not_finite(tmp_path: Path) -> None:
    header = RESULT | {"history": {"loss": [0.5, "inf"], "acc": ["-inf", "nan"], "val_loss": [1]}}
    found = read(tmp_path / "result", result(header))
    assert math.isnan(found.history["acc"][1])
    assert {**found.history, "acc": ()} == {"loss": (0.5, math.inf), "acc": (), "val_loss": (1.0,)}
    assert (found.history["acc"][0], found.epochs, found.seconds) == (-math.inf, (0, 1), 3.5)


def test_a_training_of_no_epochs_has_an_empty_result(tmp_path: Path) -> None:
    header = RESULT | {"history": {}, "epochs": [], "seconds": []}
    assert read(tmp_path / "result", result(header)) == Result({}, (), 0.0)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"more": 1}, "must have the keys epochs, history, seconds, state, tensors"),
        ({"state": []}, "state is no JSON object"),
        ({"epochs": [0, True]}, "epochs are not whole numbers"),
        ({"epochs": [0, -1]}, "epochs are not whole numbers"),
        ({"epochs": 2}, "epochs are no list"),
        ({"epochs": [0] * 100_001}, "epochs are no list of at most 100000"),
        ({"seconds": [1.0]}, "no seconds for each of its 2 epochs"),
        ({"seconds": [1.0, -0.1]}, "seconds are not numbers"),
        ({"seconds": [1.0, 1e300]}, "seconds are not numbers"),
        ({"seconds": [1.0, "nan"]}, "seconds are not numbers"),
        ({"seconds": [1.0, True]}, "seconds are not numbers"),
        ({"history": []}, "history is no object"),
        ({"history": {str(number): [] for number in range(1001)}}, "history is no object of at most 1000"),
        ({"history": {"x" * 201: []}}, "name cannot be shown"),
        ({"history": {"a\nb": []}}, "name cannot be shown"),
        ({"history": {"loss": [1.0, 1.0, 1.0]}}, "more figures than epochs"),
        ({"history": {"loss": "nan"}}, "more figures than epochs"),
        ({"history": {"loss": ["NaN"]}}, "a figure that is no number"),
        ({"history": {"loss": [None]}}, "a figure that is no number"),
        ({"history": {"loss": [True]}}, "a figure that is no number"),
        ({"history": {"loss": [[1.0]]}}, "a figure that is no number"),
        ({"history": {"loss": [10**50]}}, "a figure that is no number"),
    ],
)
def test_what_is_no_result_is_refused_and_said(changes: dict[str, Any], why: str, tmp_path: Path) -> None:
    with pytest.raises(FrameError, match=why):
        read(tmp_path / "result", result(RESULT | changes))


json_values = st.recursive(
    st.none() | st.integers() | st.floats() | st.sampled_from(["nan", "inf", "x", "\ud800"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(RESULT)), json_values)
def test_any_part_of_a_result_is_read_or_refused(tmp_path_factory: Any, part: str, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    data = json.dumps(RESULT | {part: value}).encode()
    with contextlib.suppress(FrameError):
        found = read(path, len(data).to_bytes(8, "big") + data + WEIGHTS)
        assert len(found.epochs) <= 2
