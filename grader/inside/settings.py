"""What a model was compiled with, under one name each however it was written."""

from __future__ import annotations

import re
from typing import Any

Facts = dict[str, Any]


def compiled(model: Any) -> Facts:
    optimizer = getattr(model, "optimizer", None)
    config = getattr(model, "_compile_config", None)
    given = getattr(config, "config", None) or {}
    return {
        "optimizer": type(optimizer).__name__ if optimizer is not None else "",
        "learning_rate": learning_rate(optimizer),
        "loss": loss_name(getattr(model, "loss", None)),
        "metrics": _metrics(given.get("metrics")),
    }


def learning_rate(optimizer: Any) -> float | None:
    """The constant rate; None for a schedule, or where there is no optimizer."""
    rate = getattr(optimizer, "_learning_rate", None)
    if rate is None or callable(rate):
        return None
    return float(optimizer.learning_rate)


def loss_name(loss: Any) -> str:
    """`categorical_crossentropy` for the string, the function and the object alike; marks `from_logits`."""
    if loss is None:
        return ""
    if isinstance(loss, dict | list | tuple):
        parts = loss.values() if isinstance(loss, dict) else loss
        return ", ".join(loss_name(part) for part in parts)
    if isinstance(loss, str):
        return _known(loss)
    if not hasattr(loss, "get_config"):
        return str(getattr(loss, "__name__", type(loss).__name__))
    logits = "(from_logits=True)" if loss.get_config().get("from_logits") else ""
    return _object_name(loss) + logits


def _object_name(loss: Any) -> str:
    """The name of the function that Keras' own loss objects wrap."""
    return str(getattr(getattr(loss, "fn", None), "__name__", "")) or _snake(type(loss).__name__)


def _known(name: str) -> str:
    """Resolve "mse" and "CategoricalCrossentropy" through Keras' own table."""
    import keras

    try:
        return loss_name(keras.losses.get(name))
    except ValueError:
        return name


def _metrics(metrics: Any) -> list[str]:
    if metrics is None:
        return []
    listed = metrics if isinstance(metrics, list | tuple) else [metrics]
    return [_metric_name(metric)[:200] for metric in listed[:50]]


def _metric_name(metric: Any) -> str:
    if isinstance(metric, str):
        return metric
    return str(getattr(metric, "name", None) or getattr(metric, "__name__", type(metric).__name__))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
