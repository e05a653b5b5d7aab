"""What being late costs, from times, marks and a policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.handed_in import Hand
from grader.lateness import duration, lateness
from grader.model import Lateness, LatePolicy

DUE = datetime(2026, 5, 1, 12, tzinfo=UTC)
POLICY = LatePolicy(due=DUE, grace=600, per_day=0.1, marked=0.2, most=0.35)


def hand(late_by: timedelta | None = None, *, marked: bool | None = None, due: datetime | None = None) -> Hand:
    return Hand("ada", "p", handed_in=None if late_by is None else DUE + late_by, marked_late=marked, due=due)


@pytest.mark.parametrize(
    ("late_by", "late", "seconds", "penalty"),
    [
        (timedelta(hours=-5), False, 0, 0),
        (timedelta(0), False, 0, 0),
        (timedelta(minutes=10), False, 600, 0),
        (timedelta(minutes=11), True, 660, 5),
        (timedelta(days=1), True, 86_400, 5),
        (timedelta(days=1, seconds=1), True, 86_401, 10),
        (timedelta(days=400), True, 34_560_000, 17.5),
    ],
)
def test_days_that_have_begun_count_after_the_grace_and_up_to_the_most(
    late_by: timedelta,
    late: bool,  # noqa: FBT001 - a table's column
    seconds: float,
    penalty: float,
) -> None:
    found = lateness(POLICY, hand(late_by), 50)
    assert found is not None
    assert (found.late, found.seconds, found.penalty) == (late, seconds, penalty)


def test_hours_count_beside_days() -> None:
    found = lateness(LatePolicy(due=DUE, per_day=0.01, per_hour=0.02), hand(timedelta(hours=3, minutes=1)), 100)
    assert found == Lateness(
        late=True,
        seconds=10_860,
        penalty=9,
        why="3 h 1 min after the due date: handed in 2026-05-01 15:01:00+00:00, due 2026-05-01 12:00:00+00:00",
    )


def test_where_only_a_mark_is_known_the_mark_has_its_price() -> None:
    why = "marked as late where it was handed in, which does not tell by how much"
    assert lateness(POLICY, hand(marked=True), 50) == Lateness(late=True, seconds=None, penalty=10, why=why)
    on_time = Lateness(late=False, seconds=None, penalty=0, why="not marked as late")
    assert lateness(POLICY, hand(marked=False), 50) == on_time
    assert lateness(POLICY, hand(), 50) is None


def test_a_time_tells_more_than_a_mark() -> None:
    found = lateness(POLICY, hand(timedelta(hours=-1), marked=True), 50)
    assert found is not None
    assert not found.late


def test_a_students_own_due_date_takes_the_place_of_the_rubrics() -> None:
    later = DUE + timedelta(days=2)
    found = lateness(POLICY, hand(timedelta(days=1), marked=True, due=later), 50)
    assert found is not None
    assert (found.late, found.penalty) == (False, 0)
    marked = lateness(POLICY, hand(marked=True, due=later), 50)
    assert marked is not None
    assert (marked.late, marked.penalty) == (True, 0)


def test_without_a_policy_nothing_is_taken_off() -> None:
    why = "marked as late where it was handed in, which does not tell by how much; the rubric has no late policy"
    assert lateness(None, hand(marked=True), 50) == Lateness(late=True, seconds=None, penalty=0, why=why)
    assert lateness(None, hand(timedelta(days=1)), 50) is None


@given(
    st.timedeltas(timedelta(days=-4000), timedelta(days=4000)),
    st.builds(LatePolicy, st.just(DUE), st.just(0), *[st.floats(0, 1) for _ in range(4)]),
    st.floats(0, 1e6),
)
def test_a_penalty_is_never_below_nothing_or_above_the_most(
    by: timedelta, policy: LatePolicy, points: float
) -> None:
    found = lateness(policy, hand(by), points)
    assert found is not None
    assert 0 <= found.penalty <= policy.most * points + 1e-4


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3_700, "1 h 1 min"), (86_400, "1 day"), (183_600, "2 days 3 h")],
)
def test_durations_are_told_in_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words
