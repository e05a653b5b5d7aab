"""Durations and sizes as people write them: "20 min", "4 GiB", or a plain number of seconds or bytes."""

from __future__ import annotations

import math
import re
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_MINUTE, _HOUR, _WEEK = 60.0, 3600.0, 604_800.0
_DURATIONS: Final = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), _MINUTE),
    **dict.fromkeys(("h", "hour", "hours"), _HOUR),
}
_SIZES: Final = {
    "b": 1,
    "kb": 10**3, "mb": 10**6, "gb": 10**9,
    "kib": 2**10, "mib": 2**20, "gib": 2**30,
}  # fmt: skip
_LARGEST_SIZE: Final = 2**50
_LARGEST_OUTPUT: Final = 12 * 2**20  # what the grader is ready to read of one notebook
_LARGEST_EVIDENCE: Final = 16 * 2**20  # as above
_SMALLEST: Final = 2**20  # below it, a kernel does not even start
_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) *([A-Za-z]{1,7})")
_DURATION_TEXT: Final = "a duration such as '20 min', '90 s' or '1 h', or a number of seconds; a week at most"
_SIZE_TEXT: Final = "a size such as '4 GiB', '512 MiB' or '8 MB', or a number of bytes; 1024 TiB at most"

_OUTPUT_TEXT: Final = "a size such as '8 MiB' or '500 kB', or a number of bytes; 12 MiB at most"
_EVIDENCE_TEXT: Final = "a size such as '16 MiB', or a number of bytes; 1 MiB at least and 16 MiB at most"
_ROOM_TEXT: Final = "a size such as '1 GiB' or '512 MB', or a number of bytes; 1 MiB at least, 1024 TiB at most"


def _amount(value: object, units: dict[str, float] | dict[str, int]) -> int | float | None:
    """The number that the value stands for, in the unit that counts 1; None where it is not an amount."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    unit = units.get(match[2].lower()) if match else None
    return float(match[1]) * unit if match and unit else None


def seconds(value: object) -> float | None:
    """The seconds that a duration stands for; None where it is none, or an endless one."""
    found = _amount(value, _DURATIONS)
    return float(found) if found is not None and 0 < found <= _WEEK else None


def _duration(value: object) -> float:
    found = seconds(value)
    if found is None:
        raise PydanticCustomError("duration", _DURATION_TEXT)
    return found


def _size(value: object) -> int:
    size = _amount(value, _SIZES)
    if size is None or not 1 <= size <= _LARGEST_SIZE:
        raise PydanticCustomError("size", _SIZE_TEXT)
    return int(size)


def _output_size(value: object) -> int:
    size = _size(value)
    if size > _LARGEST_OUTPUT:
        raise PydanticCustomError("size", _OUTPUT_TEXT)
    return size


def _evidence_size(value: object) -> int:
    size = _size(value)
    if not _SMALLEST <= size <= _LARGEST_EVIDENCE:
        raise PydanticCustomError("size", _EVIDENCE_TEXT)
    return size


def _room(value: object) -> int:
    size = _size(value)
    if size < _SMALLEST:
        raise PydanticCustomError("size", _ROOM_TEXT)
    return size


_SCHEMA_DURATION = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? *(s|sec|seconds?|min|minutes?|h|hours?)$"},
        {"type": "number", "exclusiveMinimum": 0, "maximum": _WEEK},
    ]
}
_SCHEMA_SIZE = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? *([kKMG]i?)?B$"},
        {"type": "integer", "minimum": 1, "maximum": _LARGEST_SIZE},
    ]
}

Duration = Annotated[float, BeforeValidator(_duration), WithJsonSchema(_SCHEMA_DURATION)]
Size = Annotated[int, BeforeValidator(_size), WithJsonSchema(_SCHEMA_SIZE)]
OutputSize = Annotated[int, BeforeValidator(_output_size), WithJsonSchema(_SCHEMA_SIZE)]
EvidenceSize = Annotated[int, BeforeValidator(_evidence_size), WithJsonSchema(_SCHEMA_SIZE)]
Room = Annotated[int, BeforeValidator(_room), WithJsonSchema(_SCHEMA_SIZE)]

_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) *%")
_DEDUCTION_TEXT: Final = "a share such as '10 %', 100 % at most, or a number of points"
_SCHEMA_DEDUCTION = {
    "anyOf": [
        {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? *%$"},
        {"type": "number", "minimum": 0},
    ]
}


def share(value: str) -> float | None:
    """Of 1; None where it is none."""
    match = _SHARE.fullmatch(value)
    found = float(match[1]) / 100 if match else None
    return found if found is not None and found <= 1 else None


def _deduction(value: object) -> float | str:
    if isinstance(value, str) and share(value) is not None:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise PydanticCustomError("deduction", _DEDUCTION_TEXT)


Deduction = Annotated[float | str, BeforeValidator(_deduction), WithJsonSchema(_SCHEMA_DEDUCTION)]
