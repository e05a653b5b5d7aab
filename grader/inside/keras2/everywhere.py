"""A function of Keras' in all the modules that hold it: Keras shows one under several names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def replace(name: str, original: Callable[..., Any], replacement: Callable[..., Any]) -> None:
    for place, module in list(sys.modules.items()):
        if (
            place.partition(".")[0] == "keras" and vars(module).get(name) is original
        ):  # `getattr` would ask what is looked up
            setattr(module, name, replacement)
