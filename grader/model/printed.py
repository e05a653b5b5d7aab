"""Structures read from what a notebook printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.model.evidence import Layer


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A summary table read from printed text; `total` is its "Total params" line, None where there is none."""

    layers: tuple[Layer, ...]
    total: int | None = None


class HistoryForm(StrEnum):
    PAIRS = "pairs"
    MAPPING = "mapping"
    FRAME = "frame"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class PrintedHistory:
    """A history read from printed text.

    `metrics` maps canonical metric names to the printed numbers, kept as text so that the printed digits
    are known: one number an epoch, or a single one where only one epoch's figure was printed.

    `running` is 0 but for progress: of so many epochs, from the first, the training figures may be averages of
    running averages instead of the history's (Keras 3.0 to 3.10 in all epochs, TensorFlow 2.2 and 2.3 in one).
    """

    form: HistoryForm
    metrics: Mapping[str, tuple[str, ...]]
    running: int = 0


CUT = "…"
"""Stands in a printed cell for what its column had no room for."""


def is_left_of(printed: str, whole: str) -> bool:
    """Whether `printed`, which may have been cut at any place, is what was left of `whole`."""
    if CUT not in printed:
        return printed == whole
    first, *between, last = printed.split(CUT)
    at, end = len(first), len(whole) - len(last)
    if not whole.startswith(first) or not whole.endswith(last):
        return False
    for part in between:
        at = whole.find(part, at, end) + len(part)
        if at < len(part):
            return False
    return at <= end


def may_be_alike(one: str, other: str) -> bool:
    """Whether both, either of which may have been cut, can be what was left of one text."""
    if CUT not in one or CUT not in other:
        return is_left_of(one, other) if CUT in one else is_left_of(other, one)
    (first, *_, last), (begin, *_, end) = one.split(CUT), other.split(CUT)
    heads, tails = sorted((first, begin), key=len), sorted((last, end), key=len)
    return heads[1].startswith(heads[0]) and tails[1].endswith(tails[0])


def may_be_running(history: PrintedHistory, metric: str, epoch: int) -> bool:
    """Whether the figure may be none of the history's; what validation gives always is."""
    return epoch <= history.running and not metric.startswith("val_")


METRIC_ALIASES = {"acc": "accuracy", "val_acc": "val_accuracy"}


def canonical_metric(name: str) -> str:
    """`acc` and `accuracy` are one metric."""
    return METRIC_ALIASES.get(name, name)
