"""Summary tables as Keras 1 and 2 print them: columns by position, between rules of "_" and "=".

    _________________________________________________________________
    Layer (type)                 Output Shape              Param #
    =================================================================
    max_pooling2d_1 (MaxPooling2 (None, 12, 12, 64)        0

Between rows stands a rule of "_" (to TensorFlow 2.6) or a blank line (from 2.7, where long cells are wrapped
at any character instead of cut; the headings too, where the columns are narrow). Columns may touch. Rows of
layers inside a nested model begin with "|"; only the outer layers are kept. torchsummary prints the same headings,
but under a rule of "-": not a table of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from grader.extract.lines import Lines
from grader.extract.table import HEADINGS, MOST_LINES, MOST_ROWS, Row, Table
from grader.model import CUT

_FURTHER = ("Connected to", "Trainable")
_SHORTEST = 10  # characters of a rule
_HEADING_LINES = 4  # a heading that is wrapped further leaves no room for figures
_LEAST = 3  # characters that are left of a heading
_NESTED = ("|", "¯")


def _left_of(heading: str) -> str:
    """A pattern of the heading and of what columns that are too narrow leave of it."""
    return "|".join(re.escape(heading[:end].rstrip()) for end in range(len(heading), _LEAST - 1, -1))


_HEADING = re.compile(r" ?(?:{})\s++({})\s++({})(?=\s|\Z)".format(*map(_left_of, HEADINGS)))


class _Line(Enum):
    SINGLE = auto()
    DOUBLE = auto()
    BLANK = auto()
    NESTED = auto()
    TEXT = auto()


@dataclass(slots=True)
class _Ruled:
    """A table that is being read; `lines` are the cells of the row that is still open.

    `room` is how many characters a count may have: one that fills it was probably cut, which leaves no mark.
    """

    first: int
    columns: tuple[slice, slice, slice]
    room: int
    lines: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def take(self, line: str, kind: _Line) -> bool:
        """Read one more line; False where the table ends."""
        return self._add(line) if kind is _Line.TEXT else self._close_row() and kind is not _Line.DOUBLE

    def _add(self, line: str) -> bool:
        if len(self.lines) == MOST_LINES or len(self.rows) == MOST_ROWS:
            return False
        self.lines.append(Row(*(line[column].strip() for column in self.columns)))
        return True

    def _close_row(self) -> bool:
        """False where the open lines are no row: the table was cut short, and other text followed."""
        cells = ["".join(column) for column in zip(*self.lines, strict=True)]
        counts = [line.parameters for line in self.lines if line.parameters]
        self.lines = []
        if cells and not cells[HEADINGS.index("Param #")][:1].isdigit():
            return False
        if cells:
            is_cut = len(counts[-1]) >= self.room
            self.rows.append(Row(cells[0], cells[1], cells[2] + CUT * is_cut))
        return True


def tables(lines: Lines) -> Iterator[Table]:
    """Every summary table in these lines, in order. Where one is interrupted, its open row is dropped."""
    table: _Ruled | None = None
    for number, line in enumerate(lines):
        kind = _kind(line)
        if kind is _Line.DOUBLE and (heading := _heading(lines, number)):
            if table is not None:
                yield Table(table.first, heading[0], tuple(table.rows))
            table = _Ruled(*heading)
        elif table is not None and not table.take(line, kind):
            yield Table(table.first, number + (kind is _Line.DOUBLE), tuple(table.rows))
            table = None
    if table is not None:
        yield Table(table.first, len(lines), tuple(table.rows))


def _kind(line: str) -> _Line:
    bare = line.strip()
    if not bare:
        return _Line.BLANK
    if len(bare) >= _SHORTEST and bare.strip("_=") == "":
        return _Line.DOUBLE if bare[0] == "=" else _Line.SINGLE
    return _Line.NESTED if bare.startswith(_NESTED) else _Line.TEXT


def _heading(lines: Lines, number: int) -> tuple[int, tuple[slice, slice, slice], int] | None:
    """Of a summary's heading right above this line: the line of its rule, the columns, and the count's room."""
    above = range(number - 2, max(-1, number - 2 - _HEADING_LINES), -1)
    rule = next((at for at in above if _kind(lines[at]) is not _Line.TEXT), -1)
    if rule < 0 or not _is_single(lines[rule]) or not (found := _HEADING.match(lines[rule + 1])):
        return None
    shape, count = found.start(1), found.start(2)
    after = [place for place in (lines[rule + 1].find(further) for further in _FURTHER) if place > count]
    end = min(after, default=None)
    room = len(lines[number].rstrip()) - count if end is None else end - 1 - count
    return rule, (slice(0, shape), slice(shape, count), slice(count, end)), room


def _is_single(line: str) -> bool:
    return _kind(line) is _Line.SINGLE
