"""All notebooks below a student's folder."""

from __future__ import annotations

from collections import deque
from itertools import islice
from pathlib import Path
from typing import Final

from grader.submissions.handed import Candidate, Handed
from grader.submissions.listing import entries, is_notebook, shown, visible

MOST_ENTRIES: Final = 50_000
"""Files and folders that are looked at for one student, those nearest the top first."""
DEEPEST: Final = 32
MOST_NAMED: Final = 10


def search(student: str, top: Path, root: Path) -> Handed:
    """Level by level, so that what a limit cuts off is what lies deepest."""
    waiting, notebooks, hindrances, looked_at = deque([(top, 1)]), [], [], 0
    while waiting:
        place, depth = waiting.popleft()
        try:
            found = entries(place, MOST_ENTRIES + 1)
        except OSError as error:
            hindrances.append(f"{shown(place, root)} cannot be read ({error.strerror})")
            continue
        looked_at += len(found)
        seen = visible(found)
        notebooks += [Candidate.at(Path(entry.path)) for entry in seen if is_notebook(entry.name)]
        others = [entry for entry in seen if not is_notebook(entry.name)]
        folders = [entry for entry in others if entry.is_dir(follow_symlinks=False)]
        links = (entry for entry in others if entry.is_symlink())
        hindrances += [
            f"{shown(Path(link.path), root)} is a symbolic link, which is not followed"
            for link in islice(links, MOST_NAMED)
        ]
        if looked_at > MOST_ENTRIES or (folders and depth == DEEPEST):
            hindrances.append(f"{shown(top, root)} holds too many files or folders to look at all")
            break
        waiting += [(Path(entry.path), depth + 1) for entry in folders]
    return Handed(student, tuple(notebooks), tuple(hindrances))
