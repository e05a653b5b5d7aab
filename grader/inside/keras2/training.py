"""Methods of models as Keras 1 and 2 had them: `fit_generator`, `predict_classes`, `nb_epoch=`.

All of them end in today's `fit`, `evaluate` and `predict`, through the probe, so that a training is observed,
capped and shared as any.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

from . import compiling, figures, labels, optimizers, words
from .adapted import Adapted
from .origins import Origins

FIT_GENERATOR = ("steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps")
FIRST_KERAS = {"samples_per_epoch", "nb_epoch", "nb_val_samples", "nb_worker", "max_q_size", "pickle_safe"}
QUIET = {"verbose": 0}  # their default then; today's methods show a bar


def install(adapted: Adapted, origins: Origins) -> None:
    """After the probe: what is translated here is what it sees."""
    from keras.src.models.model import Model
    from keras.src.models.sequential import Sequential
    from keras.src.trainers.trainer import Trainer

    Model.fit = _fit(Model.fit, adapted)
    for name in ("evaluate", "predict"):
        setattr(Model, name, _renamed(name, getattr(Model, name), adapted))
    Model.train_on_batch = _train_on_batch(Model.train_on_batch, adapted)
    Trainer.compile = _compile(Trainer.compile, adapted, origins)
    Model.fit_generator = _fit_generator(adapted)
    Model.evaluate_generator = _over_generator("evaluate", adapted)
    Model.predict_generator = _over_generator("predict", adapted)
    Sequential.predict_classes = _predict_classes(adapted)
    Sequential.predict_proba = _predict_proba(adapted)


def _renamed(name: str, original: Callable[..., Any], adapted: Adapted) -> Callable[..., Any]:
    table = words.METHODS[name]

    @functools.wraps(original)
    def method(model: Any, *args: Any, **kwargs: Any) -> Any:
        if not table.keys().isdisjoint(kwargs):
            kwargs = words.translated(name, table, kwargs, adapted.tell)
        return original(model, *args, **kwargs)

    return method


def _fit(original: Callable[..., Any], adapted: Adapted) -> Callable[..., Any]:
    renamed = _renamed("fit", original, adapted)

    @functools.wraps(original)
    def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        compiling.own_optimizer(model, adapted)
        history = renamed(model, *args, **kwargs)
        if type(getattr(history, "history", None)) is dict:
            history.history = figures.kept(history.history, adapted)
        return history

    return fit


def _train_on_batch(original: Callable[..., Any], adapted: Adapted) -> Callable[..., Any]:
    @functools.wraps(original)
    def train_on_batch(model: Any, *args: Any, **kwargs: Any) -> Any:
        compiling.own_optimizer(model, adapted)
        return original(model, *args, **kwargs)

    return train_on_batch


def _compile(original: Callable[..., Any], adapted: Adapted, origins: Origins) -> Callable[..., Any]:
    renamed = _renamed("compile", original, adapted)

    @functools.wraps(original)
    def compile(model: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A001 - Keras' own name
        if origins.standalone:
            if args:
                args = (optimizers.by_name(args[0], adapted), *args[1:])
            elif "optimizer" in kwargs:
                kwargs["optimizer"] = optimizers.by_name(kwargs["optimizer"], adapted)
        args, kwargs = compiling.in_order(args, kwargs, adapted)
        return renamed(model, *args, **kwargs)

    return compile


def _fit_generator(adapted: Adapted) -> Callable[..., Any]:
    def fit_generator(model: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
        adapted.tell("fit_generator is now fit")
        first = not FIRST_KERAS.isdisjoint(kwargs)
        kwargs = words.translated("fit_generator", words.METHODS["fit_generator"], kwargs, adapted.tell)
        kwargs = dict(zip(FIT_GENERATOR, args, strict=False)) | kwargs
        if first:  # its Keras counted samples, by whichever name or place
            _rename(kwargs, "steps_per_epoch", "samples_per_epoch")
            _rename(kwargs, "validation_steps", "nb_val_samples")
        generator = _steps(kwargs, "samples_per_epoch", "steps_per_epoch", generator, adapted)
        if "nb_val_samples" in kwargs:
            data = kwargs.get("validation_data")
            kwargs["validation_data"] = _steps(kwargs, "nb_val_samples", "validation_steps", data, adapted)
        return model.fit(generator, **kwargs)

    return fit_generator


def _over_generator(name: str, adapted: Adapted) -> Callable[..., Any]:
    old = f"{name}_generator"

    def method(model: Any, generator: Any, steps: Any = None, **kwargs: Any) -> Any:
        adapted.tell(f"{old} is now {name}")
        kwargs = words.translated(old, words.METHODS[old], kwargs, adapted.tell)
        generator = _steps(kwargs, "val_samples", "steps", generator, adapted)
        given = {} if steps is None else {"steps": _whole(steps)}
        return getattr(model, name)(generator, **(QUIET | given | kwargs))

    return method


def _rename(kwargs: dict[str, Any], today: str, old: str) -> None:
    if today in kwargs:
        kwargs.setdefault(old, kwargs.pop(today))


def _steps(kwargs: dict[str, Any], old: str, new: str, generator: Any, adapted: Adapted) -> Any:
    """Put a number of samples into batches of the generator; which is returned as whole as it was."""
    samples = kwargs.pop(old, None)
    if samples is None:
        if kwargs.get(new) is not None:
            kwargs[new] = _whole(kwargs[new])
        return generator
    adapted.tell(f"{old}= is now {new}=, counted in batches")
    size, generator = _batch(generator)
    if size:
        kwargs[new] = math.ceil(samples / size)
    return generator


def _batch(generator: Any) -> tuple[int, Any]:
    """The samples of one batch; 0 for what is no generator. One that cannot say is asked for its first batch."""
    size = getattr(generator, "batch_size", None)
    if isinstance(size, int):
        return size, generator
    if not hasattr(generator, "__next__"):
        return 0, generator
    first = next(generator)
    part = first[0] if isinstance(first, tuple | list) else first
    part = next(iter(part.values())) if isinstance(part, dict) else part
    part = part[0] if isinstance(part, list) else part
    return len(part), _again(first, generator)


def _again(first: Any, generator: Any) -> Any:
    """A generator, as Keras tells one by its type."""
    yield from itertools.chain([first], generator)


def _whole(steps: Any) -> Any:
    return math.ceil(steps) if isinstance(steps, float) else steps


def _predict_classes(adapted: Adapted) -> Callable[..., Any]:
    def predict_classes(model: Any, x: Any, batch_size: int | None = None, verbose: int = 0, **kwargs: Any) -> Any:
        adapted.tell("predict_classes is now the argmax of predict")
        likely = model.predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
        found = likely.argmax(axis=-1) if likely.shape[-1] > 1 else (likely > 0.5).astype("int32")  # noqa: PLR2004
        return labels.of(found, adapted.tell)

    return predict_classes


def _predict_proba(adapted: Adapted) -> Callable[..., Any]:
    def predict_proba(model: Any, x: Any, batch_size: int | None = None, verbose: int = 0, **kwargs: Any) -> Any:
        adapted.tell("predict_proba is now predict")
        return model.predict(x, batch_size=batch_size, verbose=verbose, **kwargs)

    return predict_proba
