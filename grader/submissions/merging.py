"""What several entries say of one student, put together; and two people of one name, kept apart."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from grader.model import Identity, Slot
from grader.submissions.handed import Handed

LONGEST: Final = 255
"""Characters of a student's name in the tables."""


def students(found: Iterable[Handed]) -> Mapping[str, Handed]:
    """By the name that the tables have for each."""
    people: defaultdict[tuple[str, str], list[Handed]] = defaultdict(list)
    for one in found:
        people[one.student, _person(one.identity)].append(one)
    shared: defaultdict[str, list[str]] = defaultdict(list)
    for name, person in people:
        shared[name].append(person)
    merged: dict[str, Handed] = {}
    for (name, person), theirs in sorted(people.items()):
        alone = name if len(shared[name]) == 1 or not person else f"{name} ({person})"
        key = _free(alone, merged)
        merged[key] = _merged(key, theirs)
    return merged


def _person(identity: Identity) -> str:
    """What tells one person from another of the same name; empty where nothing does."""
    return identity.id or identity.email or identity.login


def key_of(name: str) -> str:
    """On one line and of a length that a table holds; two that differ stay different."""
    plain = "".join("\N{REPLACEMENT CHARACTER}" if _is_control(one) else one for one in name)
    plain = plain.encode("utf-8", "backslashreplace").decode("utf-8")
    if plain == name and len(plain) <= LONGEST:
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[: LONGEST - 9]}~{digest}"


def _is_control(one: str) -> bool:
    return one < " " or "\x7f" <= one < "\xa0" or one in "\u2028\u2029"


def _free(key: str, taken: Mapping[str, Handed]) -> str:
    number, free = 2, key
    while free in taken:
        free, number = f"{key} #{number}", number + 1
    return free


def _merged(key: str, several: list[Handed]) -> Handed:
    notebooks = sorted((one for each in several for one in each.notebooks), key=lambda one: one.path)
    times = [each.handed_in for each in several if each.handed_in]
    marks = [each.marked_late for each in several if each.marked_late is not None]
    dues: list[datetime] = [each.due for each in several if each.due]
    return replace(
        several[0],
        student=key,
        notebooks=tuple(dict.fromkeys(notebooks)),
        hindrances=tuple(text for each in several for text in each.hindrances),
        links=tuple(link for each in several for link in each.links),
        handed_in=max(times, default=None),
        marked_late=any(marks) if marks else None,
        due=max(dues, default=None),
        slot=max((each.slot for each in several), key=_age),
    )


def _age(slot: Slot) -> tuple[bool, int]:
    """Of several files that were handed in, the newest is the one that the system still has for certain."""
    return slot.user != "", int(slot.file or 0)

