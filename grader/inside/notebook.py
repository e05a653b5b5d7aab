"""A notebook's bytes -> the cells to run, or the reason why there are none.

Only sources are kept: tags, execution settings, kernel names and saved outputs of the handed-in file
change nothing about how it is run.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

MAX_BYTES = 256 * 1024**2
MAX_SOURCE = 2 * 1024**2
MAX_CELLS = 2_000


class UnreadableError(Exception):
    """Not a notebook that can be run; the message says why, for the student."""


def read(path: Path) -> NotebookNode:
    """A new notebook with the sources of the one at `path`."""
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableError(f"the file has more than {MAX_BYTES // 1024**2} MiB")
    return _rebuilt(_parsed(_decoded(path.read_bytes())))


def _decoded(data: bytes) -> str:
    if not data.strip():
        raise UnreadableError("the file is empty")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"the file is not UTF-8 text: {error.reason} at byte {error.start}") from None


def _parsed(text: str) -> NotebookNode:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about cell ids and minor versions, which are rebuilt anyway
        try:
            return nbformat.reads(text, as_version=4)
        except nbformat.reader.NotJSONError as error:
            raise UnreadableError(f"the file is not JSON: {error.__cause__ or error}"[:300]) from None
        except RecursionError:
            raise UnreadableError("the file is nested too deeply to be a notebook") from None
        # nbformat's upgraders index into whatever they are given: any error means "not a notebook".
        except Exception as error:  # noqa: BLE001
            told = f": {error}" if isinstance(error, nbformat.ValidationError) else ""
            raise UnreadableError(f"the file is JSON, but not a notebook{told}"[:300]) from None


def _rebuilt(notebook: NotebookNode) -> NotebookNode:
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise UnreadableError("the file is JSON, but not a notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise UnreadableError(f"the notebook has {len(cells)} cells, more than {MAX_CELLS}")
    rebuilt = [_cell(cell, position) for position, cell in enumerate(cells, 1)]
    if sum(len(cell.source) for cell in rebuilt) > MAX_SOURCE:
        raise UnreadableError(f"the notebook's cells hold more than {MAX_SOURCE // 1024**2} MiB of text")
    return new_notebook(cells=rebuilt)


def _cell(cell: object, position: int) -> NotebookNode:
    source = cell.get("source", "") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(cell, dict) or not isinstance(source, str):
        raise UnreadableError(f"cell {position} of the notebook has no text as its source")
    source = source.encode("utf-8", "replace").decode("utf-8")
    if cell.get("cell_type") == "code":
        return new_code_cell(source=source, id=f"cell-{position}")
    return new_markdown_cell(source=source, id=f"cell-{position}")
