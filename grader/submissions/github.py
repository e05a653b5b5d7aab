"""GitHub Classroom's repositories, as `gh classroom clone student-repos` clones them.

`cmd/gh-classroom/clone/student-repos/student-repos.go` of github/gh-classroom clones each repository, which is
called `<assignment>-<login>` (or `-<team>`), into the folder `<assignment>-submissions`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from os.path import commonprefix
from pathlib import Path
from typing import Final

from grader.model import Identity
from grader.submissions import plain
from grader.submissions.handed import Handed, Place, Read
from grader.submissions.listing import as_text
from grader.submissions.searching import search

_FOLDER: Final = "-submissions"
_FEW: Final = 2
NEARLY_ALL: Final = 0.9


def read(place: Place) -> Read | None:
    """None unless the folder's own name says so, or all are clones whose names begin alike."""
    folders = [entry for entry in place.entries if entry.is_dir(follow_symlinks=False)]
    prefix = _prefix(place.folder.absolute().name, folders)
    ours = [entry for entry in folders if prefix and entry.name.lower().startswith(prefix)]
    if not ours or len(ours) < NEARLY_ALL * len(folders):
        return None
    rest = plain.left_over([one for one in place.entries if one not in ours], place, f"'{prefix}<login>'")
    return Read((*repositories(ours, prefix, place), *rest.handed), rest.remarks)


def repositories(folders: list[os.DirEntry[str]], prefix: str, place: Place) -> tuple[Handed, ...]:
    """Each as the student's whose login follows the prefix."""
    logins = [(entry, as_text(entry.name[len(prefix) :])) for entry in folders]
    return tuple(
        replace(search(login, Path(entry.path), place.root), identity=Identity(login=login))
        for entry, login in logins
    )


def _prefix(folder: str, folders: list[os.DirEntry[str]]) -> str:
    """Ends in a hyphen; empty where these are no such repositories."""
    if folder.endswith(_FOLDER):
        return folder.removesuffix(_FOLDER).lower() + "-"
    clones = [entry.name.lower() for entry in folders if Path(entry.path, ".git").exists()]
    if len(clones) < max(_FEW, len(folders)):
        return ""
    return commonprefix(clones).rpartition("-")[0].removesuffix("-") + "-" if "-" in commonprefix(clones) else ""
