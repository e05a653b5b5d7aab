"""Who runs, who waits, and how many are alive; threads stand for submissions, a list for the memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from grader import lanes
from grader.lanes import LEAST, RESERVE, Lane, Lanes

GIB = 1024**3
SOON = 5.0  # seconds, on a machine that is busy
A_WHILE = 0.15  # seconds in which what must not happen would have happened


def plenty() -> int:
    return 1000 * GIB


class Somebody:
    """Enters in a thread of its own; `within` says whether it has come in."""

    def __init__(self, held: Lanes, *, alone: bool = False) -> None:
        self.entered = threading.Event()
        self.lane: Lane | None = None
        self._held, self._alone = held, alone
        self._thread = threading.Thread(target=self._enter, daemon=True)
        self._thread.start()

    def _enter(self) -> None:
        self.lane = self._held.enter(alone=self._alone)
        self.entered.set()

    def within(self, seconds: float = SOON) -> bool:
        return self.entered.wait(seconds)

    def leave(self) -> None:
        assert self.within()
        assert self.lane is not None
        self.lane.leave()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LOOK", 0.01)


def began(act: Callable[[], None]) -> threading.Event:
    """Set once it is done, in a thread of its own."""
    done = threading.Event()

    def run() -> None:
        act()
        done.set()

    threading.Thread(target=run, daemon=True).start()
    return done


# --- who runs --------------------------------------------------------------------------------------------------


def test_as_many_run_as_there_are_jobs_and_the_next_when_one_leaves() -> None:
    held = Lanes(2, plenty)
    first, second = held.enter(), held.enter()
    third = Somebody(held)
    assert not third.within(A_WHILE)
    first.leave()
    assert third.within()
    assert held.crowd() == (3, 2)
    second.leave()
    third.leave()
    assert held.crowd() == (3, 0)


def test_never_more_run_than_there_are_jobs_whoever_waits_and_comes_back() -> None:
    held, lock = Lanes(3, plenty), threading.Lock()
    running: list[int] = []
    seen: list[int] = []

    def change(number: int, *, runs: bool) -> None:
        with lock:
            (running.append if runs else running.remove)(number)
            seen.append(len(running))

    def submission(number: int) -> None:
        with held.lane() as lane:
            change(number, runs=True)
            for _ in range(5):
                time.sleep(0.001)
                change(number, runs=False)
                lane.aside()
                time.sleep(0.001 * (number % 3))
                lane.back()
                change(number, runs=True)
            change(number, runs=False)

    threads = [threading.Thread(target=submission, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert (max(seen), held.crowd()) == (3, (20, 0))


def test_who_waits_steps_aside_and_comes_back_when_there_is_a_lane_again() -> None:
    held = Lanes(1, plenty)
    waits = held.enter()
    other = Somebody(held)
    assert not other.within(A_WHILE)
    waits.aside()
    assert other.within()
    assert held.crowd() == (2, 2)
    back = began(waits.back)
    assert not back.wait(A_WHILE)
    other.leave()
    assert back.wait(SOON)
    assert not Somebody(held).within(A_WHILE)


def test_who_leaves_while_it_stands_aside_frees_no_lane_twice() -> None:
    held = Lanes(1, plenty)
    aside = held.enter()
    aside.aside()
    runs = held.enter()
    aside.leave()
    assert not Somebody(held).within(A_WHILE)
    assert held.crowd() == (2, 1)
    runs.leave()


def test_a_submission_that_fails_gives_its_lane_back() -> None:
    held = Lanes(1, plenty)
    with pytest.raises(ZeroDivisionError), held.lane():
        raise ZeroDivisionError
    with held.lane():
        assert held.crowd() == (2, 1)


def test_submissions_begin_in_the_order_in_which_they_are_let_in() -> None:
    held, order = Lanes(2, plenty), []

    def submission(number: int, lane: Lane) -> None:
        order.append(number)
        time.sleep(0.005)
        lane.leave()

    for number in range(8):  # as the pool does: one thread lets in, and only then starts
        lane = held.enter()
        threading.Thread(target=submission, args=(number, lane)).start()
        while len(order) <= number:
            time.sleep(0.001)
    assert order == list(range(8))


def test_one_that_is_to_run_alone_waits_for_nobody_else_to_be_there_even_aside() -> None:
    held = Lanes(4, plenty)
    runs, waits = held.enter(), held.enter()
    waits.aside()
    alone = Somebody(held, alone=True)
    assert not alone.within(A_WHILE)
    runs.leave()
    assert not alone.within(A_WHILE)
    waits.leave()
    assert alone.within()
    assert held.crowd() == (3, 1)


# --- how many are alive ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, RESERVE, 100])
def test_one_at_least_is_let_in_however_little_memory_there_is(left: int) -> None:
    held = Lanes(4, lambda: left)
    assert Somebody(held).within()
    assert not Somebody(held).within(A_WHILE)


def test_no_more_are_alive_than_the_memory_holds_by_what_those_alive_have_taken() -> None:
    each, memory = 2 * GIB, [10 * GIB]
    held = Lanes(8, lambda: memory[0])
    for _ in range(4):  # 10 GiB: four of 2 GiB leave 2, which is not more than one of them and the reserve
        held.enter()
        memory[0] -= each
    fifth = Somebody(held)
    assert not fifth.within(A_WHILE)
    memory[0] += GIB + 1  # others have returned it; four now took 1.75 GiB each
    assert fifth.within()


def test_what_waits_aside_counts_as_alive_for_memory() -> None:
    memory = [4 * GIB]
    held = Lanes(1, lambda: memory[0])
    held.enter().aside()
    memory[0] -= 2 * GIB  # 2 GiB are left, and the next is expected to take 2 as well
    assert not Somebody(held).within(A_WHILE)


def test_with_nothing_taken_yet_a_notebook_is_expected_to_take_as_much_as_tensorflow_does() -> None:
    for spare, comes_in in ((0, False), (1, True)):
        held = Lanes(2, lambda spare=spare: LEAST + RESERVE + spare)  # type: ignore[misc]  # a default binds it
        held.enter()
        assert Somebody(held).within(SOON if comes_in else A_WHILE) == comes_in


def test_there_is_an_end_to_how_many_may_wait() -> None:
    held = Lanes(1, plenty)
    for _ in range(held.most_alive):
        held.enter().aside()
    assert held.crowd() == (8, 8)
    assert not Somebody(held).within(A_WHILE)


# --- what the machine has --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cores", "threads", "free", "jobs", "trainings"),
    [
        (1, 1, 100 * GIB, 2, 1),
        (2, 2, 100 * GIB, 2, 1),
        (16, 2, 100 * GIB, 8, 8),
        (16, 2, RESERVE + 6 * LEAST, 3, 8),
        (16, 2, RESERVE, 1, 8),
        (16, 2, 0, 1, 8),
        (3, 8, 100 * GIB, 2, 1),
    ],
)
def test_jobs_follow_from_cores_and_memory_and_trainings_from_cores_alone(  # noqa: PLR0913, PLR0917 - a table's columns
    cores: int, threads: int, free: int, jobs: int, trainings: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "cores", lambda: cores)
    monkeypatch.setattr(lanes, "free_memory", lambda: free)
    assert (lanes.usual_jobs(threads), lanes.most_trainings(threads)) == (jobs, trainings)


@pytest.mark.parametrize(
    ("limit", "used", "free"),
    [("max", "5", 7000), ("6000", "2000", 4000), ("100000", "2000", 7000), ("6000", "9000", 0), (None, None, 7000)],
)
def test_free_memory_is_the_containers_where_that_is_less(
    limit: str | None, used: str | None, free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Machine:
        available = 7000

    monkeypatch.setattr(psutil, "virtual_memory", Machine)
    monkeypatch.setattr(lanes, "CGROUP", tmp_path)
    for name, text in (("memory.max", limit), ("memory.current", used)):
        if text is not None:
            (tmp_path / name).write_text(text + "\n", "ascii")
    assert lanes.free_memory() == free
