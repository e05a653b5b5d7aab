"""The arguments of a call of `Model.fit` as plain JSON beside named arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Facts = dict[str, Any]
DATA = ("x", "y", "sample_weight", "validation_data")
NUMBERS = ("batch_size", "epochs", "initial_epoch", "steps_per_epoch", "validation_steps", "validation_batch_size")
EVALUATED = ("x", "y", "sample_weight")
PAIR = (2, 3)  # parts of `validation_data`
DEFAULTS: Facts = {
    "x": None,
    "y": None,
    "batch_size": None,
    "epochs": 1,
    "verbose": "auto",
    "callbacks": None,
    "validation_split": 0.0,
    "validation_data": None,
    "shuffle": True,
    "class_weight": None,
    "sample_weight": None,
    "initial_epoch": 0,
    "steps_per_epoch": None,
    "validation_steps": None,
    "validation_batch_size": None,
    "validation_freq": 1,
}


class UndescribableError(Exception):
    """The fit must run where it was called; the message says why."""


def asked(arguments: Mapping[str, Any], stop_at: int | None) -> tuple[Facts, Facts]:
    """The arguments as JSON, `verbose` left out, and the arrays among them by name."""
    given = {**DEFAULTS, **arguments}
    if given["callbacks"]:
        raise UndescribableError("it has callbacks of the notebook")
    unknown = sorted(given.keys() - DEFAULTS.keys())
    if unknown:
        raise UndescribableError(f"it has the argument '{unknown[0]}'")
    data = _Data()
    told: Facts = {name: data.structure(name, given[name]) for name in DATA}
    told |= {name: _whole(name, given[name]) for name in NUMBERS}
    told["stop_at"] = _whole("stop_at", stop_at)
    if not (told["epochs"] or 0) > (told["initial_epoch"] or 0):
        raise UndescribableError("it trains no epoch")
    told["validation_split"] = _number("validation_split", given["validation_split"])
    told["shuffle"] = _shuffle(given["shuffle"])
    told["class_weight"] = _class_weight(given["class_weight"])
    told["validation_freq"] = _frequency(given["validation_freq"])
    return told, data.tensors


def validation(arguments: Mapping[str, Any]) -> tuple[Facts, Facts]:
    """What `fit` validates on, as JSON and arrays: of data that it splits by itself, all of it and the share."""
    given = {**DEFAULTS, **arguments}
    pair, split = given["validation_data"], 0.0
    if pair is None:
        pair, split = (given["x"], given["y"], given["sample_weight"]), given["validation_split"]
    if (
        not isinstance(pair, list | tuple)
        or len(pair) not in PAIR
        or (given["validation_data"] is None and not split)
    ):
        raise UndescribableError("it did not validate on arrays")
    if given["validation_steps"] is not None or given["validation_freq"] != 1:
        raise UndescribableError("it did not validate on all of its data after every epoch")
    data = _Data()
    told: Facts = {name: data.structure(name, part) for name, part in zip(EVALUATED, (*pair, None), strict=False)}
    told["validation_split"] = _number("validation_split", split)
    told["batch_size"] = _whole("batch_size", given["validation_batch_size"] or given["batch_size"])
    return told, data.tensors


class _Data:
    """Arrays in tuples, lists and dicts; one that is given twice travels once."""

    def __init__(self) -> None:
        self.tensors: Facts = {}
        self._names: dict[int, str] = {}

    def structure(self, name: str, value: Any) -> Any:
        match value:
            case None:
                return None
            case np.ndarray():
                return {"tensor": self._tensor(name, value)}
            case list() | tuple() if type(value) in (list, tuple):
                return {type(value).__name__: [self.structure(name, part) for part in value]}
            case dict() if type(value) is dict:
                return {"dict": [[_key(name, key), self.structure(name, part)] for key, part in value.items()]}
            case _:
                raise UndescribableError(f"'{name}' is or holds a '{type(value).__name__}', not a NumPy array")

    def _tensor(self, name: str, array: Any) -> str:
        if type(array) is not np.ndarray:
            raise UndescribableError(f"'{name}' is or holds a '{type(array).__name__}', not a plain array")
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8 or not array.dtype.isnative:  # noqa: PLR2004
            raise UndescribableError(f"'{name}' is or holds an array of {array.dtype}")
        if id(array) not in self._names:
            self._names[id(array)] = f"data {len(self._names)}"
            self.tensors[self._names[id(array)]] = array
        return self._names[id(array)]


def restructured(told: Any, tensors: Facts) -> Any:
    """The data of a description as `fit` takes it."""
    match told:
        case None:
            return None
        case {"tensor": name}:
            return tensors[name]
        case {"list": parts}:
            return [restructured(part, tensors) for part in parts]
        case {"tuple": parts}:
            return tuple(restructured(part, tensors) for part in parts)
        case {"dict": pairs}:
            return {key: restructured(part, tensors) for key, part in pairs}
        case _:
            raise ValueError(f"'{told}' is no structure of arrays")


def _key(name: str, key: Any) -> str:
    if type(key) is not str:
        raise UndescribableError(f"'{name}' has a key that is no text, {key!r}")
    return key


def _whole(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise UndescribableError(f"'{name}' is {value!r:.100}, not a whole number")
    return int(value)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise UndescribableError(f"'{name}' is {value!r:.100}, not a number")
    if not np.isfinite(value):
        raise UndescribableError(f"'{name}' is {value!r:.100}")
    return float(value)


def _shuffle(value: Any) -> Any:
    if value == "batch":
        return "batch"
    if type(value) not in (bool, int, type(None)):
        raise UndescribableError(f"'shuffle' is {value!r:.100}, not True or False")
    return bool(value)


def _class_weight(value: Any) -> list[list[float]] | None:
    if value is None:
        return None
    if type(value) is not dict:
        raise UndescribableError(f"'class_weight' is a '{type(value).__name__}', not a dict")
    return [[_whole("class_weight", key) or 0, _number("class_weight", part)] for key, part in value.items()]


def _frequency(value: Any) -> Any:
    if type(value) is int or (type(value) is list and all(type(part) is int for part in value)):
        return value
    raise UndescribableError(f"'validation_freq' is {value!r:.100}, not a whole number or a list of them")


def given(told: Facts, tensors: Facts) -> Facts:
    """As `fit` takes them; without callbacks, and without `stop_at`, which is none of its own."""
    data = {name: restructured(told[name], tensors) for name in DATA}
    rest = {name: value for name, value in told.items() if name not in (*DATA, "stop_at", "class_weight")}
    weights = told["class_weight"]
    return {**data, **rest, "class_weight": None if weights is None else dict(weights)}
