"""Saved outputs are judged without a run."""

from __future__ import annotations

import json
from pathlib import Path

from grader import reference, saved
from grader.model import (
    CodeCriterion,
    ExecutesCriterion,
    HistoryCriterion,
    Part,
    SummaryCriterion,
    TrainingCriterion,
)

OUTPUT = Path(__file__).parent / "printed" / "Output.txt"
SHIPPED = Path(__file__).parent.parent / "reference" / "recordings" / "part1-mnist_cnn.json"
CRITERIA = (
    ExecutesCriterion("runs", 1),
    CodeCriterion("seed", 1, ("np.random.seed(0)",)),
    SummaryCriterion("model", 1),
    TrainingCriterion("training", 1),
    HistoryCriterion("history", 1),
)
PART = Part("part1", (), Path("part1.ipynb"), CRITERIA)


def words(path: Path) -> list[str]:
    return [one.word.value for one in saved.judge(saved.read(path), PART, reference.load(SHIPPED))]


def test_the_published_output_matches_the_shipped_recording() -> None:
    assert words(OUTPUT) == ["not judged", "not judged", "match", "not judged", "match"]


def test_a_figure_outside_its_band_does_not_match(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(OUTPUT.read_text().replace("0.9212)", "0.5212)"))
    assert words(tmp_path / "a.txt")[-1] == "does not match"


def test_saved_outputs_of_a_notebook_are_judged_and_its_errors_seen(tmp_path: Path) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": OUTPUT.read_text()}
    cell = {"cell_type": "code", "source": "np.random.seed(0)", "execution_count": 1, "outputs": [stream]}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [cell]}))
    assert words(path) == ["match", "match", "match", "not judged", "match"]
    cell["outputs"] = [stream, {"output_type": "error"}]
    path.write_text(json.dumps({"cells": [cell]}))
    assert words(path)[0] == "does not match"
