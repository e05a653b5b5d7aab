"""What a notebook put under a name that is Keras': such figures are not what their names say.

Classes and functions of Keras itself are for `pristine` to watch; here it is the model's own parts: methods that
were replaced in the model alone, and metrics, a loss or an optimizer of the notebook's own, or of another kind,
that go by the name of one of Keras'.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# What decides on the figures of a training. `call` is not among them: it is replaced to be compiled.
METHODS = (
    *("fit", "evaluate", "train_step", "test_step", "make_train_function", "make_test_function"),
    *("compute_loss", "compute_metrics", "get_metrics_result", "reset_metrics"),
)
ACCURACY = ("acc", "accuracy")  # a function of Keras' never has one of these names
ACCURACIES = frozenset({"Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"})
MAX_PARTS = 50


def of(model: Any) -> Iterator[str]:
    """Each in words, as `pristine` has them."""
    own = vars(model)
    yield from (f"'{name}' of the model '{str(model.name)[:100]}' was replaced" for name in METHODS if name in own)
    given = getattr(getattr(model, "_compile_config", None), "config", None) or {}
    for metric in _parts(given.get("metrics")):
        yield from _metric(metric, str(given.get("loss")))
    for kind, part in (("loss", given.get("loss")), ("optimizer", getattr(model, "optimizer", None))):
        for each in _parts(part):
            yield from _named_like_keras(kind, each)


def _parts(given: Any) -> list[Any]:
    listed = given.values() if isinstance(given, dict) else given if isinstance(given, list | tuple) else [given]
    return [part for part in listed if part is not None and not isinstance(part, str)][:MAX_PARTS]


def _metric(metric: Any, loss: str) -> Iterator[str]:
    """By the name that its figures have in the history."""
    name = str(getattr(metric, "name", None) or _name(metric))
    wrapped = getattr(metric, "_fn", None)
    kind = _name(metric)
    if not _is_keras(metric) or (wrapped is not None and not _is_keras(wrapped)):
        if name in ACCURACY or _is_known(name):
            yield f"the metric '{name[:100]}' is the notebook's own"
    elif name in ACCURACY and not _is_accuracy(kind, loss):
        yield f"the metric '{name}' is '{kind[:100]}'"


def _is_accuracy(kind: str, loss: str) -> bool:
    """A share of right digits in ten columns of zeros and ones is no share of right answers."""
    return kind in ACCURACIES and not (kind == "BinaryAccuracy" and "categorical" in loss.lower())


def _named_like_keras(kind: str, part: Any) -> Iterator[str]:
    name = _name(part)
    if not _is_keras(part) and _is_known(name):
        yield f"the {kind} '{name[:100]}' is the notebook's own"


def _is_known(name: str) -> bool:
    import keras

    return any(hasattr(place, name) for place in (keras.metrics, keras.losses, keras.optimizers))


def _is_keras(part: Any) -> bool:
    owner = part if hasattr(part, "__qualname__") else type(part)
    return str(getattr(owner, "__module__", "")).partition(".")[0] in ("keras", "tensorflow")


def _name(part: Any) -> str:
    return str(getattr(part, "__name__", None) or type(part).__name__)
