"""What a notebook's file holds of cells and of what it says about itself, in one way through its bytes.

Up to nbformat 3 the cells lie in worksheets, and a code cell's source is called `input`; which format it is,
stands at the end of a file as a rule. So both are taken as they come, and told apart afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .explain import AGAIN, UnreadableError, quoted
from .language import Said
from .pull import TOO_LONG, Reader
from .saved import Shelf

MAX_SOURCE = 2 * 1024**2  # characters of all cells
MAX_CELLS = 2_000

_SMALL = 4096  # bytes of a value in the metadata
_LONGEST = 6 * MAX_SOURCE  # bytes of one source: each character may be an escape of six


@dataclass
class Cell:
    """`sources` has what the file calls `source` and, up to nbformat 3, `input`; `fault` is why one is no text.

    `whole` is False where there is something else than an object in place of a cell.
    """

    whole: bool = True
    kind: Any = None
    sources: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    saved: str = ""


@dataclass
class Contents:
    """What the file holds, whatever its format: `cells` as of nbformat 4, `sheets` as of nbformat 2 and 3."""

    names: set[str] = field(default_factory=set)
    nbformat: Any = None
    said: Said = field(default_factory=Said)
    cells: list[Cell] | None = None
    sheets: list[Cell] | None = None


def contents(data: bytes) -> Contents:
    """Raises `FaultError` where it is no JSON, `UnreadableError` where it is not in a notebook's shape."""
    return _Reading(data).contents()


class _Reading:
    """One way through the bytes; what is wrong with a cell is told once the format is known."""

    def __init__(self, data: bytes) -> None:
        self._reader = Reader(data)
        self._shelf = Shelf()
        self._cells = self._room = 0
        self._reason = ""

    def contents(self) -> Contents:
        reader, found = self._reader, Contents()
        if not reader.sees("{"):
            reader.skip()
            self._later(f"the file is JSON, but not a notebook: it is no object; {AGAIN}")
        for name in reader.members() if reader.sees("{") else ():
            found.names.add(name)
            match name:
                case "nbformat":
                    found.nbformat = reader.value(_SMALL)
                case "metadata" if reader.sees("{"):
                    found.said = self._said()
                case "cells" if reader.sees("["):
                    found.cells = list(self._kept_cells())
                case "worksheets" if reader.sees("["):
                    found.sheets = list(self._sheets())
                case _:
                    pass
        reader.end()
        self._check()
        return found

    def _check(self) -> None:
        if self._cells > MAX_CELLS:
            self._later(f"the notebook has {self._cells} cells, more than {MAX_CELLS}; join some, and {AGAIN}")
        if self._room > MAX_SOURCE:
            self._later(
                f"the notebook's cells hold more than {MAX_SOURCE // 1024**2} MiB of text; "
                f"load data from files, and {AGAIN}"
            )
        if self._reason:
            raise UnreadableError(self._reason)

    def _said(self) -> Said:
        """Of the kernel's description and the language's; other shapes say nothing."""
        kernel: dict[str, str] = {}
        informed: dict[str, str] = {}
        for name in self._reader.members():
            if name == "kernelspec":
                kernel = self._texts("name", "display_name", "language")
            elif name == "language_info":
                informed = self._texts("name")
        languages = (kernel.get("language", ""), informed.get("name", ""))
        return Said(kernel.get("name", ""), kernel.get("display_name", ""), languages)

    def _texts(self, *wanted: str) -> dict[str, str]:
        if not self._reader.sees("{"):
            return {}
        found = {name: self._reader.value(_SMALL) for name in self._reader.members() if name in wanted}
        return {name: text for name, text in found.items() if isinstance(text, str)}

    def _sheets(self) -> Iterator[Cell]:
        for number in self._reader.elements():
            cells = None
            for name in self._reader.members() if self._reader.sees("{") else ():
                if name == "cells" and self._reader.sees("["):
                    cells = list(self._kept_cells())
            if cells is None:
                self._later(f"worksheet {number} of the notebook has no list of 'cells'; {AGAIN}")
            yield from cells or []

    def _later(self, reason: str) -> None:
        """What is wrong with the shape is told when all of it is known to be JSON."""
        self._reason = self._reason or reason

    def _kept_cells(self) -> Iterator[Cell]:
        for _ in self._reader.elements():
            self._cells += 1
            if self._cells <= MAX_CELLS:
                yield self._cell() if self._reader.sees("{") else Cell(whole=False)

    def _cell(self) -> Cell:
        cell = Cell()
        for name in self._reader.members():
            match name:
                case "cell_type":
                    cell.kind = self._reader.value(_SMALL)
                case "source" | "input":
                    self._take_source(cell, name)
                case "outputs":
                    cell.saved = self._shelf.take(self._reader)
                case _:
                    pass
        return cell

    def _take_source(self, cell: Cell, name: str) -> None:
        value = self._reader.value(_LONGEST)
        if value is TOO_LONG:
            self._room = MAX_SOURCE + 1
        source = "".join(value) if _is_lines(value) else value
        if isinstance(source, str):
            self._room += len(source)
            cell.sources[name] = source if self._room <= MAX_SOURCE else ""
        else:
            cell.fault = f"has {_shape(value)} as its source; expected text"


def _is_lines(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _shape(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool() | int() | float():
            return quoted(value)
        case dict():
            return "an object"
        case _:
            return "a list of other things than lines"
