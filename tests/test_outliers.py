"""Recorded runs that lie far from the others, and what is said of them."""

from dataclasses import replace
from pathlib import Path

import pytest
from mnist_facts import RECORDING

from grader import reference
from grader.model import BandTolerance, HistoryCriterion, Recording, SeedRun, Tolerance
from grader.outliers import Outliers, of, warning

BAND = HistoryCriterion("history", 20)
SETTLED = (0.251, 0.262, 0.258, 0.249, 0.266, 0.255, 0.260, 0.252, 0.257, 0.263, 0.254, 0.259, 0.256, 0.261)


def recorded(*losses: float, validated: tuple[float, ...] = ()) -> Recording:
    """Of one epoch, a seed each; the validation's losses are the training's, where they are not given."""
    pairs = zip(losses, validated or losses, strict=True)
    runs = tuple(SeedRun(seed, {"loss": (loss,), "val_loss": (other,)}) for seed, (loss, other) in enumerate(pairs))
    return replace(RECORDING, runs=runs)


def test_runs_that_spread_as_a_normal_distribution_does_are_no_outliers() -> None:
    assert of(recorded(*SETTLED), BAND) == Outliers((), 14, 1.0)
    assert warning(recorded(*SETTLED), BAND) == ""


def test_runs_far_from_all_others_are_named_with_what_follows() -> None:
    far = recorded(*SETTLED, 0.35, 0.255, validated=(*SETTLED, 0.257, 0.19))
    assert of(far, BAND).seeds == (14, 15)
    assert of(far, BAND).chance == pytest.approx(120 * 0.001**2, rel=0.02)  # any two of sixteen
    assert warning(far, BAND) == (
        '"history": 2 of 16 recorded runs (seeds 14, 15) lie outside the band that the others make: figures spread '
        "wider than a normal distribution does, so more faithful runs will lose points than the coverage says. "
        "Record more seeds (`grader reference record --add`), compare a later epoch, or state "
        "`tolerance: {rtol, atol}`"
    )


def test_the_shipped_recording_has_no_outliers() -> None:
    shipped = reference.load(Path(__file__).parents[1] / "reference" / "recordings" / "part1-mnist_cnn.json")
    assert of(shipped, BAND) == Outliers((), 32, 1.0)


def test_as_many_outside_as_the_coverage_lets_out_are_no_cause_for_a_word() -> None:
    loose = HistoryCriterion("history", 20, tolerance=BandTolerance(0.8))
    assert 0 < len(of(recorded(*SETTLED), loose).seeds) < 7
    assert warning(recorded(*SETTLED), loose) == ""


@pytest.mark.parametrize(
    ("losses", "criterion"),
    [
        ((*SETTLED[:3], 9.0), replace(BAND, tolerance=Tolerance(0.1))),
        ((0.1, 0.2, 9.0), BAND),  # the others make no band
        ((0.25,) * 5 + (9.0,), BAND),  # without the one, nothing varies
    ],
)
def test_where_the_others_make_no_band_nothing_lies_outside(
    losses: tuple[float, ...], criterion: HistoryCriterion
) -> None:
    assert of(recorded(*losses), criterion) == Outliers((), len(losses), 1.0)
