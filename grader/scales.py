"""The scales on which a metric's spread over seeds is about normal.

Losses are taken as logarithms, with a floor that gives 0 a place. Proportions of samples, such as accuracies, are
taken as log odds of (k + 1/2) / (n + 1), k of n samples being right, so that 0 and 1 have a place. Others are taken
as they are. Whatever is computed there leads back to a value that the metric can take.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOSS_FLOOR = 1e-7  # what Keras adds to keep logarithms finite
PROPORTIONS = ("acc", "auc", "precision", "recall", "f1", "iou")
UNKNOWN_SAMPLES = 10_000  # stands for a sample count that was not observed
MAX_EXPONENT = 700.0  # exp beyond it overflows


@dataclass(frozen=True, slots=True)
class Scale:
    """There and back, the values that the metric can take, and the half-width below which a band makes no sense."""

    there: Callable[[float], float]
    back: Callable[[float], float]
    least: float = -math.inf
    most: float = math.inf
    resolution: float = 0.0


def scale_of(metric: str, values: Sequence[float], samples: int | None) -> Scale:
    """Of the metric by its canonical name; `samples` are those that each value was computed from, where known.

    The values must be possible on it: a loss below 0, or a proportion above 1, is taken as it is.
    """
    if metric.endswith("loss") and min(values) >= 0:
        return Scale(lambda value: math.log(max(value, LOSS_FLOOR)), _loss_of, least=0.0)
    if any(word in metric for word in PROPORTIONS) and min(values) >= 0 and max(values) <= 1:
        return _log_odds(samples or UNKNOWN_SAMPLES)
    return Scale(float, float)


def _loss_of(logarithm: float) -> float:
    """What is not above the floor may as well be 0."""
    return math.exp(min(logarithm, MAX_EXPONENT)) if logarithm > math.log(LOSS_FLOOR) else 0.0


def _log_odds(samples: int) -> Scale:
    def there(value: float) -> float:
        share = (value * samples + 0.5) / (samples + 1)
        return math.log(share / (1 - share))

    def back(odds: float) -> float:
        share = 1 / (1 + math.exp(min(-odds, MAX_EXPONENT)))
        return min(max((share * (samples + 1) - 0.5) / samples, 0.0), 1.0)

    return Scale(there, back, least=0.0, most=1.0, resolution=1 / samples)
