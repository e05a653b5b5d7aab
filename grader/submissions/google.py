"""Notebooks as Google makes copies of them: "Copy of <name>.ipynb", and "<Student> - <title>.ipynb" in Classroom.

Classroom's "Make a copy for each student" puts the student's name in front of the title; Drive's and Colab's "Make
a copy" puts "Copy of" there, in the language of whoever copied. Two copies of one name are two people's.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Final

from grader import copies
from grader.model import Identity
from grader.submissions import plain
from grader.submissions.handed import Candidate, Handed, Place, Read
from grader.submissions.listing import as_text, is_notebook

NEARLY_ALL: Final = 0.9
_FEW: Final = 2
_DASH: Final = " - "
UNTOLD: Final = (
    "the names of some copies do not tell whose they are; name their students with a mapping "
    "(`--students FILE.csv`, with the columns file and student)"
)


def read(place: Place) -> Read | None:
    """None where a folder lies beside them, or few notebooks are named as copies."""
    notebooks = [entry for entry in place.entries if is_notebook(entry.name)]
    if not notebooks or any(entry.is_dir(follow_symlinks=False) for entry in place.entries):
        return None
    named = _by_title(notebooks) or _copies(notebooks)
    if not named:
        return None
    times = Counter(named.values())
    handed = tuple(_handed(entry, named.get(entry.name, ""), times) for entry in notebooks)
    rest = plain.of([entry for entry in place.entries if entry not in notebooks], place)
    untold = (UNTOLD,) if any(count > 1 for count in times.values()) else ()
    return Read((*handed, *rest), untold)


def _by_title(notebooks: list[os.DirEntry[str]]) -> dict[str, str]:
    """The students, where nearly all names are `<Student> - <title>` with one title."""
    halves = {one.name: copies.original(Path(one.name).stem).rpartition(_DASH) for one in notebooks}
    titles = Counter(title for student, _, title in halves.values() if student)
    title, count = titles.most_common(1)[0] if titles else ("", 0)
    if count < max(_FEW, NEARLY_ALL * len(notebooks)):
        return {}
    return {name: student for name, (student, _, found) in halves.items() if student and found == title}


def _copies(notebooks: list[os.DirEntry[str]]) -> dict[str, str]:
    """What each is a copy of, where one at least is named as one."""
    named = {one.name: copies.original(Path(one.name).stem) for one in notebooks}
    return named if any(copies.is_copy(Path(name).stem) for name in named) else {}


def _handed(entry: os.DirEntry[str], name: str, times: Counter[str]) -> Handed:
    path = Path(entry.path)
    told = as_text(name) if name and times[name] == 1 else as_text(path.stem)
    identity = Identity(name=told) if name and times[name] == 1 else Identity()
    return Handed(told, (Candidate.at(path),), identity=identity)
