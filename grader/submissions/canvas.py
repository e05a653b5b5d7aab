"""Canvas' "Download submissions": one flat folder of `name_[LATE_]user_attachment_file`.

As `lib/content_zipper.rb` of instructure/canvas-lms writes the names: the sortable name in small letters, without
anything but letters, digits and `_`, then LATE where Canvas counts it as late, the user's number or, for anonymous
assignments, `anon_` and a code without a name in front, the attachment's number, and the file's own name. Text
entries and links end in `_text.html` and `_link.html`. A file that is handed in again under a name that it had gets
`-1`, `-2` ... before its ending; numbers of attachments grow with time.
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
from grader.submissions.listing import is_notebook

_NAME: Final = re.compile(
    r"(?:(?!LATE_)(?P<name>\w+?)_)?(?:(?P<late>LATE)_)?(?P<id>\d{1,20}|anon_[0-9A-Za-z]{1,20})_"
    r"(?:(?P<attachment>\d{1,20})_(?P<file>.+)|text\.html|link\.html)",
    re.DOTALL,
)
_AGAIN: Final = re.compile(r"-\d{1,3}$")
ANONYMOUS: Final = "anon"
MANY: Final = 10
"""For so many that are named so, one folder or notebook may be named otherwise; other files do not count."""
ENOUGH: Final = 4
"""Of these, one may."""


def read(place: Place) -> Read | None:
    """None unless nearly all entries are files that are named so, and one of them with a name or a code."""
    matches = [(entry, _match(entry)) for entry in place.entries]
    ours = [(entry, match) for entry, match in matches if match]
    strays = plain.of([entry for entry, match in matches if not match], place)
    if not ours or len(strays) > max(len(ours) // MANY, 1 if len(ours) >= ENOUGH else 0):
        return None
    rest = plain.left_over([entry for entry, match in matches if not match], place, "Canvas names files")
    return Read((*(_handed(*each) for each in ours), *rest.handed), rest.remarks)


def _match(entry: os.DirEntry[str]) -> re.Match[str] | None:
    match = _NAME.fullmatch(entry.name)
    if match is None or entry.is_dir(follow_symlinks=False):
        return None
    return match if match["name"] or match["id"].startswith("anon_") else None


def _handed(entry: os.DirEntry[str], match: re.Match[str]) -> Handed:
    late = match["late"] is not None
    name, user = match["name"] or "", match["id"]
    if name == ANONYMOUS:  # a code of digits alone; Canvas reads it so, too
        name, user = "", f"{name}_{user}"
    handed = Handed(
        f"{name}_{user}" if name else user,
        identity=Identity(name=name, id=user),
        marked_late=late,
        slot=Slot(user, match["attachment"] or ""),
    )
    if not is_notebook(entry.name):
        return handed
    stem = Path(match["file"]).stem
    attempt = _AGAIN.sub("", stem)
    one = Candidate(Path(entry.path), stem, attempt, float(match["attachment"]), marked_late=late)
    return replace(handed, notebooks=(one,))
