"""Summary tables as Keras 3 prints them: drawn with box characters, a rule between any two layers.

    ┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
    ┃ Layer (type)         ┃ Output Shape       ┃    Param # ┃
    ┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
    │ max_pooling2d_1      │ (None, 12, 12, 64) │          0 │
    │ (MaxPooling2D)       │                    │            │
    ├──────────────────────┼────────────────────┼────────────┤

On Windows the frame is drawn of thin lines alone (┌─┬┐ │ ├─┼┤ └─┴┘), its heading's as well.

A cell that is too long goes on in the next line of its row, broken between words; a word that is too long is
cut and ends in "…". A table that is wider than the page (`line_length`) lacks its right side: of the last column
that is left nothing is whole. Further columns ("Connected to", "Trainable") may follow and are left alone. Rows of
layers inside a nested model begin with "└"; only the outer layers are kept, as `model.layers` has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from grader.extract.lines import Lines
from grader.extract.table import HEADINGS, MOST_LINES, MOST_ROWS, Row, Table
from grader.model import CUT, is_left_of

_NESTED = "└"
_TOP_RIGHT = "┓┐"


class _Edge(StrEnum):
    """What a line of the table begins with; those with cells end with it too."""

    TOP = "┏"
    THIN_TOP = "┌"
    HEADING = "┃"
    HEADED = "┡"
    BODY = "│"
    BETWEEN = "├"
    BOTTOM = "└"


@dataclass(slots=True)
class _Box:
    """A table that is being read; `open` holds the cells of the lines of the row that has not ended yet.

    `columns` is 0 until the heading has been read and found to be a summary's. `cropped` says that the page ends
    before the table does.
    """

    first: int
    cropped: bool
    columns: int = 0
    open: list[list[str]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def take(self, line: str) -> bool:
        """Read one more line; False where it does not belong to the table."""
        match line[:1], self.columns > 0:
            case (_Edge.HEADING, False) | (_Edge.BODY, _):
                return self._add(line)
            case (_Edge.HEADED | _Edge.BETWEEN, False):
                return self._close_heading()
            case (_Edge.BETWEEN | _Edge.BOTTOM, True):
                self._close_row()
                return True
            case _:
                return False

    def _add(self, line: str) -> bool:
        edge = line[0]
        if len(line) < len("││") or self._is_full() or not (self.cropped or line.endswith(edge)):
            return False
        inside = line[1:] + CUT if self.cropped else line[1:-1]
        # A bar in a layer's name is the only one that can be too many: the other columns are Keras' own.
        cells = inside.rsplit(edge, self.columns - 1 if self.columns else -1)
        self.open.append([cell.strip() for cell in cells])
        return len(cells) == (self.columns or len(self.open[0]))

    def _is_full(self) -> bool:
        return len(self.open) == MOST_LINES or len(self.rows) == MOST_ROWS

    def _close_heading(self) -> bool:
        """Whether this is a summary's heading; its words may be wrapped or cut, as any cell's."""
        headings = [_joined(column) for column in zip(*self.open, strict=True)]
        self.open = []
        if self.cropped and headings and len(headings) <= len(HEADINGS):
            headings[-1] = HEADINGS[len(headings) - 1] if set(headings[-1]) <= {CUT, " "} else headings[-1]
        enough = len(HEADINGS) - self.cropped
        if len(headings) < enough or not all(map(_is_heading, headings, HEADINGS)):
            return False
        self.columns = len(headings)
        return True

    def _close_row(self) -> None:
        cells = [_joined(column) for column in zip(*self.open, strict=True)]
        self.open = []
        if cells and cells[0] and not cells[0].startswith(_NESTED):
            self.rows.append(Row(*[*cells, ""][: len(HEADINGS)]))


def tables(lines: Lines) -> Iterator[Table]:
    """Every summary table in these lines, in order. Where one is interrupted, its open row is dropped."""
    box: _Box | None = None
    for number, raw in enumerate(lines):
        line = raw.strip()
        goes_on = box is not None and box.take(line)
        if box is not None and (not goes_on or line[0] == _Edge.BOTTOM):
            yield from _ended(box, number + goes_on)
            box = None
        if line[:1] in (_Edge.TOP, _Edge.THIN_TOP):
            box = _Box(number, cropped=line[-1] not in _TOP_RIGHT)
    if box is not None:
        yield from _ended(box, len(lines))


def _ended(box: _Box, end: int) -> Iterator[Table]:
    if box.columns:
        yield Table(box.first, end, tuple(box.rows))


def _joined(parts: Sequence[str]) -> str:
    return " ".join(part for part in parts if part)


def _is_heading(found: str, expected: str) -> bool:
    return not found.startswith(CUT) and is_left_of(found, expected)
