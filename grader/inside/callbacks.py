"""Callbacks of the grader's own in a training: one that ends it early, one that sees what Keras itself told."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]


def stop_after(epoch: int, model: Any, arguments: Facts) -> None:
    """Add a callback that ends the training after `epoch` epochs."""
    import keras

    class StopAfter(keras.callbacks.Callback):  # type: ignore[misc]  # Keras' classes are Any to mypy
        def on_epoch_end(self, number: int, logs: Facts | None = None) -> None:  # noqa: ARG002 - Keras' signature
            if number + 1 >= epoch:
                self.model.stop_training = True

    given = arguments.get("callbacks")
    if isinstance(given, keras.callbacks.CallbackList):
        given.callbacks.append(StopAfter())
        given.callbacks[-1].set_model(model)
    else:
        arguments["callbacks"] = [*_listed(given), StopAfter()]


def recorded(model: Any, arguments: Facts, figures: dict[str, list[Any]]) -> None:
    """Add a callback before all others that fills `figures` by metric, one an epoch.

    Callbacks are handed one and the same dict after the other, and may write into it before Keras' own `History`
    reads it.
    """
    import keras

    class Recorder(keras.callbacks.Callback):  # type: ignore[misc]  # Keras' classes are Any to mypy
        def on_epoch_end(self, number: int, logs: Facts | None = None) -> None:  # noqa: ARG002 - Keras' signature
            for name, value in (logs or {}).items():
                figures.setdefault(name, []).append(value)

    given = arguments.get("callbacks")
    if isinstance(given, keras.callbacks.CallbackList):
        given.callbacks.insert(0, Recorder())
        given.callbacks[0].set_model(model)
    else:
        arguments["callbacks"] = [Recorder(), *_listed(given)]


def as_recorded(history: Any, figures: dict[str, list[Any]]) -> Facts:
    """The history's figures, those that Keras told before any other callback as it told them."""
    left: Facts = getattr(history, "history", None) or {}
    return {name: figures.get(name, [])[: len(values)] or values for name, values in left.items()}


def _listed(given: Any) -> list[Any]:
    if isinstance(given, list | tuple):
        return list(given)
    return [given] if given else []
