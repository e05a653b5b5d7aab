"""Criterion `history`: the figures of some epochs lie in the reference's intervals, and were printed as they were.

Each figure, a metric in an epoch, earns an equal share. With evidence `printed` the printed figure must be the
observed one to the printed digits, and the observed one is what is compared with the interval: a printed figure
alone earns nothing. A student's own prints go before Keras' progress lines, which count only where there are none.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from grader.checks.claims import flags, history_of, is_claim, is_explicit
from grader.checks.digits import read
from grader.checks.wording import figure, lines, listed, shown
from grader.model import Check, EvidenceKind, HistoryForm, may_be_running

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.checks.subject import Subject
    from grader.model import HistoryCriterion, Interval, Observations, PrintedHistory

MAX_PRINTS = 200  # of one metric that are looked at
MAX_EPOCHS = 4  # whose figures are listed
FAR = 3.0  # widths of the interval
TRAIN = "call model.fit in a cell that runs"
PRINT = "print the figures of history.history after the training"
NOT_PRINTED = "no history was printed"
RUNNING = "in a progress bar alone, where it may be a running average"
VERIFY = "train with Keras' own layers and losses on arrays, and validate on arrays"
DIVERGED = "look at the learning rate and at the scaling of the data"
COMPARE = "compare layers, settings and data with those that the assignment asks for"
TOO_GOOD = "see whether the model was trained before, or is validated on the data that it trains on"


_OUTSIDE = re.compile(r" is \S+ in epoch \d+, expected ")  # as `_judge_observed` words it
GUESSES = (DIVERGED, COMPARE, TOO_GOOD)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """On one figure; `why` is empty where it earns its share."""

    why: str = ""
    next_step: str = ""


def check(
    criterion: HistoryCriterion,
    subject: Subject,
    observed: Observations,
    printed: Sequence[PrintedHistory],
    intervals: Mapping[int, Mapping[str, Interval]],
) -> Check:
    """`intervals` by epoch and metric; all that are there are compared."""
    verdicts = _judge(criterion, subject, printed, intervals)
    failed = [verdict for verdict in verdicts if verdict.why]
    earned = (len(verdicts) - len(failed)) / len(verdicts) if subject.fit is not None and verdicts else 0.0
    return Check(
        criterion=criterion.id,
        title=criterion.title,
        points=criterion.points * earned,
        max_points=criterion.points,
        expected=_by_epoch({epoch: _ranges(each) for epoch, each in intervals.items()}),
        found=_found(subject, intervals),
        why=lines(list(dict.fromkeys(verdict.why for verdict in failed))),
        next_step=_next_step(failed[0], subject) if failed else "",
        flags=flags(observed, printed, _metrics(intervals)),
        evidence=str(subject.behind or ""),
    )


def _judge(
    criterion: HistoryCriterion,
    subject: Subject,
    printed: Sequence[PrintedHistory],
    intervals: Mapping[int, Mapping[str, Interval]],
) -> list[_Verdict]:
    """One verdict a figure, or a single one where a fact settles them all."""
    if subject.fit is None:
        return [_Verdict("no training was observed", TRAIN)]
    if criterion.evidence is EvidenceKind.VERIFIED and not _is_verified(subject):
        return [_Verdict(f"the figures could not be verified: {subject.behind or 'nothing was trained'}", VERIFY)]
    history = history_of(subject.fit)
    if criterion.evidence is EvidenceKind.PRINTED and not _any_printed(printed, _metrics(intervals)):
        return [_Verdict(NOT_PRINTED, PRINT)]
    return [
        _judge_metric(criterion, metric, history.get(metric, ()), printed, each, epoch=epoch)
        for epoch, each in intervals.items()
        for metric in each
    ]


def _next_step(failed: _Verdict, subject: Subject) -> str:
    """Where a figure is not the reference's, what was seen of data and settings says more than the figure."""
    return subject.cause if subject.cause and failed.next_step in GUESSES else failed.next_step


def _is_verified(subject: Subject) -> bool:
    return subject.behind is not None and subject.behind.kind is EvidenceKind.VERIFIED


def _metrics(intervals: Mapping[int, Mapping[str, Interval]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(metric for each in intervals.values() for metric in each))


def _any_printed(printed: Sequence[PrintedHistory], metrics: Sequence[str]) -> bool:
    return any(each.metrics.get(metric) for each in printed for metric in metrics)


def _judge_metric(  # noqa: PLR0913 - one figure, and all that it is held against
    criterion: HistoryCriterion,
    metric: str,
    values: Sequence[float],
    printed: Sequence[PrintedHistory],
    intervals: Mapping[str, Interval],
    *,
    epoch: int,
) -> _Verdict:
    if not values:
        return _Verdict(f"{metric} was not observed: the training has no such metric", COMPARE)
    if len(values) < epoch:
        trained = f"{len(values)} {'epoch was' if len(values) == 1 else 'epochs were'} trained"
        return _Verdict(f"{metric} has no figure for epoch {epoch}: {trained}", COMPARE)
    observed = values[epoch - 1]
    in_interval = _judge_observed(metric, observed, intervals[metric], epoch)
    match criterion.evidence:
        case EvidenceKind.OBSERVED | EvidenceKind.VERIFIED:
            return in_interval
        case EvidenceKind.PRINTED:
            texts = _texts(metric, observed, epoch, printed, tuple(intervals))
            if in_interval.why or texts or not _in_a_bar(metric, epoch, printed):
                return in_interval if in_interval.why else _judge_printed(metric, values, epoch, texts)
            return _Verdict(f"{metric} was printed for epoch {epoch} {RUNNING}", PRINT)
        case _:
            assert_never(criterion.evidence)


# --- the observed figure -----------------------------------------------------------------------------------


def _judge_observed(metric: str, value: float, interval: Interval, epoch: int) -> _Verdict:
    if math.isnan(value):
        return _Verdict(f"{metric} is NaN in epoch {epoch}: the training diverged", DIVERGED)
    if math.isinf(value):
        return _Verdict(f"{metric} is infinite in epoch {epoch}: the training diverged", DIVERGED)
    if interval.low <= value <= interval.high:
        return _Verdict()
    shown_value = figure(value, interval.low, interval.high)
    why = f"{metric} is {shown_value} in epoch {epoch}, expected {_range(interval)} ({interval.how})"
    return _Verdict(why, _likely_cause(metric, value, interval))


def is_about_an_interval(why: str) -> bool:
    """Whether this line of a check's `why` says that a figure lies outside its interval, and no more."""
    return _OUTSIDE.search(why) is not None


def _likely_cause(metric: str, value: float, interval: Interval) -> str:
    above = value > interval.high
    if above != metric.endswith("loss"):
        return TOO_GOOD
    distance = value - interval.high if above else interval.low - value
    return DIVERGED if distance > FAR * (interval.high - interval.low) else COMPARE


def _range(interval: Interval) -> str:
    return f"{figure(interval.low, interval.high)} to {figure(interval.high, interval.low)}"


def _ranges(intervals: Mapping[str, Interval]) -> str:
    return listed(f"{metric} {_range(interval)}" for metric, interval in intervals.items())


def _found(subject: Subject, intervals: Mapping[int, Mapping[str, Interval]]) -> str:
    if subject.fit is None:
        return "no training"
    history = history_of(subject.fit)
    figures = {
        epoch: listed(
            f"{metric} {figure(value)}" for metric in each for value in history.get(metric, ())[epoch - 1 : epoch]
        )
        for epoch, each in intervals.items()
    }
    return _by_epoch(figures) or "no figures"


def _by_epoch(texts: Mapping[int, str]) -> str:
    """Each epoch named, where there are several; of many, those in the middle are left out."""
    if len(texts) == 1:
        return next(iter(texts.values()))
    named = [f"epoch {epoch}: {text}" for epoch, text in texts.items() if text]
    half = MAX_EPOCHS // 2
    return "; ".join(named if len(named) <= MAX_EPOCHS else [*named[:half], "…", *named[-half:]])


# --- the printed figure ------------------------------------------------------------------------------------


def _judge_printed(metric: str, values: Sequence[float], epoch: int, texts: Sequence[str]) -> _Verdict:
    """Any of the prints that count may hold the figure; where none does, the last one is quoted."""
    if not texts:
        return _Verdict(f"{metric} was not printed for epoch {epoch}", PRINT)
    if any(_same(text, values[epoch - 1]) for text in texts):
        return _Verdict()
    number = read(texts[-1])
    gave = figure(values[epoch - 1], *([] if number is None else [number.value]))
    why = f"{metric} was printed as {shown(texts[-1])}, the training gave {gave} in epoch {epoch}"
    other = next((at for at, value in enumerate(values, start=1) if _same(texts[-1], value)), None)
    if other is not None:
        return _Verdict(f"{why}; the printed figure is that of epoch {other}", f"print the figure of epoch {epoch}")
    return _Verdict(why, "print the figures of history.history as the training left them")


def _same(text: str, value: float) -> bool:
    number = read(text)
    return number is not None and number.stands_for(value)


def _texts(
    metric: str, observed: float, epoch: int, printed: Sequence[PrintedHistory], metrics: Sequence[str]
) -> list[str]:
    """The figures that count: the student's own prints, else progress lines, else what may be an evaluation.

    A bar's figure that may be a running average is no word against the history's own.
    """
    own, progress, evaluations = [], [], []
    for each in [each for each in printed if metric in each.metrics][-MAX_PRINTS:]:
        text = _element(each, metric, epoch)
        if text is None:
            continue
        if not is_explicit(each):
            progress += [] if may_be_running(each, metric, epoch) and not _same(text, observed) else [text]
        elif is_claim(each, metrics) or _same(text, observed):
            own.append(text)
        else:
            evaluations.append(text)
    return own or progress or evaluations


def _in_a_bar(metric: str, epoch: int, printed: Sequence[PrintedHistory]) -> bool:
    bars = [each for each in printed if len(each.metrics.get(metric, ())) >= epoch]
    return any(may_be_running(each, metric, epoch) for each in bars)


def _element(printed: PrintedHistory, metric: str, epoch: int) -> str | None:
    """A single figure that the student's code printed is that of the epoch asked for."""
    texts = printed.metrics[metric]
    if len(texts) == 1 and printed.form is not HistoryForm.PROGRESS:
        return texts[0]
    return texts[epoch - 1] if len(texts) >= epoch else None
