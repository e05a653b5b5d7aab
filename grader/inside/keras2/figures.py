"""Metrics under the names that the notebook reads them by.

`metrics=["accuracy"]` gave the keys `acc` and `val_acc` before Keras 2.3, and gives `accuracy` and
`val_accuracy` since. The keys stay those of today's Keras, so that what is printed, observed and compared is
one and the same; a key that is not there is looked for under its other name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .adapted import Adapted

PAIRS = (
    ("acc", "accuracy"),
    ("mean_squared_error", "mse"),
    ("mean_absolute_error", "mae"),
    ("mean_absolute_percentage_error", "mape"),
    ("lr", "learning_rate"),
)
OTHER = dict(PAIRS) | {new: old for old, new in PAIRS}
VALIDATION = "val_"


def others(name: str) -> Iterator[str]:
    """The names that a metric had or has beside this one, an output's name before them kept."""
    before = VALIDATION if name.startswith(VALIDATION) else ""
    metric = name.removeprefix(VALIDATION)
    if metric in OTHER:
        yield before + OTHER[metric]
    for old, new in PAIRS:
        for one, other in ((old, new), (new, old)):
            if metric.endswith(f"_{one}") and metric not in OTHER:
                yield before + metric.removesuffix(one) + other


class Figures(dict[str, Any]):
    """Equal to a plain dict, printed and pickled as one."""

    adapted: Adapted | None = None

    def __missing__(self, key: str) -> Any:
        for other in others(key) if isinstance(key, str) else ():
            if other in self:
                if self.adapted is not None:
                    self.adapted.tell(_said(key))
                return self[other]
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


def _said(key: str) -> str:
    """In names of our table: an output's own name is the notebook's text."""
    old, new = next(pair for pair in PAIRS if any(key == one or key.endswith(f"_{one}") for one in pair))
    return f"the metric '{old}' is the metric '{new}'"


def kept(figures: Mapping[str, Any], adapted: Adapted) -> Figures:
    made = Figures(figures)
    made.adapted = adapted
    return made


def install(adapted: Adapted) -> None:
    """What callbacks are given, and what they ask a model's metrics for."""
    from keras.src.callbacks.monitor_callback import MonitorCallback
    from keras.src.utils import python_utils

    pythonify = python_utils.pythonify_logs

    def pythonify_logs(logs: Any) -> Figures:
        return kept(pythonify(logs), adapted)

    python_utils.pythonify_logs = pythonify_logs
    decide = MonitorCallback._set_monitor_op  # noqa: SLF001 - what its kinds call

    def _set_monitor_op(self: Any) -> None:
        monitor = self.monitor
        self.monitor = _present(self.model, monitor)
        try:
            decide(self)
        finally:
            self.monitor = monitor

    MonitorCallback._set_monitor_op = _set_monitor_op  # noqa: SLF001 - as above
    _reset(adapted)


def _reset(adapted: Adapted) -> None:
    from keras.src.metrics.metric import Metric

    def reset_states(metric: Any) -> None:
        adapted.tell("Metric.reset_states is now Metric.reset_state")
        metric.reset_state()

    Metric.reset_states = reset_states


def _present(model: Any, monitor: str) -> str:
    """The name among a model's compiled metrics; as it is where neither it nor another is one."""
    names = {metric.name for part in getattr(model, "metrics", ()) for metric in getattr(part, "metrics", ())}
    named = [name for name in (monitor, *others(monitor)) if name.removeprefix(VALIDATION) in names]
    return named[0] if named else monitor
