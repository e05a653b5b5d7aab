"""Watches Keras in the student's kernel: models, `compile`, `fit`, `summary`.

The methods of `keras.Model` are wrapped, so that Sequential, Functional and subclassed models on every
backend go through here. A model is described when it is summarised, compiled or trained, and at the end of
each cell where the notebook holds it under a name.

What this module dislikes about itself: it runs among student code, which can undo or imitate all of it.
The names that it reports are therefore only ever evidence of the strength "observed".
"""

from __future__ import annotations

import functools
import inspect
import itertools
import json
from collections.abc import Callable
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from . import arrays, calls, imitations, layers, pristine, settings
from .callbacks import as_recorded, recorded, stop_after
from .events import Events
from .sharing import Sharer

Facts = dict[str, Any]
Told = dict[str, list[Any]]  # figures by metric, as Keras told its callbacks
WHOLE = (int, np.integer)
MAX_EVALUATIONS = 1_000
MAX_CHANGES = 1_000
WATCHED = ("'keras.", "'builtins.")  # as `pristine` tells them


class Probe:
    """`max_epochs` caps the epochs that are really trained, counted for each model.

    `share` is asked first for every fit; what it declines is trained here.
    """

    def __init__(self, events: Events, max_epochs: int | None, share: Sharer | None = None) -> None:
        self._events = events
        self._max_epochs = max_epochs
        self._share = share
        self._unused_numbers = itertools.count()  # a number is not given again when its model is gone
        self._numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._trained: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._snapshots: dict[str, int] = {}
        self._fits = 0
        self._fitting = 0  # calls of `fit` that are under way
        self._told: dict[int, Told] = {}  # of the fits that this kernel trained
        self._evaluations = 0
        self._stepped = False
        self._model_class: type | None = None

    def install(self, model_class: Any, trainer_class: Any) -> None:
        """Wrap `compile` where Keras defines it: a model whose own differs is not compiled when it is loaded."""
        self._model_class = model_class
        trainer_class.compile = self._compile(trainer_class.compile)
        model_class.summary = self._summary(model_class.summary)
        model_class.fit = self._fit(model_class.fit)
        model_class.evaluate = self._evaluate(model_class.evaluate)
        pristine.taken()

    def after_cell(self, namespace: dict[str, Any]) -> None:
        """Describe the models that the notebook holds under a name."""
        if self._model_class is not None:
            for value in list(namespace.values()):
                if issubclass(type(value), self._model_class):  # asks the object itself nothing
                    self._quietly(self._snapshot, value)
                self._quietly(self._note_steps, value)

    # --- the wrapped methods -------------------------------------------------------------------------------

    def _summary(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def summary(model: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(model, *args, **kwargs)
            self._quietly(lambda: self._events.emit("summary", snapshot=self._snapshot(model)))
            return result

        return summary

    def _compile(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def compile(model: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A001 - Keras' own name
            result = original(model, *args, **kwargs)
            self._quietly(self._snapshot, model)
            self._quietly(lambda: self._events.emit("compile", **settings.compiled(model)))
            return result

        return compile

    def _fit(self, original: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                bound = signature.bind(model, *args, **kwargs)
            except TypeError:
                return original(model, *args, **kwargs)  # raises in Keras' own words
            return self._train(original, model, bound)

        return fit

    def _evaluate(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def evaluate(model: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(model, *args, **kwargs)
            if not self._fitting and self._evaluations < MAX_EVALUATIONS:
                self._evaluations += 1
                self._quietly(lambda: self._events.emit("evaluation", figures=calls.figures(result)))
            return result

        return evaluate

    def _train(self, original: Callable[..., Any], model: Any, bound: inspect.BoundArguments) -> Any:
        given = dict(bound.arguments)
        cap = self._cap(model, bound)
        number, self._fits = self._fits, self._fits + 1
        asked: Facts = {}
        continued = bool(self._quietly(calls.steps_taken, model))

        def begun(known: arrays.Known) -> None:
            """Told once: with what the grader knows of the arrays, or where it has not told anything."""
            if not asked:
                asked.update(
                    self._quietly(self._asked, model, given, cap, known) or {}, shared=False, continued=continued
                )
                self._report(number, model, asked, history=None, finished=False)

        before = getattr(model, "history", None)
        history, finished = None, False
        self._fitting += 1
        try:
            history = self._shared(model, given, cap, begun)
            begun({})
            asked["shared"] = history is not None
            self._quietly(self._note_imitations, model)
            if history is None:
                self._quietly(recorded, model, bound.arguments, self._told.setdefault(number, {}))
                history = original(*bound.args, **bound.kwargs)
            finished = True
        finally:
            self._fitting -= 1
            begun({})
            seen = history if history is not None else getattr(model, "history", None)
            if not finished and seen is before:
                seen = None  # it failed before Keras began a history for it
            self._trained[model] = self._trained.get(model, 0) + len(getattr(seen, "epoch", None) or [])
            self._report(number, model, asked, seen, finished)
        if self._share is not None and not asked["shared"]:
            self._quietly(self._hand_in, number, model, given, history)
        return history

    def _shared(self, model: Any, given: Facts, cap: int | None, begun: Callable[[arrays.Known], None]) -> Any:
        """None where this fit is to be trained here: no epochs are left for it, or it cannot be handed out."""
        changed = self._quietly(self._changed)
        if self._share is None or not self._share.shared or cap == 0:
            return None
        if changed:
            self._declined(changed)
            return None
        arguments = {name: value for name, value in given.items() if name != "self"}
        stop_at = None if cap is None else int(given.get("initial_epoch", 0)) + cap
        return self._quietly(self._share.fit, model, arguments, stop_at, self._declined, begun)

    def _hand_in(self, number: int, model: Any, given: Facts, history: Any) -> None:
        if self._share is not None and any(name.startswith("val_") for name in history.history):
            arguments = {name: value for name, value in given.items() if name != "self"}
            self._share.hand_in(number, model, arguments)

    def _changed(self) -> str:
        """What is no longer as it was imported: of Keras and of Python, for a person to look at."""
        first = ""
        for changed in islice(pristine.taken().changes(), MAX_CHANGES):
            first = first or changed
            if changed.startswith(WATCHED):
                self._events.emit("replaced", what=changed)
        return first

    def _note_imitations(self, model: Any) -> None:
        for what in imitations.of(model):
            self._events.emit("replaced", what=what)

    def _note_steps(self, value: Any) -> None:
        """Told once: a model that has learnt, and not by `fit`."""
        if not (self._stepped or self._fits) and calls.steps_taken(value):
            self._stepped = True
            self._events.emit("stepped")

    def _declined(self, reason: str) -> None:
        self._events.emit("declined", reason=reason[:500])

    # --- facts ---------------------------------------------------------------------------------------------

    def _cap(self, model: Any, bound: inspect.BoundArguments) -> int | None:
        """Stop this call after the epochs that are left for this model; returns them where they are fewer.

        `epochs` itself stays as the student wrote it, so that progress lines and schedules read as they would.
        """
        first = bound.arguments.get("initial_epoch", 0)
        asked = bound.arguments.get("epochs", 1)
        if self._max_epochs is None or not isinstance(asked, WHOLE) or not isinstance(first, WHOLE):
            return None
        left = max(0, self._max_epochs - self._trained.get(model, 0))
        if asked - first <= left:
            return None
        if left == 0:
            bound.arguments["epochs"] = first
        else:
            stop_after(first + left, model, bound.arguments)
        return left

    def _asked(self, model: Any, given: Facts, cap: int | None, known: arrays.Known) -> Facts:
        import keras

        floatx = keras.config.floatx()
        validation = given.get("validation_data")
        valid_x, valid_y = calls.pair(validation)
        data = {"x": given.get("x"), "y": given.get("y"), "validation x": valid_x, "validation y": valid_y}
        seen: Facts = {}
        for name, value in data.items():
            seen |= arrays.described(name, value, floatx, known)
        split = float(given.get("validation_split") or 0.0)
        part = split if validation is None else 0.0  # as in Keras, data that is given goes before a split
        samples = calls.length(seen, "x")
        return {
            "compiled": settings.compiled(model),
            "batch_size": calls.batch_size(given),
            "epochs": int(given.get("epochs", 1)) - int(given.get("initial_epoch", 0)),
            "initial_epoch": int(given.get("initial_epoch", 0)),
            "cap": cap,
            "samples": int(samples * (1 - part)) if samples is not None else None,
            "validation_samples": calls.validation_samples(seen, samples, part),
            "validation_split": split,
            "arrays": seen,
        }

    def _report(self, number: int, model: Any, asked: Facts, history: Any, finished: bool) -> None:  # noqa: FBT001
        def report() -> None:
            self._events.emit(
                "fit",
                fit=number,
                snapshot=self._snapshot(model),
                epochs_trained=len(getattr(history, "epoch", None) or []),
                history=_scalars(as_recorded(history, self._told.get(number, {}))),
                finished=finished,
                **asked,
            )

        self._quietly(report)

    def _snapshot(self, model: Any) -> int:
        """The number of the model's present description; a new one is told first."""
        if model not in self._numbers:
            self._numbers[model] = next(self._unused_numbers)
        number = self._numbers[model]
        facts = {"model": number, "name": str(model.name)[:200], "layers": layers.described(model)}
        key = json.dumps(facts)
        if key not in self._snapshots:
            self._snapshots[key] = len(self._snapshots)
            self._events.emit("snapshot", **facts)
        return self._snapshots[key]

    def _quietly(self, observe: Callable[..., Any], *args: Any) -> Any:
        """Observing must never change what the student's code does; what went wrong is told, not raised."""
        try:
            return observe(*args)
        except Exception as error:  # noqa: BLE001 - custom layers may raise anything from their own code
            self._events.emit("trouble", what=f"{type(error).__name__}: {error}"[:500])
            return None


def _scalars(figures: Facts) -> dict[str, list[float]]:
    """The metrics that are one number an epoch; some of Keras' are one a class."""
    return {
        str(key)[:200]: [float(value) for value in values]
        for key, values in figures.items()
        if all(np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biuf" for value in values)
    }
