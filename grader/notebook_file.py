"""What a file holds by itself, where nothing is run: a notebook's cells with their saved outputs, or a text.

The grader's own process reads these, so that a hostile file must cost little: how large it is and how many values
its JSON has is known before any of them is made (at worst 0.5 GB and some seconds, for what no program saved).
"""

from __future__ import annotations

import codecs
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError
from grader.model import Cell, Outcome

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 32 * 1024**2
MAX_VALUES = 500_000  # lists and objects
MAX_CELLS = 2_000
MAX_SOURCE = 2 * 1024**2  # characters of all cells
MAX_TEXT = 4 * 1024**2  # characters that are shown: of nothing but line ends, 20 s of reading
AGAIN = "save it again with Jupyter or Colab"
NOTEBOOK = ".ipynb"

_MARKED = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
_OLD_FORMATS = (2, 3)
_ERRORS = frozenset({"error", "pyerr"})  # the second is nbformat 3's, as is "pyout"
_OBJECTS = frozenset({"display_data", "execute_result", "pyout"})


@dataclass(frozen=True, slots=True)
class Saved:
    """`texts` are what the notebook's code cells show, one each, or the text alone, which has no `cells`.

    A cell's outcome is what its saved count and outputs tell. `sha256` is that of the file's bytes.
    """

    texts: tuple[str, ...]
    sha256: str
    cells: tuple[Cell, ...] | None = None


def read(path: Path) -> Saved:
    """Raises `UsageError` for whatever cannot be read."""
    if not path.is_file():
        raise UsageError(f"'{path}' is not a file; expected a notebook, or a text")
    with path.open("rb") as file:
        return opened(file.read(MAX_BYTES + 1), path)


def opened(content: bytes, path: Path) -> Saved:
    """`path` tells by its ending which of both it is. Raises `UsageError`."""
    if len(content) > MAX_BYTES:
        raise UsageError(f"'{path}' is larger than {MAX_BYTES // 2**20} MiB; remove images from its outputs")
    if not content.strip():
        raise UsageError(f"'{path}' is empty; expected a notebook, or a text")
    sha256 = hashlib.sha256(content).hexdigest()
    if path.suffix.lower() != NOTEBOOK:
        text = _decoded(content, path)
        _must_be_short(text, path)
        return Saved((text,), sha256)
    cells = tuple(_cell(number, each) for number, each in enumerate(_code_cells(content, path), start=1))
    if sum(len(cell.source) for cell in cells) > MAX_SOURCE:
        raise UsageError(f"'{path}' holds more than {MAX_SOURCE // 2**20} MiB of code; load data from files")
    texts = tuple(cell.text for cell in cells)
    _must_be_short("".join(texts), path)
    return Saved(texts, sha256, cells)


def _must_be_short(text: str, path: Path) -> None:
    if len(text) > MAX_TEXT:
        raise UsageError(
            f"'{path}' shows more than {MAX_TEXT // 2**20} MiB of text; keep the output of the cells that matter"
        )


def _decoded(content: bytes, path: Path) -> str:
    """UTF-8, or UTF-16 where its mark says so, in which a shell of Windows writes."""
    encoding = next((name for mark, name in _MARKED.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"'{path}' is not UTF-8 text, at byte {error.start}; save it as UTF-8") from None
    if "\0" in text:
        raise UsageError(f"'{path}' is not a text: it holds NUL bytes; expected a notebook, or a text")
    return text


# --- the notebook ------------------------------------------------------------------------------------------


def _code_cells(content: bytes, path: Path) -> list[dict[str, Any]]:
    if content.count(b"[") + content.count(b"{") > MAX_VALUES:
        raise UsageError(f"'{path}' holds more than {MAX_VALUES:,} lists and objects; clear its widgets and plots")
    text = _decoded(content, path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):  # too many digits or levels, too
        raise UsageError(f"'{path}' is not a notebook: its JSON cannot be read; {AGAIN}") from None
    cells = [one for one in _listed(document, path) if one.get("cell_type") == "code"]
    if len(cells) > MAX_CELLS:
        raise UsageError(f"'{path}' has more than {MAX_CELLS:,} cells; join some of them")
    return cells


def _listed(document: object, path: Path) -> list[dict[str, Any]]:
    """Up to nbformat 3 the cells lie in worksheets."""
    if not isinstance(document, dict):
        raise UsageError(f"'{path}' is not a notebook: its JSON is no object; {AGAIN}")
    number = document.get("nbformat")
    form = number if isinstance(number, int) and not isinstance(number, bool) else None
    if form in _OLD_FORMATS and isinstance(document.get("worksheets"), list):
        return [cell for sheet in _objects(document["worksheets"]) for cell in _objects(sheet.get("cells"))]
    if form == 4 and isinstance(document.get("cells"), list):  # noqa: PLR2004 - today's format
        return _objects(document["cells"])
    what = "cells" if form is not None else "'nbformat', from 2 to 4,"
    raise UsageError(f"'{path}' is not a notebook that can be read: it has no {what} as expected; {AGAIN}")


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    outputs = _objects(cell.get("outputs"))
    counted = isinstance(cell.get("execution_count", cell.get("prompt_number")), int)
    raised = any(_word(one, "output_type") in _ERRORS for one in outputs)
    outcome = Outcome.RAISED if raised else Outcome.RAN if counted or outputs else Outcome.NOT_RUN
    return Cell(number, _text(cell.get("source", cell.get("input"))), outcome, "".join(map(_shown, outputs)))


def _shown(output: dict[str, Any]) -> str:
    """As a run's own outputs are put together: what is printed, and the plain text of what is displayed."""
    kind = _word(output, "output_type")
    if kind == "stream":
        printed = "stdout" in (_word(output, "name"), _word(output, "stream"))
        return _text(output.get("text")) if printed else ""
    if kind not in _OBJECTS:
        return ""
    data = output.get("data")
    return _text(data.get("text/plain") if isinstance(data, dict) else output.get("text")) + "\n"


def _word(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _text(value: object) -> str:
    """Of a text, or a list of its lines; half characters become question marks."""
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str)).encode("utf-8", "replace").decode("utf-8")
