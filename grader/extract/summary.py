"""Printed `model.summary()` tables to `ModelSummary`.

Each dialect of table is a module that finds its tables in the text's lines; reading cells and totals is the
same for all of them.
"""

from __future__ import annotations

import re

from grader.extract import boxes, rules
from grader.extract.lines import Lines
from grader.extract.table import Row, Table
from grader.extract.terminal import plain
from grader.model import CUT, UNREADABLE, Layer, ModelSummary

_DIALECTS = (boxes.tables, rules.tables)
_UNKNOWN_SHAPES = ("?", "multiple")
_COUNT = re.compile(r"(?P<digits>[0-9][0-9,]{0,30})(?![0-9,…])")
_TOTAL = re.compile(r"\s*+(?P<of>Total|Trainable|Non-trainable|Optimizer) params:\s*+(?P<count>[0-9,]++)(?!…)")
_AFTER_COMMA = re.compile(r",\s*+(?=[^\s)\]])")


def summaries(text: str) -> tuple[ModelSummary, ...]:
    """Every summary table in `text`, in order; of a table that was cut short, the rows that are whole.

    Layers of nested models are left out. `total` does not count the optimizer's variables, which Keras 3 adds
    to "Total params" once a model has been trained.
    """
    lines = Lines(plain(text))
    found = ((table.first, _summary(table, lines)) for dialect in _DIALECTS for table in dialect(lines))
    return tuple(summary for _, summary in sorted(found, key=lambda place: place[0]))


def _summary(table: Table, lines: Lines) -> ModelSummary:
    totals = _totals(lines, table.end)
    total = totals.get("Total")
    if total is not None:
        total -= totals.get("Optimizer", 0)
    return ModelSummary(tuple(map(_layer, table.rows)), total)


def _totals(lines: Lines, start: int) -> dict[str, int]:
    """The "... params:" lines right below a table; in a notebook, outputs of their own with blank lines between."""
    totals: dict[str, int] = {}
    for number in range(start, len(lines)):
        line = lines[number]
        found = _TOTAL.match(line)
        if found:
            totals.setdefault(found["of"], _count(found["count"]))
        elif line.strip():
            break
    return totals


def _layer(row: Row) -> Layer:
    name, kind = _name_and_kind(row.name)
    return Layer(name, kind, _shape(row.shape), _count(row.parameters))


def _name_and_kind(cell: str) -> tuple[str, str]:
    """Of "conv2d (Conv2D)". Keras 2 cuts without a mark: a bracket that is still open tells."""
    name, opening, kind = cell.rpartition("(")
    if not opening:
        return cell.removesuffix(CUT) + CUT, CUT
    if kind.endswith(")"):
        return name.rstrip(), kind.removesuffix(")")
    return name.rstrip(), kind.removesuffix(CUT) + CUT


def _shape(cell: str) -> str:
    """As Keras 3 writes it: TensorFlow put an input's only shape into a list, and wrapping moves blanks."""
    if cell in _UNKNOWN_SHAPES:
        return "?"
    shape = _AFTER_COMMA.sub(", ", cell)
    if shape.startswith("[(") and shape.endswith(")]") and shape.count("(") == 1:
        return shape[1:-1]
    is_open = any(shape.count(opening) > shape.count(closing) for opening, closing in ("()", "[]"))
    return shape + CUT if is_open and CUT not in shape else shape


def _count(cell: str) -> int:
    """Of "1,179,776", and of "0 (unbuilt)"."""
    found = _COUNT.match(cell)
    return int(found["digits"].replace(",", "")) if found else UNREADABLE
