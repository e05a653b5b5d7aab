"""Printed histories that no observed training supports: a matter for a person to look at, hence a flag.

An honest notebook must never be flagged, so a print is held against every fit that was observed, in every
way that honest notebooks print: one epoch or all of them, the first or the last few, several fits of a
model in a row, rounded, in per cent; and against what can be made of all fits and evaluations together. What
cannot be told from the result of `model.evaluate` (one value a metric, nothing validated) is no history. Single
figures that stand beside a print of the training's own are quoted for comparison: whoever shows the true ones
claims no others. Only metrics of the reference's history are looked at.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from grader.checks import aggregates
from grader.checks.aggregates import EDGE, SCALES
from grader.checks.digits import read
from grader.checks.wording import figure, shown
from grader.model import HistoryForm, canonical_metric

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from grader.model import Fit, Observations, PrintedHistory

    _Trained = Mapping[str, "_Series"]

DIFFERS = "the printed history differs from the training that ran"
NOT_TRAINED = "history figures were printed, but no training was observed"
MAX_PRINTS = 100  # that are looked at; with more fits than MAX_FITS nothing is flagged
MAX_FITS = 100


def flags(observed: Observations, printed: Sequence[PrintedHistory], metrics: Collection[str]) -> tuple[str, ...]:
    """At most one flag: the first print that no training supports, with a figure that shows it."""
    if not observed.fits:
        claimed = any(_is_claim_without_training(each, metrics) for each in printed)
        return (NOT_TRAINED,) if claimed and not observed.stepped else ()
    if len(observed.fits) > MAX_FITS:
        return ()
    trained = _trained(observed, metrics)
    supported, others = _sorted(printed, trained, metrics)
    others = [each for each in others if not _is_quoted(each, supported, metrics)]
    made: dict[str, aggregates.Aggregates] = {}
    for each in others:
        made = made or _aggregates(observed, metrics)
        if not all(made[metric].hold(each.metrics.get(metric, ())) for metric in metrics):
            return (f"{DIFFERS}: {_discrepancy(each, trained[0])}",)
    return ()


def without_quoted(
    observed: Observations, printed: Sequence[PrintedHistory], metrics: Collection[str]
) -> list[PrintedHistory]:
    """Without the figures that are shown beside the training's own, to be compared with them."""
    if not observed.fits or len(observed.fits) > MAX_FITS:
        return list(printed)
    supported, others = _sorted(printed, _trained(observed, metrics), metrics)
    quoted = {id(each) for each in others if _is_quoted(each, supported, metrics)}
    return [each for each in printed if id(each) not in quoted]


def _sorted(
    printed: Sequence[PrintedHistory], trained: Sequence[_Trained], metrics: Collection[str]
) -> tuple[list[PrintedHistory], list[PrintedHistory]]:
    """The claims that are a training's own figures, and those that are not."""
    claims = [each for each in printed if is_explicit(each) and is_claim(each, metrics)]
    looked_at = claims if len(claims) <= MAX_PRINTS else claims[: MAX_PRINTS // 2] + claims[-MAX_PRINTS // 2 :]
    supported: list[PrintedHistory] = []
    others: list[PrintedHistory] = []
    for each in looked_at:
        (supported if any(_agrees(each, one) for one in trained) else others).append(each)
    return supported, others


def _is_quoted(claim: PrintedHistory, supported: Sequence[PrintedHistory], metrics: Collection[str]) -> bool:
    """One figure a metric, and all of these metrics stand in a print that is the training's."""
    claimed = {metric for metric in metrics if claim.metrics.get(metric)}
    single = all(len(claim.metrics[metric]) == 1 for metric in claimed)
    return single and any(all(each.metrics.get(metric) for metric in claimed) for each in supported)


def is_explicit(printed: PrintedHistory) -> bool:
    """Printed by the student's own code, not by Keras while it trains."""
    return printed.form is not HistoryForm.PROGRESS


def is_claim(printed: PrintedHistory, metrics: Collection[str]) -> bool:
    """Whether this can only be a history: `model.evaluate` validates nothing and knows one value a metric."""
    known = [metric for metric in metrics if printed.metrics.get(metric)]
    if printed.form is HistoryForm.FRAME:  # or a table of several evaluations
        return any(metric.startswith("val_") for metric in known)
    return any(metric.startswith("val_") or len(printed.metrics[metric]) > 1 for metric in known)


def _is_claim_without_training(printed: PrintedHistory, metrics: Collection[str]) -> bool:
    complete = bool(metrics) and all(printed.metrics.get(metric) for metric in metrics)
    return is_claim(printed, metrics) or (complete and is_explicit(printed))


def history_of(fit: Fit) -> dict[str, tuple[float, ...]]:
    return {canonical_metric(name): values for name, values in fit.history.items()}


# --- agreement ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric of a training: its values in order of epochs, the finite ones sorted, the others as text."""

    values: tuple[float, ...]
    finite: tuple[float, ...]
    others: frozenset[str]


def _series(values: tuple[float, ...]) -> _Series:
    finite = tuple(sorted(value for value in values if math.isfinite(value)))
    return _Series(values, finite, frozenset(repr(value) for value in values if not math.isfinite(value)))


def _trained(observed: Observations, metrics: Collection[str]) -> list[_Trained]:
    """Of each fit, the last one first, and of each model's fits in a row: students join their histories."""
    by_model = sorted(observed.fits, key=lambda fit: _model(observed, fit))
    rows = [tuple(fits) for _, fits in groupby(by_model, key=lambda fit: _model(observed, fit))]
    alone = [(fit,) for fit in reversed(observed.fits)]
    return [_joined(fits, metrics) for fits in (*alone, *(fits for fits in rows if len(fits) > 1))]


def _model(observed: Observations, fit: Fit) -> int:
    known = 0 <= fit.snapshot < len(observed.snapshots)
    return observed.snapshots[fit.snapshot].model if known else -1


def _joined(fits: Sequence[Fit], metrics: Collection[str]) -> _Trained:
    histories = [history_of(fit) for fit in fits]
    return {
        metric: _series(tuple(value for history in histories for value in history.get(metric, ())))
        for metric in metrics
    }


def _aggregates(observed: Observations, metrics: Collection[str]) -> dict[str, aggregates.Aggregates]:
    histories = [history_of(fit) for fit in observed.fits]
    cells = [fit.cell for fit in observed.fits]
    return {
        metric: aggregates.of([history.get(metric, ()) for history in histories], cells, observed.evaluations)
        for metric in metrics
    }


def _agrees(claim: PrintedHistory, trained: _Trained) -> bool:
    return all(_series_agrees(claim.metrics.get(metric, ()), series) for metric, series in trained.items())


def _series_agrees(texts: Sequence[str], series: _Series) -> bool:
    """A single value is that of any epoch; several are those of the first or the last epochs."""
    if not texts:
        return True
    if len(texts) == 1:
        return _is_of_any_epoch(texts[0], series)
    if len(texts) > len(series.values):
        return False
    return _all_agree(texts, series.values[: len(texts)]) or _all_agree(texts, series.values[-len(texts) :])


def _is_of_any_epoch(text: str, series: _Series) -> bool:
    number = read(text)
    if number is None:
        return False
    if not math.isfinite(number.value):
        return repr(number.value) in series.others
    return any(_any_between(series.finite, *number.bounds(scale)) for scale in SCALES)


def _any_between(ordered: Sequence[float], low: float, high: float) -> bool:
    at = bisect_left(ordered, low)
    return at < len(ordered) and ordered[at] <= high


def _all_agree(texts: Sequence[str], values: Sequence[float]) -> bool:
    if len(texts) > 2 * EDGE:
        texts, values = [*texts[:EDGE], *texts[-EDGE:]], [*values[:EDGE], *values[-EDGE:]]
    return all(map(_stands_for, texts, values))


def _stands_for(text: str, value: float) -> bool:
    number = read(text)
    return number is not None and any(number.stands_for(value, scale) for scale in SCALES)


def _discrepancy(claim: PrintedHistory, trained: _Trained) -> str:
    """The first figure that is not the training's; `claim` does not agree with `trained`."""
    metric, series = next(
        (metric, series)
        for metric, series in trained.items()
        if not _series_agrees(claim.metrics.get(metric, ()), series)
    )
    texts = claim.metrics[metric]
    for epoch, (text, value) in enumerate(zip(texts, series.values, strict=False), start=1):
        if not _stands_for(text, value):
            number = read(text)
            gave = figure(value, *([] if number is None else [number.value]))
            return f"{metric} was printed as {shown(text)}, the training gave {gave} in epoch {epoch}"
    return f"{metric} was printed for {len(texts)} and trained for {len(series.values)} epochs"
