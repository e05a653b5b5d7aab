"""TensorFlow's way to a TPU: there is none, and start-up code that is ready for that goes on without."""

from __future__ import annotations

from typing import Any

from .words import say

TOLD = "there is no TPU where notebooks are graded; what is ready for a ValueError here goes on without"


def after_tensorflow(_: Any) -> None:
    """TensorFlow's own attempt would look for the machine's metadata on the network."""
    from tensorflow.python.distribute.cluster_resolver.tpu import tpu_cluster_resolver

    kind: Any = tpu_cluster_resolver.TPUClusterResolver
    kind.__init__ = refuse


def refuse(*_: Any, **__: Any) -> None:
    """ValueError is what TensorFlow raises where it finds no TPU, and what start-up code expects."""
    say(TOLD)
    raise ValueError(f"no TPU was found: {TOLD}")
