"""Layers and models made with the arguments of Keras 1 and 2.

The `__init__` of Keras' own classes is wrapped, so that the objects are of these classes and of no others, and
can be told to the shared trainer like any.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .. import pristine
from . import former, words
from .adapted import Adapted

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Translate = Callable[[tuple[Any, ...], dict[str, Any]], Arguments]
INPUTS = {"input": "inputs", "output": "outputs"}


def install(adapted: Adapted) -> None:
    import keras

    tables: tuple[tuple[Any, Any], ...] = (
        (keras.layers, words.LAYERS),
        (keras.constraints, words.CONSTRAINTS),
        (keras.regularizers, words.REGULARIZERS),
        (keras.callbacks, words.CALLBACKS),
    )
    for module, table in tables:
        for name in table:
            wrap(getattr(module, name), _translation(name, table[name], adapted))
    _models(adapted)


def wrap(kind: Any, translate: Translate) -> None:
    """Its `__init__`; wrapped as a function, so that Keras finds the signature that it had."""
    original = kind.__init__

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - what it stands for
        args, kwargs = translate(args, kwargs)
        original(self, *args, **kwargs)

    vars(__init__)["__signature__"] = inspect.signature(original)  # Keras reads it where no wrapper is unwrapped
    kind.__init__ = __init__


def _translation(name: str, table: words.Words, adapted: Adapted) -> Translate:
    def translate(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        old = not table.keys().isdisjoint(kwargs)
        if name in words.CONVOLUTIONS:
            args, kwargs = words.kernel(name, args, kwargs, adapted.tell, old=old)
        if name == "Layer" or "input_length" in kwargs:
            kwargs = _shape(name, kwargs, adapted)
        return args, words.translated(name, table, kwargs, adapted.tell) if old else kwargs

    return translate


def _shape(name: str, kwargs: dict[str, Any], adapted: Adapted) -> dict[str, Any]:
    """`input_shape` from the two other ways to say it. An embedding's `input_length` is Keras' own to take."""
    if "batch_input_shape" in kwargs:
        adapted.tell("batch_input_shape= is now input_shape=, without the size of a batch")
        shape = kwargs.pop("batch_input_shape")
        return {"input_shape": tuple(shape[1:]), **kwargs}
    if "input_length" in kwargs and "input_dim" in kwargs and name != "Embedding":
        adapted.tell("input_length=, input_dim= are now input_shape=")
        return {"input_shape": (kwargs.pop("input_length"), kwargs.pop("input_dim")), **kwargs}
    return kwargs


def convolutions(module: ModuleType, adapted: Adapted) -> None:
    """`Convolution2D(32, 3, 3)` of `keras` itself: under this name, three numbers never meant a stride."""
    for size in (2, 3):

        def make(kind: type, name: str = f"Conv{size}D") -> Callable[..., Any]:
            def made(*args: Any, **kwargs: Any) -> Any:
                args, kwargs = words.kernel(name, args, kwargs, adapted.tell, old=True)
                return kind(*args, **kwargs)

            return made

        former.put(module, f"Convolution{size}D", make)


def _models(adapted: Adapted) -> None:
    """`Model(input=..., output=...)`: what a model is is decided in `__new__`, from the names of its arguments."""
    from keras.src.models.functional import Functional
    from keras.src.models.model import Model

    def translate(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        old = INPUTS.keys() <= kwargs.keys()
        return args, words.translated("Model", INPUTS, kwargs, adapted.tell) if old else kwargs

    made = Model.__new__

    @functools.wraps(made)
    def __new__(kind: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 - what it stands for
        if kind is Model:
            args, kwargs = translate(args, kwargs)
        return made(kind, *args, **kwargs)

    Model.__new__ = staticmethod(__new__)  # type: ignore[assignment]  # typed as the function that it holds
    pristine.taken().adopt(Model, "__new__")
    wrap(Functional, translate)
