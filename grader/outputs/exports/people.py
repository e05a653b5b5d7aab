"""Each student's whole result, and which row of a system's sheet is theirs.

A row is a student's where its number is the one that the system gave them, else where its login, identifier or
e-mail address is theirs, else where its name is. Each of these decides only where it tells one row from all others
and one student from all others; who is left over on either side is listed, and never guessed at.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from grader.model import Identity, Result, Rubric

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Person:
    """`score` and `final` are None where a part has none, for then there is no whole."""

    student: str
    identity: Identity
    score: float | None
    final: float | None
    penalty: float
    results: tuple[Result, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (self.identity.name, self.student))))


@dataclass(frozen=True, slots=True)
class Row:
    """What a sheet tells of one student; `at` is its place. Empty texts tell nothing."""

    at: int
    ids: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """`of` has the person of a row's place."""

    of: Mapping[int, Person]
    rows: tuple[Row, ...]
    people: tuple[Person, ...]


def everybody(rubric: Rubric, results: Iterable[Result]) -> tuple[Person, ...]:
    """The results come in order of student."""
    return tuple(
        _person(rubric, student, tuple(theirs))
        for student, theirs in groupby(results, lambda one: one.grade.student)
    )


def _person(rubric: Rubric, student: str, results: tuple[Result, ...]) -> Person:
    complete = len({one.grade.part for one in results}) == len(rubric.parts)
    identity = next((one.identity for one in results if one.identity != Identity()), Identity())
    scores = [one.grade.score for one in results] if complete else [None]
    finals = [one.final for one in results] if complete else [None]
    return Person(student, identity, _sum(scores), _sum(finals), sum(one.penalty for one in results), results)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return round(sum(known), 4) if len(known) == len(values) else None


def match(people: Sequence[Person], rows: Sequence[Row]) -> Matched:
    """`rows` and `people` of the result are those that are left over."""
    of: dict[int, Person] = {}
    left, waiting = list(rows), list(people)
    for row_keys, person_keys in _WAYS:
        found = _unique(left, row_keys), _unique(waiting, person_keys)
        for key in found[0].keys() & found[1].keys():
            of.setdefault(found[0][key].at, found[1][key])
        taken = {person.student for person in of.values()}
        left = [row for row in left if row.at not in of]
        waiting = [person for person in waiting if person.student not in taken]
    return Matched(of, tuple(left), tuple(waiting))


def _unique(things: Iterable[Thing], keys: Callable[[Thing], Iterable[str]]) -> dict[str, Thing]:
    """By each key that only one of them has."""
    having: defaultdict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        for key in {plain(key) for key in keys(thing)} - {""}:
            having[key].append(thing)
    return {key: each[0] for key, each in having.items() if len(each) == 1}


def plain(text: str) -> str:
    """Without case, accents' spelling and double spaces; "Last, First" is "First Last"."""
    last, comma, first = text.partition(",")
    whole = f"{first} {last}" if comma and "," not in first else text
    return " ".join(unicodedata.normalize("NFKC", whole).casefold().split())


def _ids(person: Person) -> tuple[str, ...]:
    return (person.identity.id,)


def _logins(person: Person) -> tuple[str, ...]:
    return (person.identity.login, person.identity.email, person.student)


_WAYS: tuple[tuple[Callable[[Row], Iterable[str]], Callable[[Person], Iterable[str]]], ...] = (
    (lambda row: row.ids, _ids),
    (lambda row: row.logins, _logins),
    (lambda row: row.names, lambda person: person.names),
)
