"""What the two dialects of summary tables have in common: boxes (Keras 3) and rules (Keras 1 and 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MOST_ROWS = 10_000
MOST_LINES = 1_000
"""Of a table, and of a row. What is longer is not a summary for people, but made to fill our memory."""

HEADINGS = ("Layer (type)", "Output Shape", "Param #")


class Row(NamedTuple):
    """One layer's cells as printed, with the parts that were wrapped joined again."""

    name: str
    shape: str
    parameters: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table on the lines `first` up to, but without, `end`; of one that was cut short, the whole rows."""

    first: int
    end: int
    rows: tuple[Row, ...]
