"""The variables of a compiled model in one order, which is the same for models of the same configuration."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np


def of(model: Any) -> dict[str, Any]:
    """Name to variable: the layers' with their seed generators, the optimizer's, the metrics'."""
    metrics = itertools.chain.from_iterable(metric.variables for metric in model.metrics)
    optimizer = model.optimizer.variables if model.optimizer is not None else ()
    return numbered("model", model.variables) | numbered("optimizer", optimizer) | numbered("metrics", metrics)


def numbered(group: str, variables: Iterable[Any]) -> dict[str, Any]:
    unique = {id(variable): variable for variable in variables}
    return {f"{group} {number}": variable for number, variable in enumerate(unique.values())}


def values(named: dict[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(variable.value.numpy()) for name, variable in named.items()}


def misfit(named: dict[str, Any], arrays: dict[str, Any]) -> str:
    """What of `arrays` has no place in these variables, in words; empty where all has."""
    for name in sorted(named.keys() ^ arrays.keys()):
        return f"'{name}' is only in one of two models"
    for name, variable in named.items():
        array = arrays[name]
        if tuple(variable.shape) != array.shape or variable.dtype != array.dtype.name:
            return f"'{name}' is {array.dtype.name} {array.shape}, not {variable.dtype} {tuple(variable.shape)}"
    return ""


def assign(named: dict[str, Any], arrays: dict[str, Any]) -> None:
    for name, variable in named.items():
        variable.assign(arrays[name])
