"""The story of `grader init`: read the notebook, find its data, and put a rubric beside copies of both."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader import durable
from grader.draft import criteria, data, text
from grader.errors import UsageError
from grader.verify import notebook as notebooks
from grader.verify import reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.draft.criteria import Draft
    from grader.verify.notebook import Notebook

RUBRIC: Final = "rubric.yaml"
REFERENCE: Final = "reference"
LONGEST_TITLE: Final = 100


@dataclass(frozen=True, slots=True)
class Drafted:
    """`missing` are files that the notebook loads and that are not here; `archives` cannot be listed at all."""

    rubric: Path
    reference: Path
    criteria: tuple[Draft, ...]
    found: tuple[Path, ...]
    missing: tuple[Path, ...]
    archives: tuple[str, ...]


def draft(notebook: Path, folder: Path, caches: Iterable[Path]) -> Drafted:
    """Writes the rubric into the folder, with copies of the notebook and its data below `reference/`.

    `caches` are folders in which Keras keeps data sets. Raises UsageError where the notebook cannot be read, and
    where the folder has a rubric or another file in the place of one of these: nothing is overwritten.
    """
    cells = notebooks.read(notebook)
    program = reading.read(cells)
    place = folder / RUBRIC
    if place.exists():
        raise UsageError(f"'{place}' is there already; expected a folder without a rubric: name another one")
    files = data.wanted(program, notebook, caches)
    reference = _put(notebook, folder / REFERENCE / notebook.name)
    paths = {one.name: folder / REFERENCE / "data" / one.name for one in files}
    found = tuple(_put(one.path, paths[one.name]) for one in files if one.path)
    drafts = criteria.criteria(program)
    listed = {name: path.relative_to(folder).as_posix() for name, path in paths.items()}
    title = _title(cells, notebook)
    name = reference.relative_to(folder).as_posix()
    durable.replace(place, text.rubric(title, _short(title), name, drafts, listed).encode())
    missing = tuple(paths[one.name] for one in files if one.path is None)
    return Drafted(place, reference, drafts, found, missing, data.unpacked_sets(program))


def _put(source: Path, target: Path) -> Path:
    """A copy, unless it is in its place already."""
    if target.exists() and not target.samefile(source):
        raise UsageError(f"'{target}' is there already, and is not '{source}'; move one of them away")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return target


def _title(cells: Notebook, notebook: Path) -> str:
    """The first heading, else the file's name."""
    texts = (cell.source for cell in cells if cell.kind == notebooks.MARKDOWN)
    headings = (match[1] for source in texts if (match := re.search(r"^#+ +(.*\S)", source, re.MULTILINE)))
    return " ".join(next(headings, notebook.stem).split())[:LONGEST_TITLE]


def _short(title: str) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words[:4]) or "assignment"
