"""Gradescope's "Export submissions": a folder for each submission, and `submission_metadata.yml`.

The file is Ruby's YAML, as tools that read exports have it: `submission_<number>:` -> `:submitters:` (a list of
`:name:`, `:sid:`, `:email:`), `:created_at:` (a time, or an object that has it as `utc`), `:score:`, `:history:`,
`:results:`. A group's submission has several submitters, and each of them gets a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from grader import moments
from grader.model import Identity
from grader.submissions import plain
from grader.submissions.digests import small
from grader.submissions.handed import Handed, Place, Read
from grader.submissions.listing import is_notebook
from grader.submissions.merging import key_of
from grader.submissions.metadata import LARGEST, scalars
from grader.submissions.searching import search

FILE: Final = "submission_metadata.yml"
MOST_SUBMITTERS: Final = 100
DAMAGED: Final = (
    f"'{FILE}' tells nobody's name: it is damaged, or of {LARGEST // 2**20} MiB and more; "
    "students are called as their folders"
)


@dataclass(slots=True)
class _Told:
    people: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    created: str = ""


def read(place: Place) -> Read | None:
    """None where the metadata are not there."""
    named = {entry.name: entry for entry in place.entries}
    if FILE not in named:
        return None
    told = _told(small(place.folder / FILE, LARGEST) or b"")
    ours = [name for name in told if name in named and told[name].people]
    gone = [name for name in told if name not in named and told[name].people]
    handed = [one for name in ours for one in _submitted(name, told[name], place)]
    handed += [one for name in gone for one in _people(name, told[name])]
    rest = [entry for entry in place.entries if entry.name not in ours]
    left = plain.left_over(rest, place, f"'{FILE}' names folders")
    return Read((*handed, *left.handed), (DAMAGED,) if not handed else left.remarks)


def _told(data: bytes) -> Mapping[str, _Told]:
    """By the submission's name."""
    found: defaultdict[str, _Told] = defaultdict(_Told)
    for path, value in scalars(data):
        match path:
            case (name, ":submitters", number, fact) if len(found[name].people) < MOST_SUBMITTERS:
                found[name].people[number][fact] = value
            case (name, ":created_at") | (name, ":created_at", "utc"):
                found[name].created = value
            case _:
                pass
    return found


def _submitted(name: str, told: _Told, place: Place) -> list[Handed]:
    path = place.folder / name
    found = search("", path, place.root) if path.is_dir() and not path.is_symlink() else Handed("")
    if is_notebook(name):
        found = plain.of([one for one in place.entries if one.name == name], place)[0]
    time = _time(told)
    order = time.timestamp() if time else 0.0
    notebooks = tuple(
        replace(one, attempt_of="" if time else None, order=order, handed_in=time) for one in found.notebooks
    )
    return [
        replace(found, student=one.student, identity=one.identity, notebooks=notebooks, handed_in=time)
        for one in _people(name, told)
    ]


def _people(name: str, told: _Told) -> list[Handed]:
    time = _time(told)
    return [Handed(_key(one, name), identity=_identity(one), handed_in=time) for one in told.people.values()]


def _time(told: _Told) -> datetime | None:
    return moments.read(told.created, zone=UTC)


def _identity(told: Mapping[str, str]) -> Identity:
    return Identity(name=_fact(told, "name"), id=_fact(told, "sid"), email=_fact(told, "email"))


def _key(told: Mapping[str, str], submission: str) -> str:
    """The name and what tells its bearer from others of that name."""
    apart = _fact(told, "sid") or _fact(told, "email") or submission
    return key_of("_".join(filter(None, (_fact(told, "name"), apart))))


def _fact(told: Mapping[str, str], name: str) -> str:
    """Ruby writes the key `:name` and so does whoever dumps it again as `name`; null stands for nothing."""
    found = told.get(f":{name}", told.get(name, "")).strip()
    return "" if found in ("null", "~", "nil") else found
