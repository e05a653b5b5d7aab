"""Where a criterion's matches stand: first, after or before its landmarks, under given names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from grader.checks.patterns import Match
    from grader.checks.syntax import Statement
    from grader.model import CodeCriterion

Names = dict[str, str]

MAX_GROUPS = 40
MAX_GROUPED = 100
"""Matches kept with the same names, half of them from each end."""


class Rule(StrEnum):
    """How a match stands to its landmark."""

    AFTER = "after the last"
    RIGHT_AFTER = "right after"
    BEFORE = "before the first"


@dataclass(frozen=True, slots=True)
class Group:
    """Matches, in reading order, that bind the same names."""

    names: Names
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """A criterion with all matches of its patterns in code that ran, and the notebook's first statement."""

    criterion: CodeCriterion
    pattern: tuple[Group, ...]
    after: tuple[Group, ...]
    before: tuple[Group, ...]
    first: Statement | None


@dataclass(frozen=True, slots=True)
class Placed:
    match: Match


@dataclass(frozen=True, slots=True)
class NotFirst:
    match: Match
    first: Statement | None


@dataclass(frozen=True, slots=True)
class NoLandmark:
    match: Match
    rule: Rule


@dataclass(frozen=True, slots=True)
class Misplaced:
    match: Match
    rule: Rule
    landmark: Match


@dataclass(frozen=True, slots=True)
class OtherNames:
    """The pattern matches, but not with the names that the part's other criteria found."""

    match: Match


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing that ran matches."""


Verdict = Placed | NotFirst | NoLandmark | Misplaced | OtherNames | Missing


def grouped(matches: Sequence[Match], linked: frozenset[str]) -> tuple[Group, ...]:
    """By the values of the linked names; in order of appearance, bounded."""
    groups: dict[tuple[tuple[str, str], ...], list[Match]] = {}
    for match in matches:
        key = tuple((name, value) for name, value in match.bindings.items() if name in linked)
        if key in groups or len(groups) < MAX_GROUPS:
            groups.setdefault(key, []).append(match)
    return tuple(Group(dict(key), _both_ends(found)) for key, found in groups.items())


def agree(names: Mapping[str, str], others: Mapping[str, str]) -> bool:
    """Whether no name has two values."""
    return all(others.get(name, value) == value for name, value in names.items())


def judge(sought: Sought, names: Mapping[str, str]) -> Verdict:
    """The best that any match can say for itself under these names."""
    matches = _agreeing(sought.pattern, names)
    if not matches:
        return OtherNames(sought.pattern[0].matches[0]) if sought.pattern else Missing()
    last = max(_agreeing(sought.after, names), key=lambda match: match.end, default=None)
    first = min(_agreeing(sought.before, names), key=lambda match: match.start, default=None)
    nearest: tuple[int, Verdict] | None = None
    for match in matches:
        faults = list(_faults(sought, match, last, first))
        if not faults:
            return Placed(match)
        if nearest is None or len(faults) < nearest[0]:
            nearest = (len(faults), faults[0])
    return nearest[1] if nearest else Missing()


def _faults(sought: Sought, match: Match, last: Match | None, first: Match | None) -> Iterable[Verdict]:
    """What the criterion's position rules have against a match; `last` and `first` are its landmarks."""
    criterion = sought.criterion
    rule = Rule.RIGHT_AFTER if criterion.adjacent else Rule.AFTER
    if criterion.first and match.statement.rank != 0:
        yield NotFirst(match, sought.first)
    if criterion.after and last is None:
        yield NoLandmark(match, rule)
    elif last is not None and (
        match.start < last.end or (criterion.adjacent and match.statement.rank != last.last_rank + 1)
    ):
        yield Misplaced(match, rule, last)
    if criterion.before and first is None:
        yield NoLandmark(match, Rule.BEFORE)
    elif first is not None and match.end > first.start:
        yield Misplaced(match, Rule.BEFORE, first)


def _agreeing(groups: Iterable[Group], names: Mapping[str, str]) -> list[Match]:
    return [match for group in groups if agree(group.names, names) for match in group.matches]


def _both_ends(matches: list[Match]) -> tuple[Match, ...]:
    if len(matches) <= MAX_GROUPED:
        return tuple(matches)
    return (*matches[: MAX_GROUPED // 2], *matches[-MAX_GROUPED // 2 :])
