"""Which of a student's notebooks is the one of a part."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from grader import copies
from grader.model import Part, Resubmissions, Rubric, Submission
from grader.submissions.digests import digest
from grader.submissions.handed import Candidate, Handed
from grader.submissions.listing import shown
from grader.submissions.searching import MOST_NAMED

MOST_CANDIDATES: Final = 100
"""Notebooks that an ambiguous submission holds of all that were found."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """`several` where there was more than one attempt, of which one was taken as the rubric says."""

    submission: Submission
    several: bool = False


def choose(handed: Handed, part: Part, root: Path, rubric: Rubric) -> Chosen:
    of_part = named_for(part, handed.notebooks, rubric.parts) if handed.notebooks else handed.links
    counted = _counted(of_part, rubric.resubmissions)
    chosen = _without_equal(counted, root)
    told = chosen[0] if len(chosen) == 1 else None
    found = Submission(
        student=handed.student,
        part=part.id,
        notebooks=tuple(one.path for one in chosen[:MOST_CANDIDATES]),
        identity=handed.identity,
        handed_in=told.handed_in if told and told.handed_in else handed.handed_in,
        marked_late=told.marked_late if told and told.marked_late is not None else handed.marked_late,
        due=handed.due,
        slot=handed.slot,
    )
    sha256, reason = _told(chosen, part, handed, root)
    return Chosen(replace(found, sha256=sha256, reason=reason), len(counted) < len(of_part))


def _told(chosen: tuple[Candidate, ...], part: Part, handed: Handed, root: Path) -> tuple[str, str]:
    """The digest of the only one, and why there is none."""
    match chosen:
        case ():
            return "", _missing(part, handed, root)
        case (only,):
            return digest(only.path, root)
        case _:
            paths = tuple(one.path for one in chosen)
            reason = f"found {len(paths)} notebooks where one is expected: {_listed(paths, root)}"
            return "", reason + copies.advice(paths)


def _counted(found: tuple[Candidate, ...], policy: Resubmissions) -> tuple[Candidate, ...]:
    """Of several attempts at the same, the one that the rubric wants."""
    attempts = {one.attempt_of for one in found}
    if len(attempts) != 1 or None in attempts or policy is Resubmissions.AMBIGUOUS:
        return found
    pick = max if policy is Resubmissions.NEWEST else min
    order = pick(one.order for one in found)
    return tuple(one for one in found if one.order == order)


def _without_equal(found: tuple[Candidate, ...], root: Path) -> tuple[Candidate, ...]:
    kept = copies.without_equal(tuple(one.path for one in found), lambda path: digest(path, root)[0])
    return tuple(one for one in found if one.path in kept)


def named_for(part: Part, notebooks: tuple[Candidate, ...], parts: tuple[Part, ...]) -> tuple[Candidate, ...]:
    """Of a one-part assignment any only notebook will do, and names decide only between several."""
    alone = len(parts) == 1
    if alone and len(notebooks) <= 1:
        return notebooks
    named = of_name(part, notebooks, parts)
    return notebooks if alone and not named else named


def of_name(part: Part, notebooks: tuple[Candidate, ...], parts: tuple[Part, ...]) -> tuple[Candidate, ...]:
    """Those that the part's patterns name; without patterns, those that no other part's name."""
    if part.notebook:
        return tuple(each for each in notebooks if _matches(each, part))
    return tuple(each for each in notebooks if not any(_matches(each, other) for other in parts))


def _matches(notebook: Candidate, part: Part) -> bool:
    patterns = [re.compile(fnmatch.translate(_plain_glob(glob))) for glob in part.notebook]
    stems = (notebook.stem, copies.original(notebook.stem))
    return any(pattern.match(_plain(stem)) for pattern in patterns for stem in stems)


def _plain(text: str) -> str:
    """Without case, spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def _plain_glob(glob: str) -> str:
    """As `_plain`, with the glob's own signs kept: `*`, `?` and sets such as `[12]`."""
    stem = re.sub(r"\.ipynb$", "", glob, flags=re.IGNORECASE)
    pieces = re.split(r"(\[[^\[\]]+\]|[*?])", stem)  # every second piece is a sign
    return "".join(piece.casefold() if n % 2 else _plain(piece) for n, piece in enumerate(pieces))


def _missing(part: Part, handed: Handed, root: Path) -> str:
    if handed.hindrances:
        return "no notebook was found: " + "; ".join(handed.hindrances[:MOST_NAMED])
    if not handed.notebooks:
        return "no notebook was found: no file's name ends in .ipynb"
    globs = ", ".join(repr(glob) for glob in part.notebook)
    wanted = f"no notebook is named like {globs}" if globs else "every notebook is named like those of other parts"
    return f"{wanted}; found {_listed(tuple(one.path for one in handed.notebooks), root)}"


def _listed(notebooks: tuple[Path, ...], root: Path) -> str:
    names = ", ".join(shown(notebook, root) for notebook in notebooks[:MOST_NAMED])
    more = len(notebooks) - MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names
