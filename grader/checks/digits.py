"""Printed numbers: which values they may stand for, by the digits that were printed.

"0.2544" stands for every value that rounds to it: half a unit of the last printed place either way.
Text comes from students' code: long numbers and vast exponents are not numbers here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

MAX_CHARACTERS = 64
MAX_EXPONENT = 300
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
NOT_FINITE = re.compile(r"(?P<sign>[+-]?)(?:(?P<nan>nan)|inf(?:inity)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Printed:
    """`unit` is the worth of the last printed place; 0 where the value is not finite."""

    value: float
    unit: float

    def bounds(self, scale: float = 1.0) -> tuple[float, float]:
        """The least and the greatest value that reads like this once it is multiplied by `scale`."""
        slack = 1e-15 * abs(self.value)  # rounding in binary is not rounding in decimal
        half = 0.5 * self.unit + slack
        return (self.value - half) / scale, (self.value + half) / scale

    def stands_for(self, observed: float, scale: float = 1.0) -> bool:
        if not math.isfinite(self.value):
            return repr(self.value) == repr(observed)
        low, high = self.bounds(scale)
        return low <= observed <= high


@lru_cache(maxsize=4096)
def read(text: str) -> Printed | None:
    """None where the text is no number of sensible size."""
    text = text.strip() if len(text) <= MAX_CHARACTERS else ""
    special = NOT_FINITE.fullmatch(text)
    if special:
        size = math.nan if special["nan"] else math.inf
        return Printed(-size if special["sign"] == "-" else size, 0.0)
    return _finite(Decimal(text)) if NUMBER.fullmatch(text) else None


def _finite(number: Decimal) -> Printed | None:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > MAX_EXPONENT or number.adjusted() > MAX_EXPONENT:
        return None
    value = float(number)
    # "0e5" would else stand for anything below 50,000
    return Printed(value, min(10.0**exponent, max(1.0, abs(value))))
