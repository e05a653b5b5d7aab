"""The figures and times of a training's epochs, and the progress text that Keras prints for them."""

from __future__ import annotations

import math
import time
from typing import Any

Facts = dict[str, Any]


def clock() -> Any:
    """A callback that takes the seconds of each epoch, and up to the end of its first step."""
    import keras

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras' classes are Any to mypy
        def __init__(self) -> None:
            super().__init__()
            self.seconds: list[float] = []
            self.first: list[float] = []
            self.logs: list[list[list[Any]]] = []
            self._began = 0.0
            self._first = 0.0

        def on_epoch_begin(self, epoch: int, logs: Facts | None = None) -> None:  # noqa: ARG002 - Keras' signature
            self._began, self._first = time.perf_counter(), 0.0

        def on_train_batch_begin(self, batch: int, logs: Facts | None = None) -> None:  # noqa: ARG002
            if batch and not self._first:
                self._first = time.perf_counter() - self._began

        def on_epoch_end(self, epoch: int, logs: Facts | None = None) -> None:  # noqa: ARG002
            self.logs.append([[name, _written(name, value)] for name, value in (logs or {}).items()])
            self.seconds.append(time.perf_counter() - self._began)
            self.first.append(self._first or self.seconds[-1])

    return Clock()


def figures(history: Facts) -> dict[str, list[float | str]]:
    """ValueError where a metric is no single number."""
    return {str(name): [_written(name, value) for value in values] for name, values in history.items()}


def _written(name: str, value: Any) -> float | str:
    if type(value) is not float:
        raise ValueError(f"'{name}' has a '{type(value).__name__}' where one number was expected")
    return value if math.isfinite(value) else str(value)


def replay(model: Any, result: Facts, verbose: Any, epochs: int) -> Any:
    """Let Keras' own callbacks see the epochs as if they had just ended; the history that they leave."""
    import keras

    state = result["state"]
    listed = keras.callbacks.CallbackList(
        None,
        add_history=True,
        add_progbar=verbose != 0,
        verbose=verbose,
        epochs=epochs,
        steps=state["steps"],
        model=model,
    )
    listed.on_train_begin()
    logs: Facts = {}
    for number, epoch in enumerate(result["epochs"]):
        listed.on_epoch_begin(epoch)
        _set_back(listed, result["seconds"][number], state["first"][number], state["steps"])
        logs = {name: float(value) for name, value in state["logs"][number]}
        listed.on_epoch_end(epoch, logs)
    listed.on_train_end(logs=logs)
    return model.history


def _set_back(listed: Any, seconds: float, first: float, steps: int) -> None:
    """As if the epoch had begun so many seconds ago."""
    import keras

    for callback in listed.callbacks:
        if isinstance(callback, keras.callbacks.ProgbarLogger):
            bar = callback.progbar
            bar._start = time.time() - seconds  # noqa: SLF001 - it has no setter
            if steps > 1:
                bar._time_after_first_step = bar._start + first  # noqa: SLF001
