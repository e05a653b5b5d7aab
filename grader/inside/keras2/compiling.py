"""What `compile` was given then: arguments in another order, and one optimizer for several models."""

from __future__ import annotations

from typing import Any

from . import constructors
from .adapted import Adapted

ORDER = ("optimizer", "loss", "metrics", "loss_weights", "sample_weight_mode", "weighted_metrics")
METRICS_THIRD = "compile: the third argument is metrics=, as in Keras 2"
OPTIMIZER_COPIED = "an optimizer that trains another model already is copied"


def in_order(args: tuple[Any, ...], kwargs: dict[str, Any], adapted: Adapted) -> constructors.Arguments:
    """By name from the third on, where that can be no weights of losses, which today's Keras has there."""
    if len(args) <= ORDER.index("metrics") or not _are_metrics(args[2]):
        return args, kwargs
    adapted.tell(METRICS_THIRD)
    return args[:2], dict(zip(ORDER[2:], args[2:], strict=False)) | kwargs


def _are_metrics(given: Any) -> bool:
    several = given if isinstance(given, list | tuple) else [given]
    return any(isinstance(one, str) or callable(one) for one in several)


def own_optimizer(model: Any, adapted: Adapted) -> None:
    """Before the first training of a model: an optimizer that was built for other variables refuses these today."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or getattr(model, "train_function", None) is not None or not optimizer.built:
        return
    known = {id(each) for each in getattr(optimizer, "_trainable_variables", ())}
    if all(id(each) in known for each in model.trainable_variables):
        return
    adapted.tell(OPTIMIZER_COPIED)
    model.optimizer = type(optimizer).from_config(optimizer.get_config())
