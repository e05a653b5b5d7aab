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
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class PrintedHistory:
    """A history read from printed text.

    `metrics` maps canonical metric names to the printed numbers, kept as text so that the printed digits
    are known: one number an epoch, or a single one where only one epoch's figure was printed.
    """

    form: HistoryForm
    metrics: Mapping[str, tuple[str, ...]]


METRIC_ALIASES = {"acc": "accuracy", "val_acc": "val_accuracy"}


def canonical_metric(name: str) -> str:
    """`acc` and `accuracy` are one metric."""
    return METRIC_ALIASES.get(name, name)
