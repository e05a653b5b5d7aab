"""Classroom 50's `gh teacher download`: clones of `<classroom>-<assignment>-<login>`, and a `scores.csv`.

As `cli/gh-teacher/internal/download/download.go` of foundation50/classroom50 makes it: the folder is called
`<classroom>-<assignment>_submissions_<time>` unless told otherwise, and each repository holds `.classroom50.yaml`
(`.yml` in its first version) with `classroom` and `assignment`. `scores.csv` lies beside the clones, where no student
writes: username, first_name, last_name, email, ..., datetime, ..., late.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Final

from grader import moments
from grader.model import Identity
from grader.submissions import github, plain
from grader.submissions.digests import small
from grader.submissions.handed import Handed, Place, Read
from grader.submissions.metadata import scalars

MARKERS: Final = (".classroom50.yaml", ".classroom50.yml")
SCORES: Final = "scores.csv"
HALF: Final = 0.5
_FOLDER: Final = re.compile(r"(?P<prefix>.+)_submissions_\d{4}_\d\d_\d\d_T_\d\d_\d\d_\d\d")
_MOST: Final = 2**16  # bytes of a marker
_MOST_SCORES: Final = 16 * 2**20
_LATE: Final = {"true": True, "false": False}


def read(place: Place) -> Read | None:
    """None unless half of the folders say that they are of one assignment, by a prefix that their names have."""
    folders = [entry for entry in place.entries if entry.is_dir(follow_symlinks=False)]
    claims = Counter(claim for claim in map(_claim, folders) if claim)
    prefix, count = claims.most_common(1)[0] if claims else ("", 0)
    named = _FOLDER.fullmatch(place.folder.absolute().name)
    if count < max(1, HALF * len(folders)):
        prefix = f"{named['prefix']}-".lower() if named else ""
    ours = [entry for entry in folders if prefix and entry.name.lower().startswith(prefix)]
    if not ours:
        return None
    known = _scores(place.folder / SCORES)
    handed = tuple(_with(one, known.get(one.student.lower(), {})) for one in github.repositories(ours, prefix, place))
    rest = plain.left_over([one for one in place.entries if one not in ours], place, f"'{prefix}<login>'")
    return Read((*handed, *rest.handed), rest.remarks)


def _claim(folder: os.DirEntry[str]) -> str:
    """The prefix that a repository claims for itself and that its name has; students may write anything there."""
    for marker in MARKERS:
        found = dict(scalars(small(Path(folder.path, marker), _MOST) or b""))
        prefix = f"{found.get(('classroom',), '')}-{found.get(('assignment',), '')}-".lower()
        if len(prefix) > len("--") and folder.name.lower().startswith(prefix):
            return prefix
    return ""


def _scores(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The lines of Classroom 50's own table by login; nothing where it is not there or no table."""
    text = (small(path, _MOST_SCORES) or b"").decode("utf-8-sig", "replace")
    try:
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error:
        return {}
    return {(line.get("username") or "").lower(): line for line in lines}


def _with(handed: Handed, line: Mapping[str, str]) -> Handed:
    name = " ".join(filter(None, ((line.get(each) or "").strip() for each in ("first_name", "last_name"))))
    return replace(
        handed,
        identity=Identity(name=name, login=handed.student, email=(line.get("email") or "").strip()),
        handed_in=moments.read(line.get("datetime") or "", zone=UTC),
        marked_late=_LATE.get((line.get("late") or "").strip().lower()),
    )
