"""Notebooks whose paths a regular expression of the rubric, or of the command line, takes apart."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final, NoReturn

from grader import moments
from grader.errors import UsageError
from grader.model import Identity
from grader.submissions import plain
from grader.submissions.handed import Candidate, Handed, Place, Read
from grader.submissions.listing import as_text, quoted
from grader.submissions.merging import key_of

LONGEST: Final = 255
"""Characters of a path that is matched: the expression is the TA's, but the names are the students'."""
LONGEST_TIME: Final = 60.0
"""Seconds for all names together; a good expression needs none of them."""


def read(place: Place) -> Read | None:
    """None where no expression is given, or no notebook matches it.

    It is held against each notebook's path from the submissions' folder; what does not match is taken as in a plain
    folder. An entry of which no notebook matches stays whole.
    """
    given = place.rubric.students
    if given is None or not given.pattern:
        return None
    expression = re.compile(given.pattern)
    whole = plain.of(place.entries, place)
    with _limited(given.pattern):
        taken = [(one, [(each, _match(expression, each, place)) for each in one.notebooks]) for one in whole]
    ours = [_handed(each, match) for _, pairs in taken for each, match in pairs if match]
    if not ours:
        return None
    others = [_rest(one, pairs) for one, pairs in taken if not pairs or not all(match for _, match in pairs)]
    remarks = (f"{len(others)} not named as the pattern says, and taken as they are",) if others else ()
    return Read((*ours, *others), remarks)


@contextmanager
def _limited(pattern: str) -> Iterator[None]:
    """Raises UsageError after `LONGEST_TIME`; outside of the main thread, which alone gets signals, nothing does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> NoReturn:
        raise UsageError(
            f"the pattern {quoted(pattern)} was not done with the names after {LONGEST_TIME} s; "
            "expected one in which no two repeats can take the same characters"
        )

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_TIME)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _match(expression: re.Pattern[str], one: Candidate, place: Place) -> Mapping[str, str] | None:
    path = as_text(one.path.relative_to(place.folder).as_posix())
    match = expression.fullmatch(path) if len(path) <= LONGEST else None
    if match is None or not (match.groupdict().get("student") or "").strip():
        return None
    return {name: value.strip() for name, value in match.groupdict().items() if value}


def _handed(one: Candidate, told: Mapping[str, str]) -> Handed:
    time = moments.read(told.get("time", ""))
    order = _order(told.get("attempt", ""), time)
    late = bool(told.get("late")) if "late" in told else None
    identity = Identity(*(told.get(name, "") for name in ("name", "id", "login", "email")))
    notebook = replace(
        one, attempt_of=None if order is None else "", order=order or 0.0, handed_in=time, marked_late=late
    )
    return Handed(key_of(told["student"]), (notebook,), identity=identity, handed_in=time, marked_late=late)


def _order(attempt: str, time: datetime | None) -> float | None:
    if attempt.isdecimal():
        return float(attempt)
    return time.timestamp() if time else None


def _rest(one: Handed, pairs: list[tuple[Candidate, Mapping[str, str] | None]]) -> Handed:
    return replace(one, notebooks=tuple(each for each, match in pairs if not match))
