"""nbgrader's `submitted/<student>/<assignment>/`, where each submission has a `timestamp.txt`.

As nbgrader's documentation has it (user_guide/philosophy: the directory structure; `collect` writes the file with
`%Y-%m-%d %H:%M:%S.%f %Z`). A time without a zone is UTC, as `nbgrader.utils.parse_utc` takes it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from grader import moments
from grader.model import Identity
from grader.submissions import plain
from grader.submissions.digests import small
from grader.submissions.handed import Handed, Place, Read
from grader.submissions.listing import as_text, entries, is_notebook, visible
from grader.submissions.searching import search

STAMP: Final = "timestamp.txt"
_MOST: Final = 1000  # bytes


def read(place: Place) -> Read | None:
    """None unless a student has an assignment with its time, and none has notebooks beside it."""
    students = [entry for entry in place.entries if entry.is_dir(follow_symlinks=False)]
    inside = {entry.name: _entries(entry) for entry in students}
    assignments = {name: [one for one in found if one.is_dir(follow_symlinks=False)] for name, found in inside.items()}
    stamped = any(Path(one.path, STAMP).is_file() for each in assignments.values() for one in each)
    if not stamped or any(is_notebook(one.name) for each in inside.values() for one in each):
        return None
    name = _assignment({one.name for each in assignments.values() for one in each}, place)
    handed = tuple(_handed(entry, name, place) for entry in students)
    rest = plain.left_over([one for one in place.entries if one not in students], place, "nbgrader's folders")
    return Read((*handed, *rest.handed), rest.remarks)


def _entries(folder: os.DirEntry[str]) -> list[os.DirEntry[str]]:
    try:
        return visible(entries(Path(folder.path), 1000))
    except OSError:
        return []


def _assignment(names: set[str], place: Place) -> str:
    """The rubric's own, or the only one; empty where nothing tells, and then all count."""
    if place.rubric.assignment in names:
        return place.rubric.assignment
    return next(iter(names)) if len(names) == 1 else ""


def _handed(student: os.DirEntry[str], assignment: str, place: Place) -> Handed:
    name = as_text(student.name)
    top = Path(student.path, assignment)
    if top.is_symlink() or not top.is_dir():
        return Handed(name, identity=Identity(login=name), hindrances=(f"no folder {assignment!r}",))
    return replace(search(name, top, place.root), identity=Identity(login=name), handed_in=_time(top))


def _time(folder: Path) -> datetime | None:
    written = small(folder / STAMP, _MOST)
    return moments.read((written or b"").decode("utf-8", "replace"), zone=UTC)
