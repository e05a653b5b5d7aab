"""What a call of `fit` was given, where its arguments do not say so themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from . import arrays

Facts = dict[str, Any]


def pair(validation: Any) -> tuple[Any, Any]:
    if isinstance(validation, list | tuple) and len(validation) >= 2:  # noqa: PLR2004 - (x, y[, weights])
        return validation[0], validation[1]
    return validation, None


def batch_size(given: Facts) -> int | None:
    """Keras' default is 32 for arrays; a data set of its own brings its batches along."""
    if arrays.unseen_kind(given.get("x")):
        return None
    return int(given.get("batch_size") or 32)


def length(seen: dict[str, Facts], name: str) -> int | None:
    """The samples of an input, or of the first of several."""
    shapes = [facts.get("shape") for key, facts in seen.items() if key == name or key.startswith(f"{name}[")]
    return int(shapes[0][0]) if shapes and shapes[0] else None


def validation_samples(seen: dict[str, Facts], samples: int | None, split: float) -> int | None:
    if split and samples is not None:
        return samples - int(samples * (1 - split))
    return length(seen, "validation x")


def figures(evaluation: Any) -> list[float]:
    """What `evaluate` returned: one figure, a list of them, or a dict."""
    values = evaluation.values() if isinstance(evaluation, dict) else evaluation
    return [float(value) for value in (values if isinstance(values, Iterable) else [values]) if np.ndim(value) == 0]


def steps_taken(value: Any) -> bool:
    """Whether this is an optimizer, or a model with one, that has updated weights."""
    kinds = {cls.__name__ for cls in type(value).__mro__ if cls.__module__.startswith("keras.src.")}
    optimizer = value if "BaseOptimizer" in kinds else vars(value).get("optimizer") if "Trainer" in kinds else None
    return optimizer is not None and int(optimizer.iterations) > 0
