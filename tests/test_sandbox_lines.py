"""What the grader says to a run by its lifeline, and how long the run has waited."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from typing import IO

import pytest

from grader.sandbox.lines import Waits, lines

Lifeline = tuple[Waits, IO[bytes]]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time, in seconds."""

    def at(seconds: float) -> None:
        monkeypatch.setattr(time, "monotonic", lambda: seconds)

    return at


@pytest.fixture
def lifeline() -> Iterator[Lifeline]:
    """The grader's end, and the keeper's."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as keeper, os.fdopen(writing, "wb", buffering=0) as ours:
        yield Waits(ours), keeper


def told(keeper: IO[bytes]) -> bytes | None:
    """What has been said by now; None where nothing has, nothing where the other end is closed."""
    return keeper.read(4096) if select.select([keeper], [], [], 0)[0] else None


def test_a_wait_is_told_when_it_begins_and_its_charge_when_it_ends(
    lifeline: Lifeline, now: Callable[[float], None]
) -> None:
    waits, keeper = lifeline
    now(10.0)
    waits.begin()
    assert told(keeper) == b"wait\n"
    now(13.0)
    assert waits.waited() == 3.0
    waits.end(1.25)
    assert (told(keeper), waits.waited()) == (b"1.250000\n", 3.0)
    now(20.0)
    assert waits.waited() == 3.0
    waits.begin()
    now(21.0)
    waits.end(0.0)
    assert (told(keeper), waits.waited()) == (b"wait\n0.000000\n", 4.0)


def test_an_end_without_a_wait_says_nothing_and_counts_for_nothing(lifeline: Lifeline) -> None:
    waits, keeper = lifeline
    waits.end(5.0)
    assert (told(keeper), waits.waited()) == (None, 0.0)


def test_a_lifeline_that_is_cut_is_closed_and_what_is_said_then_is_lost_in_silence(
    lifeline: Lifeline, now: Callable[[float], None]
) -> None:
    waits, keeper = lifeline
    now(1.0)
    waits.begin()
    assert told(keeper) == b"wait\n"
    waits.cut()
    assert told(keeper) == b""
    now(3.0)
    waits.end(1.0)
    waits.begin()
    waits.cut()
    assert waits.waited() == 2.0


def test_a_keeper_that_is_gone_is_no_trouble_to_who_speaks_to_it(lifeline: Lifeline) -> None:
    waits, keeper = lifeline
    keeper.close()
    waits.begin()
    waits.end(0.5)


@pytest.mark.parametrize(
    ("training", "names"),
    [(False, {"log", "lifeline"}), (True, {"log", "lifeline", "requests", "replies"})],
)
def test_each_pipe_leads_the_way_that_its_name_says_and_is_closed_in_the_end(
    training: bool,  # noqa: FBT001 - a table's column
    names: set[str],
) -> None:
    with lines(training=training) as pipes:
        assert set(pipes.ours) == set(pipes.theirs) == names
        for name in names:
            ends = (pipes.ours[name], pipes.theirs[name])
            writer, reader = ends if name in ("lifeline", "replies") else reversed(ends)
            writer.write(name.encode())
            assert reader.read(64) == name.encode()
    assert all(end.closed for end in (*pipes.ours.values(), *pipes.theirs.values()))


def test_once_the_keepers_ends_are_handed_over_their_closing_can_be_seen() -> None:
    with lines(training=True) as pipes:
        keeper = os.dup(pipes.theirs["log"].fileno())
        pipes.hand_over()
        assert told(pipes.ours["log"]) is None
        os.close(keeper)
        assert told(pipes.ours["log"]) == b""
        assert told(pipes.ours["requests"]) == b""
        with pytest.raises(BrokenPipeError):
            pipes.ours["lifeline"].write(b"wait\n")
