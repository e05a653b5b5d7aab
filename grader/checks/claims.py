"""Printed histories that no observed training supports: a matter for a person to look at, hence a flag.

An honest notebook must never be flagged, so a print is held against every fit that was observed, in every
way that honest notebooks print: one epoch or all of them, the first or the last few, several fits of a
model in a row, rounded, in per cent. What cannot be told from the result of `model.evaluate` (one value a
metric, nothing validated) is no history. Only metrics of the reference's history are looked at.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

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
EDGE = 50  # of longer lists, as many values at either end are compared
SCALES = (1.0, 100.0)


def flags(observed: Observations, printed: Sequence[PrintedHistory], metrics: Collection[str]) -> tuple[str, ...]:
    """At most one flag: the first print that no training supports, with a figure that shows it."""
    if not observed.fits:
        return (NOT_TRAINED,) if any(_is_claim_without_training(each, metrics) for each in printed) else ()
    if len(observed.fits) > MAX_FITS:
        return ()
    trained = _trained(observed, metrics)
    claims = [each for each in printed if is_explicit(each) and is_claim(each, metrics)]
    looked_at = claims if len(claims) <= MAX_PRINTS else claims[: MAX_PRINTS // 2] + claims[-MAX_PRINTS // 2 :]
    unsupported = next((each for each in looked_at if not any(_agrees(each, one) for one in trained)), None)
    return () if unsupported is None else (f"{DIFFERS}: {_discrepancy(unsupported, trained[0])}",)


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
