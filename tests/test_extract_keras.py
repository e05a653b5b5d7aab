"""What the Keras of this machine prints in each form that it has, and what is read of it: the models themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import UNREADABLE, HistoryForm, is_left_of

pytestmark = pytest.mark.slow

PRINTING = Path(__file__).parent / "keras_printing.py"


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    done = subprocess.run([sys.executable, str(PRINTING)], capture_output=True, check=True, text=True)
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_a_summary_at_any_width_is_its_models(printed: dict[str, Any]) -> None:
    assert len(printed["summaries"]) == 4 * 11
    for case in printed["summaries"]:
        (found,) = summaries(case["text"])
        rows = [layer for layer in found.layers if not is_left_of(layer.kind, "InputLayer")]
        expected = [row for row in case["rows"] if row[0] != "InputLayer"]
        assert found.total == case["total"], case["name"]
        assert len(rows) == len(expected), case["name"]
        for row, (kind, shape, parameters) in zip(rows, expected, strict=True):
            assert is_left_of(row.kind, kind), case
            assert is_left_of(row.output_shape, shape), case
            assert row.parameters in (parameters, UNREADABLE), case


def test_wide_tables_are_read_whole(printed: dict[str, Any]) -> None:
    for case in printed["summaries"]:
        if case["name"].endswith(("at 80", "trainable", "expanded")) and not case["name"].startswith("two"):
            (found,) = summaries(case["text"])
            assert [[row.kind, row.output_shape, row.parameters] for row in found.layers] == case["rows"]


def test_bars_dicts_and_frames_are_the_history(printed: dict[str, Any]) -> None:
    for case in printed["histories"]:
        bars, *rest = histories(case["bars"])
        assert not rest, case
        assert (bars.form, bars.running) == (HistoryForm.PROGRESS, 3)
        (values,), (frame,) = histories(case["dict"]), histories(case["frame"])
        assert {name: list(map(float, each)) for name, each in values.metrics.items()} == case["history"]
        for found in (bars, frame):
            assert found.metrics.keys() == case["history"].keys(), case
            for name, each in case["history"].items():
                assert list(map(float, found.metrics[name])) == pytest.approx(each, abs=6e-5), case
