"""The cells of a notebook, read from the teacher's file and written for a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError
from grader.model import Cell as RunCell
from grader.model import Outcome

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 64 * 1024**2
CODE = "code"
MARKDOWN = "markdown"
FORMAT = 4
_NOT_ONE = "expected a notebook in nbformat 4: save it once more in Jupyter or Colab"


@dataclass(frozen=True, slots=True)
class Cell:
    kind: str
    source: str


Notebook = tuple[Cell, ...]


def read(path: Path) -> Notebook:
    """The cells, without outputs. Raises UsageError where the file is no notebook of this form."""
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
    except OSError as error:
        raise UsageError(
            f"the reference '{path}' cannot be read: {error.strerror}; expected a notebook: look at its name and "
            "folder"
        ) from error
    try:
        return _cells(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(f"the reference '{path}' is no notebook that can be read; {_NOT_ONE}") from error


def _cells(document: dict[str, Any]) -> Notebook:
    if document["nbformat"] != FORMAT:
        raise ValueError(document["nbformat"])
    return tuple(Cell(str(cell["cell_type"]), "".join(cell["source"])) for cell in document["cells"])


def run_cells(notebook: Notebook) -> list[RunCell]:
    """The code cells as they would be judged if all of them ran."""
    sources = [cell.source for cell in notebook if cell.kind == CODE]
    return [RunCell(number, source, Outcome.RAN) for number, source in enumerate(sources, start=1)]


def write(path: Path, notebook: Notebook) -> None:
    cells = [_written(number, cell) for number, cell in enumerate(notebook)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": FORMAT, "nbformat_minor": 5}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    path.write_bytes(text.encode(errors="replace"))


def _written(number: int, cell: Cell) -> dict[str, object]:
    common: dict[str, object] = {
        "cell_type": cell.kind,
        "id": f"cell{number}",
        "metadata": {},
        "source": cell.source,
    }
    return common | ({"execution_count": None, "outputs": []} if cell.kind == CODE else {})
