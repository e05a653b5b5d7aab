"""Metric names and numbers as Python and Keras print them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.model import canonical_metric

MOST_METRICS = 1_000
MOST_HISTORIES = 1_000
"""Of a printed value, and of a text in either way of printing. More would only be made to fill our memory."""

# A number longer than this was never printed by a training: the largest float has 309 digits before its point.
# What follows a number is for its reader to judge: a bracket, a blank, or text that got stuck to it.
_FINITE = r"(?:[0-9]{1,320}+(?:\.[0-9]{0,40}+)?|\.[0-9]{1,40}+)(?:[eE][-+]?[0-9]{1,4})?+"
NUMBER = rf"[-+]?(?:{_FINITE}|(?i:nan|infinity|inf))"

_NUMBER = re.compile(NUMBER)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_COUNTER = re.compile(r"_[0-9]+\Z")
_TELLING = ("loss", "acc", "accuracy", "_error", "mse", "mae")


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_telling(name: str) -> bool:
    """Whether the name says that a training printed it: a loss, an accuracy or an error, numbered or not."""
    return _COUNTER.sub("", name[-100:]).endswith(_TELLING)


def canonical(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Metrics by canonical name; of two of one name the first, and none that has no value or no plausible name."""
    metrics: dict[str, tuple[str, ...]] = {}
    for name, values in pairs:
        if values and is_name(name):
            metrics.setdefault(canonical_metric(name), values)
    return metrics
