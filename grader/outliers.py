"""Whether recorded runs spread as bands assume: each is held against the band that the others make.

A band trusts that a figure's spread over seeds is normal. Where some seeds end far from all others, it is not, and
more runs lie outside the band than its coverage says; no number of metrics or epochs shows that, the runs do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader import bands
from grader.model import BandTolerance, canonical_metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.model import HistoryCriterion, Interval, Recording, SeedRun

RARE = 0.01  # a chance below this says that it was none
LEAST = bands.MIN_SEEDS + 1  # recorded seeds, so that the others make a band


@dataclass(frozen=True, slots=True)
class Outliers:
    """`seeds` are those whose runs lie outside; `chance` that as many or more do, if all is as bands assume."""

    seeds: tuple[int, ...]
    runs: int
    chance: float


def of(recording: Recording, criterion: HistoryCriterion) -> Outliers:
    """None are found where the tolerance is not a band, or too few seeds were recorded to leave one out."""
    runs = recording.runs
    if not isinstance(criterion.tolerance, BandTolerance) or len(runs) < LEAST:
        return Outliers((), len(runs), 1.0)
    left = [(run, replace(recording, runs=tuple(each for each in runs if each is not run))) for run in runs]
    outside = tuple(
        run.seed
        for run, others in left
        if not bands.identical(others.runs) and _outside(run, bands.intervals(others, criterion))
    )
    return Outliers(outside, len(runs), _chance(len(outside), len(runs), 1 - criterion.tolerance.coverage))


def _outside(run: SeedRun, intervals: Mapping[int, Mapping[str, Interval]]) -> bool:
    history = {canonical_metric(name): values for name, values in run.history.items()}
    return any(
        not interval.low <= history[metric][epoch - 1] <= interval.high
        for epoch, metrics in intervals.items()
        for metric, interval in metrics.items()
    )


def _chance(outside: int, runs: int, share: float) -> float:
    """Of so many or more among the runs, where each is outside with this chance."""
    from scipy.special import bdtrc

    return float(bdtrc(outside - 1, runs, share)) if outside else 1.0


def warning(recording: Recording, criterion: HistoryCriterion) -> str:
    """What it means, where they are too many for chance; empty where they are not."""
    found = of(recording, criterion)
    if found.chance >= RARE:
        return ""
    seeds = ", ".join(map(str, found.seeds))
    return (
        f'"{criterion.id}": {len(found.seeds)} of {found.runs} recorded runs (seeds {seeds}) lie outside the band '
        "that the others make: figures spread wider than a normal distribution does, so more faithful runs will "
        "lose points than the coverage says. Record more seeds (`grader reference record --add`), compare a later "
        "epoch, or state `tolerance: {rtol, atol}`"
    )
