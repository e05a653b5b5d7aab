"""All random sources start from the rubric's seed; a recording mixes its own into the notebook's seed calls."""

from __future__ import annotations

import functools
import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

SEED_SPACE = 2**32
STRIDE = 1_000_003  # keeps neighbouring seeds of a notebook apart from neighbouring recordings


def start(seed: int) -> None:
    """Python and NumPy; TensorFlow and Keras follow when they are imported."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the legacy global state is what notebooks draw from


def mixed(seed: Any, mix: int) -> Any:
    """`seed` itself where nothing is mixed in, or where it is no integer."""
    if not mix or not isinstance(seed, int | np.integer):
        return seed
    return (int(seed) + STRIDE * mix) % SEED_SPACE


class Mixer:
    """Replaces seeding functions by ones that mix the recording's seed into what the notebook asks for.

    Keras' seeding calls those of Python, NumPy and TensorFlow: only the outermost call mixes.
    """

    def __init__(self, mix: int) -> None:
        self._mix = mix
        self._inner = threading.local()

    def install(self, owner: Any, name: str) -> None:
        if self._mix:
            setattr(owner, name, self._wrapped(getattr(owner, name)))

    def _wrapped(self, seeding: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(seeding)
        def call(*args: Any, **kwargs: Any) -> Any:
            if getattr(self._inner, "busy", False):
                return seeding(*args, **kwargs)
            self._inner.busy = True
            try:
                return seeding(
                    *(mixed(value, self._mix) for value in args),
                    **{key: mixed(value, self._mix) for key, value in kwargs.items()},
                )
            finally:
                self._inner.busy = False

        return call
