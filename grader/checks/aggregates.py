"""Figures that honest notebooks make of several trainings: one of each, means over epochs or folds, evaluations.

Where a print is no training's own history, its figures may still come from what ran. Whatever is typed in is as a
rule none of these; so they are looked at only to be sure that nothing is said of an honest print.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checks.digits import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCALES = (1.0, 100.0)
EDGE = 50  # of longer lists, as many values at either end are looked at
MAX_SQUARED = 1e150  # what is larger diverged, and its square is no float
SLACK = 1e-9  # relative: means differ in their last digits by the order of their sum


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Of one metric: `count` figures were observed, `finite` has them and their means and deviations, sorted."""

    count: int
    finite: tuple[float, ...]

    def hold(self, texts: Sequence[str]) -> bool:
        """Whether all that was printed can come from here."""
        if len(texts) > max(self.count, 2):  # a mean and its deviation are two
            return False
        looked_at = texts if len(texts) <= 2 * EDGE else [*texts[:EDGE], *texts[-EDGE:]]
        return all(map(self._holds, looked_at))

    def _holds(self, text: str) -> bool:
        number = read(text)
        if number is None or not math.isfinite(number.value):
            return False
        slack = SLACK * abs(number.value)
        bounds = (number.bounds(scale) for scale in SCALES)
        return any(self._any_between(low - slack, high + slack) for low, high in bounds)

    def _any_between(self, low: float, high: float) -> bool:
        at = bisect_left(self.finite, low)
        return at < len(self.finite) and self.finite[at] <= high


def of(histories: Sequence[Sequence[float]], cells: Sequence[int], evaluations: Sequence[float]) -> Aggregates:
    """`histories` has one metric's figures of each training, `evaluations` what `evaluate` gave for any metric.

    `cells` are those that trained: the folds of a cross-validation are trained by one.
    """
    trained = [[value for value in history if math.isfinite(value)] for history in histories]
    evaluated = [value for value in evaluations if math.isfinite(value)]
    found = [*(value for history in trained for value in history), *evaluated]
    by_cell = [[each for each, at in zip(trained, cells, strict=True) if at == cell] for cell in set(cells)]
    folds = [
        [choose(history) for history in group if history]
        for group in ([trained, *by_cell] if len(by_cell) > 1 else [trained])
        for choose in (_first, _last, min, max)
    ]
    derived = [value for group in (*trained, *folds, evaluated) for value in _moments(group)]
    return Aggregates(len(found), tuple(sorted([*found, *derived])))


def _first(values: Sequence[float]) -> float:
    return values[0]


def _last(values: Sequence[float]) -> float:
    return values[-1]


def _moments(values: Sequence[float]) -> Iterator[float]:
    """Mean and both deviations, where there is something to average."""
    count = len(values)
    if count > 1 and max(map(abs, values)) < MAX_SQUARED:
        mean = math.fsum(values) / count
        squares = math.fsum((value - mean) ** 2 for value in values)
        yield from (mean, math.sqrt(squares / count), math.sqrt(squares / (count - 1)))
