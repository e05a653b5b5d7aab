"""Names of NumPy that notebooks of that time use, and that NumPy 1.24 and 2 have dropped."""

from __future__ import annotations

from typing import Any

import numpy as np

from .adapted import Adapted

BUILTINS = {"int": int, "float": float, "object": object, "str": str, "complex": complex}
MOVED = {
    "bool8": "bool_",
    "float_": "float64",
    "complex_": "complex128",
    "unicode_": "str_",
    "string_": "bytes_",
    "Inf": "inf",
    "Infinity": "inf",
    "infty": "inf",
    "PINF": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "product": "prod",
    "cumproduct": "cumprod",
    "alltrue": "all",
    "sometrue": "any",
    "round_": "round",
}


def install(adapted: Adapted) -> None:
    lacking: Any = vars(np)["__getattr__"]

    def __getattr__(name: str) -> Any:  # noqa: N807 - PEP 562
        if name in BUILTINS:
            adapted.tell(f"np.{name} is now {name}")
            return BUILTINS[name]
        if name in MOVED:
            adapted.tell(f"np.{name} is now np.{MOVED[name]}")
            return getattr(np, MOVED[name])
        return lacking(name)

    vars(np)["__getattr__"] = __getattr__
