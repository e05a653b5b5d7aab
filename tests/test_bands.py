"""Intervals from recorded seeds, and what they tell apart."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import fmean, stdev
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnist_facts import RECORDED_FIT, RECORDING

from grader.bands import (
    POWER,
    Sharpness,
    advice,
    enough_seeds,
    identical,
    intervals,
    sharpness,
    widening,
)
from grader.errors import GraderError
from grader.model import BandTolerance, EpochChoice, HistoryCriterion, Interval, Recording, SeedRun, Tolerance

if TYPE_CHECKING:
    from collections.abc import Mapping

BAND = HistoryCriterion("history", 20)
AROUND = replace(BAND, tolerance=Tolerance(rtol=0.1, atol=0.01))


def recorded(**values: list[float]) -> Recording:
    """A recording of one epoch, with these values of each metric, one a seed."""
    columns = zip(*values.values(), strict=True)
    runs = [
        SeedRun(seed, {metric: (value,) for metric, value in zip(values, column, strict=True)})
        for seed, column in enumerate(columns)
    ]
    return replace(RECORDING, runs=tuple(runs))


def rounded(found: Mapping[str, Interval]) -> dict[str, tuple[float, float, float, str]]:
    return {m: (round(i.low, 5), round(i.high, 5), round(i.centre, 5), i.how) for m, i in found.items()}


def first(recording: Recording, criterion: HistoryCriterion) -> Mapping[str, Interval]:
    """By metric, in the first epoch."""
    return intervals(recording, criterion)[1]


# --- intervals ---------------------------------------------------------------------------------------------


def test_a_tolerance_lies_around_the_mean_of_the_seeds() -> None:
    how = "rtol 0.1, atol 0.01 around the mean of 2 seeds"
    assert rounded(first(recorded(acc=[0.8, 0.9], loss=[-1.0, -3.0]), AROUND)) == {
        "accuracy": (0.755, 0.945, 0.85, how),
        "loss": (-2.21, -1.79, -2.0, how),
    }


T_995 = 5.8409093  # Student's t for 3 degrees of freedom at 0.995, from a table


def by_hand(values: list[float]) -> tuple[float, float, float]:
    """Low, high and centre for one more of four normal values, 0.99 covered."""
    mean, half = fmean(values), T_995 * stdev(values) * math.sqrt(1 + 1 / 4)
    return mean - half, mean + half, mean


def test_a_band_is_the_prediction_interval_on_the_scale_of_its_metric() -> None:
    loss, other = [0.2, 0.25, 0.3, 0.22], [3.0, 5.0, 4.0, 4.5]
    rights = [9000, 9100, 9050, 9150]  # of 10,000 validation samples
    log_odds = [math.log((k + 0.5) / (10_000 - k + 0.5)) for k in rights]
    found = first(
        recorded(loss=loss, val_accuracy=[k / 10_000 for k in rights], other=other),
        replace(BAND, tolerance=BandTolerance(0.97)),
    )
    shares = [1 / (1 + math.exp(-odds)) for odds in by_hand(log_odds)]
    expected = {
        "loss": [math.exp(value) for value in by_hand([math.log(value) for value in loss])],
        "other": by_hand(other),
        "val_accuracy": [(share * 10_001 - 0.5) / 10_000 for share in shares],
    }
    how = "band of 4 seeds at 0.97"
    assert rounded(found) == {m: (*(round(value, 5) for value in values), how) for m, values in expected.items()}


def test_bands_of_new_runs_cover_as_often_as_they_promise() -> None:
    source = random.Random(1)  # noqa: S311 - a simulation
    criterion = replace(BAND, tolerance=BandTolerance(0.9))
    inside = 0
    for _ in range(2000):
        *seeds, new = (math.exp(source.gauss(-1, 0.3)) for _ in range(9))
        found = first(recorded(loss=seeds), criterion)["loss"]
        inside += found.low <= new <= found.high
    assert 0.88 < inside / 2000 < 0.92


def test_a_proportion_stays_one_and_a_loss_stays_positive() -> None:
    found = first(recorded(accuracy=[1.0, 0.9999, 1.0], loss=[1e-9, 1e-3, 0.0]), BAND)
    assert found["accuracy"].high == 1.0
    assert 0.0 <= found["accuracy"].low < 0.9999
    assert found["loss"].low == 0.0
    assert found["loss"].high > 1e-3


def test_a_metric_that_no_seed_changed_gets_the_width_of_its_resolution() -> None:
    recording = recorded(accuracy=[1.0] * 3, val_accuracy=[0.5] * 3, mae=[2.0] * 3, loss=[0.1, 0.2, 0.3])
    found = first(recording, BAND)
    how = "band of 3 seeds at 0.999"
    assert rounded({metric: found[metric] for metric in ("accuracy", "mae", "val_accuracy")}) == {
        "accuracy": (0.99998, 1.0, 1.0, how),  # one of 60,000 samples
        "mae": (2.0, 2.0, 2.0, how),
        "val_accuracy": (0.4999, 0.5001, 0.5, how),  # one of 10,000 samples
    }
    assert found["mae"].high - found["mae"].low == pytest.approx(4e-6)


def test_of_data_that_fit_splits_each_side_counts_its_own_samples() -> None:
    split = replace(RECORDED_FIT, samples=48, validation_samples=16, validation_split=0.25)
    recording = replace(recorded(accuracy=[0.5] * 3, val_accuracy=[0.5] * 3, loss=[0.1, 0.2, 0.3]), fit=split)
    found = first(recording, BAND)
    widths = {metric: found[metric].high - found[metric].centre for metric in ("accuracy", "val_accuracy")}
    assert widths == pytest.approx({"accuracy": 1 / 48, "val_accuracy": 1 / 16})


def test_sample_counts_that_were_not_observed_are_no_obstacle() -> None:
    recording = recorded(accuracy=[0.9, 0.91, 0.92])
    recording = replace(recording, fit=replace(RECORDED_FIT, samples=None))
    found = first(recording, BAND)["accuracy"]
    assert 0.0 <= found.low < 0.9
    assert 0.92 < found.high <= 1.0


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-1e6, 1e6), st.floats(0, 1e12)), min_size=3, max_size=8),
    st.floats(0.5, 0.9999),
)
def test_every_band_is_finite_and_holds_its_centre(rows: list[tuple[float, float, float]], coverage: float) -> None:
    accuracy, other, loss = (list(column) for column in zip(*rows, strict=True))
    seeds = recorded(accuracy=accuracy, other=other, loss=loss, varied=[float(n) for n in range(len(rows))])
    for found in first(seeds, replace(BAND, tolerance=BandTolerance(coverage))).values():
        assert all(map(math.isfinite, (found.low, found.centre, found.high)))
        assert found.low <= found.centre <= found.high


THREE_EPOCHS = replace(
    RECORDING, runs=tuple(SeedRun(seed, {"loss": (9.0, 1.0 + seed, 0.5, *[0.4] * seed)}) for seed in range(2))
)


@pytest.mark.parametrize(
    ("epochs", "centres"),
    [
        ((2,), {2: 1.5}),
        ((1, 3), {1: 9.0, 3: 0.5}),
        (EpochChoice.LAST, {3: 0.5}),  # that all seeds have
        (EpochChoice.ALL, {1: 9.0, 2: 1.5, 3: 0.5}),
    ],
)
def test_the_epochs_asked_for_are_the_ones_compared(
    epochs: tuple[int, ...] | EpochChoice, centres: dict[int, float]
) -> None:
    found = intervals(THREE_EPOCHS, replace(AROUND, epochs=epochs))
    assert {epoch: each["loss"].centre for epoch, each in found.items()} == centres


def test_the_coverage_is_shared_by_all_figures() -> None:
    """Two metrics in two epochs at 0.96 leave to each what one alone has at 0.99."""
    values = [0.2, 0.25, 0.3, 0.22]
    runs = [SeedRun(n, {"a": (value, 1 / value), "b": (2 * value, value)}) for n, value in enumerate(values)]
    four = replace(BAND, epochs=(1, 2), tolerance=BandTolerance(0.96))
    alone = first(recorded(a=values), replace(BAND, tolerance=BandTolerance(0.99)))["a"]
    found = intervals(replace(RECORDING, runs=tuple(runs)), four)[1]["a"]
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))


MORE = "run `grader reference record --seeds 16`"
UNANSWERABLE: list[tuple[Recording, HistoryCriterion, str]] = [
    (
        recorded(loss=[0.1, 0.2]),
        BAND,
        f'the recording of "part1" holds 2 seeds, a band needs at least 3: {MORE}',
    ),
    (
        recorded(loss=[0.1]),
        BAND,
        f'the recording of "part1" holds 1 seed, a band needs at least 3: {MORE}',
    ),
    (
        recorded(loss=[0.1, 0.1, 0.1]),
        BAND,
        (
            'the recording of "part1" has the same history under each of its 3 seeds: the seeds did not reach the '
            f"training, and a band needs their spread; look for what fixes the randomness, then {MORE}"
        ),
    ),
    (
        recorded(loss=[0.1, 0.2, 0.3]),
        replace(BAND, epochs=(1, 2)),
        (
            'the recording of "part1" holds 1 epoch, but "history" asks for epoch 2: raise max_epochs and '
            "record it with `grader reference record`"
        ),
    ),
    (
        recorded(loss=[0.1, math.nan, 0.3]),
        AROUND,
        (
            'the recording of "part1" has a loss that is not finite: the reference diverged; mend and '
            "record it with `grader reference record`"
        ),
    ),
    (
        replace(RECORDING, runs=()),
        AROUND,
        'the recording of "part1" holds no histories: record it with `grader reference record`',
    ),
    (
        replace(RECORDING, runs=(SeedRun(0, {"loss": ()}),)),
        replace(AROUND, epochs=EpochChoice.LAST),
        'the recording of "part1" has a seed without a trained epoch: record it with `grader reference record`',
    ),
    (
        replace(RECORDING, runs=(*RECORDING.runs, SeedRun(9, {"loss": (0.1,)}))),
        AROUND,
        (
            'the recording of "part1" has seeds with different metrics, expected accuracy, loss, val_accuracy, '
            "val_loss in each: record it with `grader reference record`"
        ),
    ),
]


@pytest.mark.parametrize(("recording", "criterion", "message"), UNANSWERABLE)
def test_a_recording_that_cannot_answer_says_how_to_make_one_that_can(
    recording: Recording, criterion: HistoryCriterion, message: str
) -> None:
    with pytest.raises(GraderError) as caught:
        intervals(recording, criterion)
    assert str(caught.value) == message


# --- how sharp they are ------------------------------------------------------------------------------------


def test_a_shift_that_is_told_apart_leaves_the_band_in_95_of_100_runs() -> None:
    source = random.Random(2)  # noqa: S311 - a simulation
    logarithms = [source.gauss(-1, 0.3) for _ in range(8)]
    one = sharpness(recorded(loss=[math.exp(value) for value in logarithms]), BAND)[1]["loss"]
    assert one.up is not None
    assert one.down is not None
    centre, spread = one.interval.centre, stdev(logarithms)
    above = (math.log(centre + one.up) + source.gauss(0, spread) for _ in range(4000))
    below = (math.log(centre - one.down) + source.gauss(0, spread) for _ in range(4000))
    assert sum(math.exp(value) > one.interval.high for value in above) / 4000 == pytest.approx(POWER, abs=0.015)
    assert sum(math.exp(value) < one.interval.low for value in below) / 4000 == pytest.approx(POWER, abs=0.015)


def test_shifts_are_in_the_metrics_own_unit_and_none_where_no_value_lies_so_far_out() -> None:
    found = sharpness(recorded(mae=[1.0, 2.0, 3.0], val_accuracy=[0.999, 0.9995, 1.0]), AROUND)[1]
    margin = 1.6448536 * 1.0  # the normal quantile, times the standard deviation of the seeds
    assert (found["mae"].down, found["mae"].up) == pytest.approx((0.21 + margin, 0.21 + margin))
    assert found["val_accuracy"].up is None
    assert found["val_accuracy"].down is not None


def test_one_seed_tells_nothing_of_shifts() -> None:
    one = sharpness(recorded(mae=[1.0]), AROUND)[1]["mae"]
    assert one == Sharpness(first(recorded(mae=[1.0]), AROUND)["mae"], None, None)


@pytest.mark.parametrize(
    ("seeds", "coverage", "figures", "times"),
    [
        (4, 0.98, 1, 4.5407 * math.sqrt(1.25) / 2.32635),  # from tables of both quantiles
        (16, 0.98, 2, 2.9467 * math.sqrt(1 + 1 / 16) / 2.57583),
    ],
)
def test_few_seeds_widen_a_band_by_what_the_quantiles_say(
    seeds: int, coverage: float, figures: int, times: float
) -> None:
    assert widening(seeds, coverage, figures) == pytest.approx(times, rel=1e-4)


@pytest.mark.parametrize(("coverage", "figures"), [(0.5, 1), (0.9, 4), (0.999, 4), (0.999, 48)])
def test_enough_seeds_are_the_fewest_that_widen_a_band_at_most_twice(coverage: float, figures: int) -> None:
    enough = enough_seeds(coverage, figures)
    assert widening(enough, coverage, figures) <= 2
    assert enough == 3 or widening(enough - 1, coverage, figures) > 2


def test_few_seeds_are_told_with_the_number_that_helps() -> None:
    few = recorded(accuracy=[0.9, 0.91, 0.92, 0.93], loss=[0.1, 0.2, 0.3, 0.15])
    enough = enough_seeds(0.999, 2)
    assert 4 < enough < 16
    assert advice(few, BAND) == (
        f'4 seeds make the bands of "history" {widening(4, 0.999, 2):.1f} times as wide as many seeds would; with '
        f"{enough} they are at most twice as wide: `grader reference record --add --seeds {enough - 4}`"
    )


@pytest.mark.parametrize("criterion", [AROUND, replace(BAND, tolerance=BandTolerance(0.5))])
def test_nothing_is_advised_where_seeds_are_enough_or_make_no_band(criterion: HistoryCriterion) -> None:
    assert advice(recorded(loss=[0.1, 0.2, 0.3, 0.15]), criterion) == ""


@pytest.mark.parametrize(
    ("runs", "same"),
    [
        (RECORDING.runs, False),
        ([SeedRun(0, {"loss": (0.1, math.nan)}), SeedRun(1, {"loss": (0.1, math.nan)})], True),
        ([SeedRun(0, {"a": (1.0,), "b": (2.0,)}), SeedRun(1, {"b": (2.0,), "a": (1.0,)})], True),
        ([SeedRun(0, {"loss": (0.1,)})], False),
        ([], False),
    ],
)
def test_identical_histories_are_told_from_seeds_that_did_something(
    runs: list[SeedRun],
    same: bool,  # noqa: FBT001 - a table
) -> None:
    assert identical(runs) is same
