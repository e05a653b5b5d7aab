"""Optimizers with the arguments and the defaults of Keras 1 and 2.

`lr` is `learning_rate`; `decay` makes the rate lr / (1 + decay * iterations), which is Keras' own
`InverseTimeDecay`. Standalone Keras' Adadelta had a rate of 1.0, and `tf.keras`' has always had 0.001: one
class under two names, so it is the name that decides.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .. import pristine
from . import constructors, former
from .adapted import Adapted

NAMES = ("Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop", "SGD", "Ftrl")
RATE = 1.0  # of Adadelta, up to Keras 2.3
RATES = ("learning_rate", "lr")
# What standalone Keras 2 had where today's has something else; for names that only it had, as `adagrad`.
DEFAULTS = {
    "Adadelta": {"learning_rate": RATE},
    "Adagrad": {"learning_rate": 0.01, "initial_accumulator_value": 0.0},
    "Adamax": {"learning_rate": 0.002},
    "Nadam": {"learning_rate": 0.002},
}
SAID_RATE = "keras.optimizers.Adadelta without a rate has 1.0, as in Keras 1 and 2"


def install(adapted: Adapted) -> None:
    import keras
    from keras.src.optimizers.base_optimizer import BaseOptimizer

    for name in NAMES:
        kind = getattr(keras.optimizers, name)
        constructors.wrap(kind, _translation(kind, adapted))
    _rate_as_lr(BaseOptimizer, adapted)


def _translation(kind: Any, adapted: Adapted) -> constructors.Translate:
    usual = inspect.signature(kind.__init__).parameters["learning_rate"].default

    def translate(args: tuple[Any, ...], kwargs: dict[str, Any]) -> constructors.Arguments:
        if "lr" in kwargs and "learning_rate" not in kwargs:
            kwargs["learning_rate"] = kwargs.pop("lr")
            adapted.tell("lr= is now learning_rate=")
        if "schedule_decay" in kwargs:
            kwargs.pop("schedule_decay")
            adapted.tell("schedule_decay= is no more and changes nothing")
        if kwargs.get("epsilon", 0) is None:
            kwargs.pop("epsilon")  # `None` meant Keras' own epsilon, which is the default today
            adapted.tell("epsilon=None is now the default of epsilon=")
        if "decay" in kwargs:
            args, kwargs = _decaying(args, kwargs, usual, adapted)
        return args, kwargs

    return translate


def _decaying(
    args: tuple[Any, ...], kwargs: dict[str, Any], usual: float, adapted: Adapted
) -> constructors.Arguments:
    from keras.optimizers.schedules import InverseTimeDecay

    decay = kwargs.pop("decay")
    rate = args[0] if args else kwargs.get("learning_rate", usual)
    adapted.tell("decay= is now a schedule, InverseTimeDecay")
    if not decay or not isinstance(rate, int | float):
        return args, kwargs
    schedule = InverseTimeDecay(float(rate), 1, float(decay))
    return ((schedule, *args[1:]), kwargs) if args else (args, {**kwargs, "learning_rate": schedule})


def _rate_as_lr(kind: Any, adapted: Adapted) -> None:
    """`optimizer.lr`, to read and to set; the variable itself, as `K.set_value` wants it."""

    def read(optimizer: Any) -> Any:
        adapted.tell("optimizer.lr is now optimizer.learning_rate")
        return optimizer.learning_rate

    def write(optimizer: Any, value: Any) -> None:
        adapted.tell("optimizer.lr is now optimizer.learning_rate")
        optimizer.learning_rate = value

    kind.lr = property(read, write)
    pristine.taken().adopt(kind, "lr")


def standalone(module: ModuleType, adapted: Adapted) -> None:
    """What `keras.optimizers` says where `tensorflow.keras.optimizers` says something else."""

    def make(kind: type) -> Callable[..., Any]:
        return functools.partial(adadelta, kind, adapted)

    former.put(module, "Adadelta", make)
    get = vars(module)["get"]

    @functools.wraps(get)
    def named(identifier: Any) -> Any:
        return get(by_name(identifier, adapted))

    vars(module)["get"] = named


def adadelta(kind: Callable[..., Any], adapted: Adapted, *args: Any, **kwargs: Any) -> Any:
    if not args and kwargs.keys().isdisjoint(RATES):
        adapted.tell(SAID_RATE)
        kwargs["learning_rate"] = RATE
    return kind(*args, **kwargs)


def by_name(identifier: Any, adapted: Adapted) -> Any:
    """An optimizer in place of the word 'adadelta'; all else as it is."""
    if not isinstance(identifier, str) or identifier.lower() != "adadelta":
        return identifier
    from keras.src.optimizers.adadelta import Adadelta

    return adadelta(Adadelta, adapted)


def small(package: str, name: str, adapted: Adapted) -> Any:
    """`keras.optimizers.adam`: the class under the name that its module once gave it, with the defaults of then."""
    import keras

    today = {each.lower(): each for each in NAMES}[name]
    kind = former.today_of(getattr(keras.optimizers, today))
    adapted.tell(f"{package}.optimizers.{name} is now {package}.optimizers.{today}")
    if package != "keras" or today not in DEFAULTS:
        return kind

    def make(*args: Any, **kwargs: Any) -> Any:
        given = kwargs.keys() | ({"learning_rate"} if args or "lr" in kwargs else set())
        defaults = {key: value for key, value in DEFAULTS[today].items() if key not in given}
        if defaults:
            adapted.tell(f"{package}.optimizers.{name} has the defaults of Keras 1 and 2")
        return kind(*args, **defaults, **kwargs)

    return former.of(kind, make)


def legacy(module: ModuleType, adapted: Adapted) -> None:
    """`optimizers.legacy.Adam` is a name that today's Keras has only in order to refuse it."""
    import keras

    for name in NAMES:
        if name in vars(module):
            former.put(module, name, functools.partial(_told, name, adapted), getattr(keras.optimizers, name))


def _told(name: str, adapted: Adapted, kind: Callable[..., Any]) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        adapted.tell(f"optimizers.legacy.{name} is now optimizers.{name}")
        return kind(*args, **kwargs)

    return make
