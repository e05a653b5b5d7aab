"""The intervals that follow from the recorded seeds, and how sharp they are.

A band is the prediction interval for one more run: mean ± t(n-1) s sqrt(1 + 1/n) on the metric's own scale
(`scales`), s being the standard deviation of the n recorded seeds. Of 1 - coverage, the chance that a faithful run
leaves any band, each figure (a metric in an epoch) gets an equal share (Bonferroni).

The assumption: on its scale, a figure's spread over seeds is normal. At coverages of 0.8 and 0.9 the tests hold
that against a pool of real runs. At 0.999 it has to be believed: only thousands of runs could show heavier tails
(`docs/bands.md` has what was counted).

What this does not know: that metrics and epochs move together (so the joint coverage is a lower bound), and that
another processor, or another TensorFlow, may shift all runs (`strata` tells).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING, assert_never

from grader.errors import GraderError
from grader.model import BandTolerance, EpochChoice, Interval, Tolerance, canonical_metric
from grader.scales import Scale, scale_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.model import HistoryCriterion, Recording, SeedRun

MIN_SEEDS = 3  # fewer say next to nothing about the spread
RECORD = "record it with `grader reference record`"
LEAST_WIDTH = 1e-6  # relative half-width of a band whose seeds all gave the same value
POWER = 0.95  # the chance with which a shift that is "told apart" leaves the interval
TOO_WIDE = 2.0  # times the width that endless seeds would give


@dataclass(frozen=True, slots=True)
class Sharpness:
    """An interval and what it tells apart: the least shifts of the centre, in the metric's own unit.

    A training whose centre lies by `down` lower, or by `up` higher, leaves the interval on that side in `POWER` of
    its runs. None where no value of the metric lies so far out, or where a single seed shows no spread.
    """

    interval: Interval
    down: float | None
    up: float | None


@dataclass(frozen=True, slots=True)
class _Figure:
    """One metric in one epoch: its values, one a seed, and the scale that suits them."""

    epoch: int
    metric: str
    values: tuple[float, ...]
    scale: Scale


def intervals(recording: Recording, criterion: HistoryCriterion) -> Mapping[int, Mapping[str, Interval]]:
    """Epoch -> metric -> interval, epochs ascending, the recorded metrics by canonical name in alphabetical order.

    Raises `GraderError` where the recording cannot answer: too few seeds or epochs, values not finite.
    """
    found: dict[int, dict[str, Interval]] = {}
    for figure, interval in _intervals(recording, criterion):
        found.setdefault(figure.epoch, {})[figure.metric] = interval
    return found


def sharpness(recording: Recording, criterion: HistoryCriterion) -> Mapping[int, Mapping[str, Sharpness]]:
    """The same with what each interval tells apart."""
    found: dict[int, dict[str, Sharpness]] = {}
    for figure, interval in _intervals(recording, criterion):
        found.setdefault(figure.epoch, {})[figure.metric] = _sharpness(figure, interval)
    return found


def _intervals(recording: Recording, criterion: HistoryCriterion) -> list[tuple[_Figure, Interval]]:
    _must_have_limits(recording, criterion)
    figures = _figures(recording, criterion)
    match criterion.tolerance:
        case Tolerance() as tolerance:
            return [(figure, _around_mean(figure.values, tolerance)) for figure in figures]
        case BandTolerance(coverage):
            _must_vary(recording)
            wide = _quantile(coverage, len(figures), len(recording.runs))
            return [(figure, _band(figure, wide, coverage)) for figure in figures]
        case _:
            assert_never(criterion.tolerance)


def _must_have_limits(recording: Recording, criterion: HistoryCriterion) -> None:
    if recording.published and isinstance(criterion.tolerance, BandTolerance):
        raise GraderError(
            f'"{criterion.id}" asks for a band, but the recording of "{recording.part}" was imported from '
            f"'{recording.published.name}', which shows one run and no spread: write "
            "`tolerance: {rtol: ..., atol: ...}` in the rubric"
        )


# --- the recorded figures ----------------------------------------------------------------------------------


def _figures(recording: Recording, criterion: HistoryCriterion) -> list[_Figure]:
    at = f'the recording of "{recording.part}"'
    histories = [{canonical_metric(name): run.history[name] for name in run.history} for run in recording.runs]
    metrics = sorted(histories[0]) if histories else []
    if not metrics:
        raise GraderError(f"{at} holds no histories: {RECORD}")
    if any(sorted(history) != metrics for history in histories):
        raise GraderError(f"{at} has seeds with different metrics, expected {', '.join(metrics)} in each: {RECORD}")
    epochs = _epochs(criterion, min(len(values) for history in histories for values in history.values()), at)
    columns = {
        (epoch, metric): tuple(history[metric][epoch - 1] for history in histories)
        for epoch in epochs
        for metric in metrics
    }
    for (_, metric), values in columns.items():
        if not all(map(math.isfinite, values)):
            raise GraderError(f"{at} has a {metric} that is not finite: the reference diverged; mend and {RECORD}")
    return [
        _Figure(epoch, metric, values, scale_of(metric, values, _samples(recording, metric)))
        for (epoch, metric), values in columns.items()
    ]


def _epochs(criterion: HistoryCriterion, recorded: int, at: str) -> Sequence[int]:
    if recorded == 0:
        raise GraderError(f"{at} has a seed without a trained epoch: {RECORD}")
    match criterion.epochs:
        case EpochChoice.LAST:
            return (recorded,)
        case EpochChoice.ALL:
            return range(1, recorded + 1)
        case tuple() as epochs:
            if max(epochs) > recorded:
                raise GraderError(
                    f'{at} holds {recorded} {"epoch" if recorded == 1 else "epochs"}, but "{criterion.id}" asks '
                    f"for epoch {max(epochs)}: raise max_epochs and {RECORD}"
                )
            return epochs
        case _:
            assert_never(criterion.epochs)


def _samples(recording: Recording, metric: str) -> int | None:
    """What each value was computed from: of data that `fit` splits, what is left to either side."""
    if recording.fit is None:
        return None
    return recording.fit.validation_samples if metric.startswith("val_") else recording.fit.samples


# --- intervals ---------------------------------------------------------------------------------------------


def _around_mean(values: Sequence[float], tolerance: Tolerance) -> Interval:
    centre = fmean(values)
    width = tolerance.atol + tolerance.rtol * abs(centre)
    how = f"rtol {tolerance.rtol:g}, atol {tolerance.atol:g} around the mean of {_seeds(len(values))}"
    return Interval(centre - width, centre + width, centre, how)


def _seeds(count: int) -> str:
    return f"{count} {'seed' if count == 1 else 'seeds'}"


def _must_vary(recording: Recording) -> None:
    at, more = f'the recording of "{recording.part}"', "run `grader reference record --seeds 16`"
    if len(recording.runs) < MIN_SEEDS:
        raise GraderError(f"{at} holds {_seeds(len(recording.runs))}, a band needs at least {MIN_SEEDS}: {more}")
    if identical(recording.runs):
        raise GraderError(
            f"{at} has the same history under each of its {_seeds(len(recording.runs))}: the seeds did not reach "
            f"the training, and a band needs their spread; look for what fixes the randomness, then {more}"
        )


def identical(runs: Sequence[SeedRun]) -> bool:
    """Whether several seeds all left the very same history; NaN counts as equal to NaN."""
    histories = {json.dumps(run.history, sort_keys=True) for run in runs}
    return len(runs) > 1 and len(histories) == 1


def _band(figure: _Figure, wide: float, coverage: float) -> Interval:
    """At least as wide as the metric's resolution: one sample of a proportion, one millionth of others."""
    scale = figure.scale
    taken = [scale.there(value) for value in figure.values]
    mean, half = fmean(taken), wide * stdev(taken)
    centre = scale.back(mean)
    width = max(scale.resolution, LEAST_WIDTH * abs(centre))
    low, high = min(scale.back(mean - half), centre - width), max(scale.back(mean + half), centre + width)
    how = f"band of {_seeds(len(taken))} at {coverage:g}"
    return Interval(max(low, scale.least), min(high, scale.most), centre, how)


def _quantile(coverage: float, figures: int, seeds: int) -> float:
    """Half the width of a band in standard deviations, such that all figures together are covered."""
    from scipy.special import stdtrit

    return float(stdtrit(seeds - 1, 1 - (1 - coverage) / (2 * figures))) * math.sqrt(1 + 1 / seeds)


# --- how sharp they are ------------------------------------------------------------------------------------


def _sharpness(figure: _Figure, interval: Interval) -> Sharpness:
    """Takes the recorded centre m and standard deviation s for the true ones, on the figure's scale.

    A run whose centre is shifted up by d is above the edge b with chance Φ((m + d - b) / s), which is POWER where
    d = b - m + Φ⁻¹(POWER) s; likewise below. The shifts are led back to the metric's unit.
    """
    scale = figure.scale
    if len(figure.values) < 2:  # noqa: PLR2004 - two values make a spread
        return Sharpness(interval, None, None)
    margin = NormalDist().inv_cdf(POWER) * stdev(map(scale.there, figure.values))
    lowest = scale.back(scale.there(interval.low) - margin) if interval.low > scale.least else scale.least
    highest = scale.back(scale.there(interval.high) + margin) if interval.high < scale.most else scale.most
    return Sharpness(
        interval,
        interval.centre - lowest if lowest > scale.least else None,
        highest - interval.centre if highest < scale.most else None,
    )


def widening(seeds: int, coverage: float, figures: int) -> float:
    """How many times as wide as with endless seeds a band is, on its scale.

    t(n-1) sqrt(1 + 1/n) over the normal quantile, both at the share of the coverage that each figure gets.
    """
    return _quantile(coverage, figures, seeds) / NormalDist().inv_cdf(1 - (1 - coverage) / (2 * figures))


def enough_seeds(coverage: float, figures: int) -> int:
    """The fewest seeds with which a band is at most `TOO_WIDE` times as wide as with endless ones."""
    seeds = MIN_SEEDS
    while widening(seeds, coverage, figures) > TOO_WIDE:
        seeds += 1
    return seeds


def advice(recording: Recording, criterion: HistoryCriterion) -> str:
    """How many seeds would help, where few of them make the bands too wide; empty where there is nothing to say."""
    if not isinstance(criterion.tolerance, BandTolerance):
        return ""
    coverage, figures, seeds = (
        criterion.tolerance.coverage,
        len(_figures(recording, criterion)),
        len(recording.runs),
    )
    times = widening(seeds, coverage, figures)
    if times <= TOO_WIDE:
        return ""
    enough = enough_seeds(coverage, figures)
    return (
        f'{_seeds(seeds)} make the bands of "{criterion.id}" {times:.1f} times as wide as many seeds would; with '
        f"{enough} they are at most twice as wide: `grader reference record --add --seeds {enough - seeds}`"
    )
