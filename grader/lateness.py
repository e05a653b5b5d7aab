"""What being late costs: dates, marks and a policy -> Lateness. Pure."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final, Protocol

from grader.model import Lateness, LatePolicy

_DAY: Final = 86_400.0
_HOUR: Final = 3_600.0
_MINUTE: Final = 60.0


class HandedIn(Protocol):
    """What is known of when something was handed in; `due` is the student's own due date."""

    @property
    def handed_in(self) -> datetime | None: ...
    @property
    def marked_late(self) -> bool | None: ...
    @property
    def due(self) -> datetime | None: ...


def lateness(policy: LatePolicy | None, facts: HandedIn, points: float) -> Lateness | None:
    """`points` are the most that this part gives; None where nothing tells. A time tells more than a mark."""
    due = facts.due or (policy.due if policy else None)
    if due and facts.handed_in:
        return _by_time(policy, facts, due, points)
    if facts.marked_late is None:
        return None
    return _by_mark(policy, facts, points)


def _by_time(policy: LatePolicy | None, facts: HandedIn, due: datetime, points: float) -> Lateness:
    handed_in = facts.handed_in or due
    seconds = (handed_in - due).total_seconds()
    own = ", the student's own due date" if facts.due else ""
    dates = f"handed in {_shown(handed_in)}, due {_shown(due)}{own}"
    if seconds <= 0:
        return Lateness(late=False, seconds=0.0, penalty=0.0, why=dates)
    behind = f"{duration(seconds)} after the due date: {dates}"
    if policy is None:
        return Lateness(late=True, seconds=seconds, penalty=0.0, why=f"{behind}; the rubric has no late policy")
    if seconds <= policy.grace:
        return Lateness(late=False, seconds=seconds, penalty=0.0, why=f"{behind}; within the time of grace")
    share = policy.per_day * math.ceil(seconds / _DAY) + policy.per_hour * math.ceil(seconds / _HOUR)
    return Lateness(late=True, seconds=seconds, penalty=_points(policy, share, points), why=behind)


def _by_mark(policy: LatePolicy | None, facts: HandedIn, points: float) -> Lateness:
    if not facts.marked_late:
        return Lateness(late=False, seconds=None, penalty=0.0, why="not marked as late")
    marked = "marked as late where it was handed in, which does not tell by how much"
    if policy is None:
        return Lateness(late=True, seconds=None, penalty=0.0, why=f"{marked}; the rubric has no late policy")
    if facts.due:
        why = f"{marked}; due {_shown(facts.due)}, the student's own due date: nothing is taken off"
        return Lateness(late=True, seconds=None, penalty=0.0, why=why)
    return Lateness(late=True, seconds=None, penalty=_points(policy, policy.marked, points), why=marked)


def _points(policy: LatePolicy, share: float, points: float) -> float:
    return round(min(share, policy.most) * points, 4)


def _shown(when: datetime) -> str:
    return when.isoformat(" ", "seconds")


def duration(seconds: float) -> str:
    """In its two largest units, as "2 days 3 h"."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    days, rest = divmod(int(seconds), int(_DAY))
    hours, rest = divmod(rest, int(_HOUR))
    counts = ((days, "day" if days == 1 else "days"), (hours, "h"), (rest // int(_MINUTE), "min"))
    first = next(place for place, (count, _) in enumerate(counts) if count)
    return " ".join(f"{count} {unit}" for count, unit in counts[first : first + 2] if count)
