"""A published output as reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import bands, published, reference
from grader.checks.alignment import matching
from grader.errors import GraderError, UsageError
from grader.model import HistoryCriterion, Part, Tolerance, TrainingCriterion

OUTPUT = Path(__file__).parent / "printed" / "Output.txt"
SHIPPED = Path(__file__).parent.parent / "reference" / "recordings" / "part1-mnist_cnn.json"
PART = Part("part1", (), Path("part1.ipynb"), ())
FIGURES = {"accuracy": (0.9212,), "loss": (0.2544,), "val_accuracy": (0.9823,), "val_loss": (0.056,)}


def test_the_published_output_becomes_a_recording_that_loads_again(tmp_path: Path) -> None:
    recording = published.read(OUTPUT, PART)
    reference.store(tmp_path / "part1.json", recording)
    assert reference.load(tmp_path / "part1.json") == recording
    assert recording.runs[0].history == FIGURES
    assert [layer.parameters for layer in recording.layers] == [320, 18496, 0, 0, 0, 1179776, 0, 1290]


def test_the_shipped_bands_contain_the_published_figures() -> None:
    intervals = bands.intervals(reference.load(SHIPPED), HistoryCriterion("history", 20))[1]
    assert all(intervals[name].low <= value <= intervals[name].high for name, (value,) in FIGURES.items())
    assert sorted(intervals) == sorted(FIGURES)


def test_cut_names_match_the_layers_of_the_shipped_reference() -> None:
    assert matching(published.read(OUTPUT, PART).layers, reference.load(SHIPPED).layers) == len(
        published.read(OUTPUT, PART).layers
    )


def test_a_band_around_a_published_output_is_refused_and_limits_are_taken() -> None:
    recording = published.read(OUTPUT, PART)
    with pytest.raises(GraderError, match=r"write `tolerance: \{rtol"):
        bands.intervals(recording, HistoryCriterion("history", 20))
    found = bands.intervals(recording, HistoryCriterion("history", 20, tolerance=Tolerance(0.0, 0.01)))
    assert found[1]["loss"].centre == FIGURES["loss"][0]


def test_a_text_without_a_summary_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("[('loss', 0.2)]\n")
    with pytest.raises(UsageError, match="holds no model summary"):
        published.read(tmp_path / "a.txt", PART)


@pytest.mark.parametrize("criterion", [HistoryCriterion("history", 20), TrainingCriterion("training", 1)])
def test_what_no_text_shows_is_refused_when_it_is_imported(criterion: HistoryCriterion | TrainingCriterion) -> None:
    with pytest.raises(GraderError, match=r"Output\.txt"):
        published.must_answer(published.read(OUTPUT, PART), Part("part1", (), Path("part1.ipynb"), (criterion,)))
