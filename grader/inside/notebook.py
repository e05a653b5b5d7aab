"""A handed-in file -> the cells to run, and the text that was saved with them; or the reason why there are none.

Only sources are run: tags, execution settings, kernel names and saved outputs change nothing about how. What
Jupyter would refuse to open is refused here, too, with what the student can do about it.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from . import appearance, language
from .contents import Cell, Contents, contents
from .explain import AGAIN, CLEAR, HAND_IN, UnreadableError, explained, quoted
from .pull import FaultError

__all__ = ["Handed", "UnreadableError", "read"]

MAX_BYTES = 256 * 1024**2
UNMARKED = appearance.Look("it has no 'nbformat'")
CELL_TYPES = frozenset({"code", "markdown", "raw", "heading", "html", "plaintext"})  # up to nbformat 2

_STEP = 1024**2  # bytes that are decoded at once


@dataclass(frozen=True)
class Handed:
    """`saved` maps the index of a code cell in `notebook` to the text that the file showed as its output."""

    notebook: NotebookNode
    saved: dict[int, str]


def read(stream: BinaryIO) -> Handed:
    """A new notebook with the sources of the one that `stream` holds. Raises `UnreadableError`."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"the file has more than {MAX_BYTES // 1024**2} MiB; {CLEAR}")
    _check_text(data)
    try:
        found = contents(data)
    except FaultError as fault:
        raise explained(fault, data) from None
    return _handed(found)


def _check_text(data: bytes) -> None:
    if not data or data.isspace():
        raise UnreadableError(f"the file is empty; {AGAIN}")
    named = appearance.encoding(data)
    if named:
        raise UnreadableError(
            f"the file is encoded as {named}; expected plain UTF-8: save it with Jupyter or Colab, and {HAND_IN}"
        )
    look = appearance.binary(data)
    if look:
        raise UnreadableError(f"the file is not a notebook, but {look.what}; {look.step or AGAIN}")
    if b"\0" in data:
        raise UnreadableError(f"the file is damaged: NUL at byte {data.index(0)}; {AGAIN}")
    _check_utf8(data)


def _check_utf8(data: bytes) -> None:
    """Piece by piece: the whole text could take four times the memory of its bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for begin in range(0, len(data) + 1, _STEP):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(data[begin : begin + _STEP], final=begin + _STEP > len(data))
        except UnicodeDecodeError as error:
            at = begin - kept + error.start
            raise UnreadableError(f"the file is not UTF-8 text: {error.reason} at byte {at}; {AGAIN}") from None


def _handed(found: Contents) -> Handed:
    cells = _of_format(found)
    sources = [_source(cell, number) for number, cell in enumerate(cells, 1)]
    code = [index for index, cell in enumerate(cells) if cell.kind == "code"]
    refusal = language.refusal(found.said, [sources[index] for index in code])
    if refusal:
        raise UnreadableError(refusal)
    built = [
        _built(cell, source, number) for number, (cell, source) in enumerate(zip(cells, sources, strict=True), 1)
    ]
    return Handed(new_notebook(cells=built), {index: cells[index].saved for index in code if cells[index].saved})


def _built(cell: Cell, source: str, number: int) -> NotebookNode:
    if cell.kind == "code":
        return new_code_cell(source=source, id=f"cell-{number}")
    return new_markdown_cell(source=source, id=f"cell-{number}")


def _of_format(found: Contents) -> Sequence[Cell]:
    match found.nbformat:
        case bool() | float():
            pass
        case 4:
            return _there(found.cells, "cells")
        case 2 | 3:
            return _there(found.sheets, "worksheets")
        case int() as number if number > 0:
            age = "older" if number < 4 else "newer"  # noqa: PLR2004 - today's format
            raise UnreadableError(
                f"the notebook is of nbformat {quoted(number)}, {age} than what can be read; "
                f"expected 4: open it with Jupyter or Colab, save it again, and {HAND_IN}"
            )
        case None if "nbformat" not in found.names:
            look = appearance.json_object(frozenset(found.names)) or UNMARKED
            raise UnreadableError(f"the file is JSON, but not a notebook: {look.what}; {look.step or AGAIN}")
        case _:
            pass
    raise UnreadableError(
        f"the file is JSON, but not a notebook: its 'nbformat' is {quoted(found.nbformat)}; expected 4: {AGAIN}"
    )


def _there(cells: Sequence[Cell] | None, name: str) -> Sequence[Cell]:
    if cells is None:
        raise UnreadableError(f"the file is JSON, but not a notebook: it has no list of '{name}'; {AGAIN}")
    return cells


def _source(cell: Cell, number: int) -> str:
    fault = _fault(cell)
    if fault:
        raise UnreadableError(f"cell {number} of the notebook {fault}; {AGAIN}")
    source = next((cell.sources[name] for name in ("source", "input") if name in cell.sources), "")
    try:
        source.encode("utf-8")
    except UnicodeEncodeError as error:
        half = quoted(source[error.start])
        raise UnreadableError(
            f"cell {number} of the notebook holds half a character, {half}; delete it, save the notebook again, "
            f"and {HAND_IN}"
        ) from None
    return source


def _fault(cell: Cell) -> str:
    """What keeps it from being a cell, in the order in which it would be seen."""
    if not cell.whole:
        return "is no object"
    if not isinstance(cell.kind, str) or cell.kind not in CELL_TYPES:
        told = "no 'cell_type'" if cell.kind is None else f"the 'cell_type' {quoted(cell.kind)}"
        return f"has {told}; expected 'code' or 'markdown'"
    if cell.fault or (cell.kind == "code" and not cell.sources):
        return cell.fault or "has no 'source'"
    return ""
