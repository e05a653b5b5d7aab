"""What a training gave, read from its file: as strictly as a request, since a hostile one may have fed it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.training.frame import FrameError, file_header

KEYS = frozenset({"history", "epochs", "seconds", "state", "tensors"})
MAX_METRICS = 1_000
MAX_METRIC = 200  # characters of a metric's name
MAX_EPOCHS = 100_000
MAX_SECONDS = 1e7  # of one epoch
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Result:
    """`history` has up to one figure an epoch; `seconds` is what all epochs took together."""

    history: Mapping[str, tuple[float, ...]]
    epochs: tuple[int, ...]
    seconds: float


def read(descriptor: int, most: int) -> Result:
    """The result that fills an open file, whose tensors may have `most` bytes; `FrameError` where it is none."""
    content = file_header(descriptor, most).content
    if content.keys() != KEYS:
        raise FrameError(f"the result's header must have the keys {', '.join(sorted(KEYS))}")
    if not isinstance(content["state"], dict):
        raise FrameError("the result's state is no JSON object")
    epochs = _epochs(content["epochs"])
    return Result(_history(content["history"], len(epochs)), epochs, _seconds(content["seconds"], len(epochs)))


def _epochs(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > MAX_EPOCHS:
        raise FrameError(f"the result's epochs are no list of at most {MAX_EPOCHS}")
    if not all(type(epoch) is int and 0 <= epoch < 2**63 for epoch in value):
        raise FrameError("the result's epochs are not whole numbers from 0")
    return tuple(value)


def _seconds(value: Any, epochs: int) -> float:
    if not isinstance(value, list) or len(value) != epochs:
        raise FrameError(f"the result has no seconds for each of its {epochs} epochs")
    if not all(type(part) in (int, float) and 0 <= part <= MAX_SECONDS for part in value):
        raise FrameError(f"the result's seconds are not numbers from 0 to {MAX_SECONDS:g}")
    return math.fsum(value)


def _history(value: Any, epochs: int) -> dict[str, tuple[float, ...]]:
    if not isinstance(value, dict) or len(value) > MAX_METRICS:
        raise FrameError(f"the result's history is no object of at most {MAX_METRICS} metrics")
    if not all(len(name) <= MAX_METRIC and name.isprintable() for name in value):
        raise FrameError("the result's history has a metric whose name cannot be shown")
    if not all(isinstance(figures, list) and len(figures) <= epochs for figures in value.values()):
        raise FrameError("the result's history has more figures than epochs")
    return {name: tuple(_figure(figure) for figure in figures) for name, figures in value.items()}


def _figure(value: Any) -> float:
    if type(value) is float or (type(value) is int and abs(value) < 2**63):
        return float(value)
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    raise FrameError("the result's history has a figure that is no number")
