"""A folder of folders and notebooks, each named for a student; and what is left over of any other system's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from grader.submissions.handed import Candidate, Handed, Place, Read
from grader.submissions.listing import as_text, is_notebook
from grader.submissions.searching import search


def read(place: Place) -> Read:
    return Read(of(place.entries, place))


def of(entries: Iterable[os.DirEntry[str]], place: Place) -> tuple[Handed, ...]:
    """Sub-folders and `<student>.ipynb` files are students; other files are none."""
    found = (_handed(entry, place) for entry in entries)
    return tuple(one for one in found if one is not None)


def _handed(entry: os.DirEntry[str], place: Place) -> Handed | None:
    path = Path(entry.path)
    if is_notebook(entry.name):
        return Handed(as_text(path.stem), (Candidate.at(path),))
    if entry.is_dir(follow_symlinks=False):
        return search(as_text(entry.name), path, place.root)
    if entry.is_symlink() and not os.path.isfile(entry.path):  # noqa: PTH113 - False, not an error, for a loop
        return Handed(as_text(entry.name), links=(Candidate.at(path),))
    return None


def left_over(entries: Iterable[os.DirEntry[str]], place: Place, expected: str) -> Read:
    """Entries that are not named as a system names its own: students like those of a plain folder."""
    handed = of(entries, place)
    if not handed:
        return Read(())
    names = ", ".join(repr(one.student[:60]) for one in handed[:5])
    more = f" and {len(handed) - 5} more" if len(handed) > 5 else ""  # noqa: PLR2004 - as many as are named
    return Read(handed, (f"not named as {expected}, and taken as they are: {names}{more}",))
