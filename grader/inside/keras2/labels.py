"""What `predict_classes` returns: labels that compare as they did in the NumPy of their time.

Comparing arrays whose shapes do not fit together gave False then, with a warning, and raises since NumPy 1.25.
Notebooks compare labels with one-hot rows, and look for the places where the comparison is true.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

ADAPTED = "labels and one-hot rows compare as unequal, as in NumPy before 1.25"
SAID = (
    "labels were compared with an array of another shape: the comparison as a whole is {}, as in NumPy before 1.25"
)


class Verdict(np.ndarray[Any, Any]):
    """One truth value for a whole comparison; where it is asked for places, it is an array of one."""

    def nonzero(self) -> tuple[np.ndarray[Any, Any], ...]:  # type: ignore[override]  # as in the NumPy of then
        return np.atleast_1d(np.asarray(self)).nonzero()

    def __array_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        listed = tuple(args)
        if func in PLACES and len(listed) == 1 and not kwargs:
            return func(np.atleast_1d(np.asarray(listed[0])))
        return super().__array_function__(func, types, listed, kwargs)

    def __repr__(self) -> str:
        return repr(bool(self))

    __str__ = __repr__


PLACES = (np.nonzero, np.where, np.argwhere, np.flatnonzero)


class Labels(np.ndarray[Any, Any]):
    """Whole numbers, as `argmax` gives them."""

    _tell: Callable[[str], object] | None = None

    def __array_finalize__(self, whole: Any) -> None:
        self._tell = getattr(whole, "_tell", None)

    def __eq__(self, other: object) -> Any:
        return self._compared("__eq__", other, unequal=False)

    def __ne__(self, other: object) -> Any:
        return self._compared("__ne__", other, unequal=True)

    __hash__ = None  # type: ignore[assignment]  # as an array's

    def _compared(self, name: str, other: object, *, unequal: bool) -> Any:
        try:
            return getattr(np.asarray(self), name)(_plain(other))
        except ValueError:
            if _fit_together(self, other):
                raise
            if self._tell is not None:
                self._tell(ADAPTED)
            warnings.warn(SAID.format(unequal), DeprecationWarning, stacklevel=3)
            return np.asarray(unequal).view(Verdict)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:  # noqa: FBT001, FBT002 - NumPy's signature
        """Results of computing with them are plain arrays and numbers."""
        return array[()] if return_scalar else np.asarray(array)

    def __repr__(self) -> str:
        return repr(np.asarray(self))


def of(values: Any, tell: Callable[[str], object] | None = None) -> Labels:
    """`tell` hears of the first comparison that only then was one."""
    labels = np.asarray(values).view(Labels)
    labels._tell = tell  # noqa: SLF001 - their maker
    return labels


def one_hot(tell: Callable[[str], object]) -> Callable[..., Any]:
    """`np_utils.to_categorical`, whose number of classes had another name in Keras 1."""

    def to_categorical(x: Any, num_classes: int | None = None, nb_classes: int | None = None) -> Any:
        import keras

        if nb_classes is not None:
            tell("to_categorical: nb_classes= is now num_classes=")
        return keras.utils.to_categorical(x, num_classes if nb_classes is None else nb_classes)

    return to_categorical


def _plain(value: object) -> Any:
    return np.asarray(value) if isinstance(value, Labels) else value


def _fit_together(one: Any, other: Any) -> bool:
    try:
        np.broadcast_shapes(np.shape(one), np.shape(other))
    except ValueError:
        return False
    return True
