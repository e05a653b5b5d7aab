"""Moodle's "Download all submissions": a folder for each student, or flat files with the same prefix.

As `mod/assign/locallib.php` of moodle/moodle writes them: `<Full Name>_<number>_assignsubmission_<plugin>_/<file>`,
or `..._assignsubmission_<plugin>_<file>` without "Download submissions in folders"; where identities are hidden,
`Participant_<number>_...`. The number is the one that the grading worksheet calls "Participant <number>".
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from grader.model import Identity, Slot
from grader.submissions import plain
from grader.submissions.handed import Candidate, Handed, Place, Read
from grader.submissions.listing import as_text, is_notebook
from grader.submissions.searching import search

_NAME: Final = re.compile(
    r"(?P<name>.+)_(?P<id>\d{1,20})_assignsubmission_[a-z0-9]{1,40}(?:_(?P<file>.*))?", re.DOTALL
)
HALF: Final = 0.5
BLIND: Final = "Participant"


def read(place: Place) -> Read | None:
    """None unless half of the entries are named so: no other system and no person names them like this."""
    matches = [(entry, _NAME.fullmatch(entry.name)) for entry in place.entries]
    ours = [(entry, match) for entry, match in matches if match]
    if not ours or len(ours) < HALF * len(matches):
        return None
    rest = plain.left_over([entry for entry, match in matches if not match], place, "Moodle names entries")
    return Read((*(_handed(entry, match, place) for entry, match in ours), *rest.handed), rest.remarks)


def _handed(entry: os.DirEntry[str], match: re.Match[str], place: Place) -> Handed:
    name, number = as_text(match["name"]), match["id"]
    identity = Identity(name="" if name == BLIND else name, id=number)
    student = f"{name}_{number}"
    slot = Slot(number)
    path = Path(entry.path)
    if entry.is_dir(follow_symlinks=False):
        return replace(search(student, path, place.root), identity=identity, slot=slot)
    if not is_notebook(entry.name):
        return Handed(student, identity=identity, slot=slot)
    stem = Path(match["file"] or entry.name).stem
    return Handed(student, (Candidate(path, stem),), identity=identity, slot=slot)
