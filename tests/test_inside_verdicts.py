"""The limits, each passed by something real, and the clock by what the harness says."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forked import waiting
from hypothesis import given
from hypothesis import strategies as st
from inside_job import LIMITS, MIB, job

from grader.inside import job as jobs
from grader.inside import room, usage, verdicts
from grader.inside.verdicts import Clock, Measure

PLENTY = {"memory": 64 * 1024 * MIB, "threads": 10_000, "scratch": 1024 * MIB, "scratch_files": 1000}


def never() -> bool:
    return False


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time, in seconds."""

    def at(seconds: float) -> None:
        monkeypatch.setattr(time, "monotonic", lambda: seconds)

    return at


def limits(**changes: Any) -> jobs.Limits:
    return jobs.Limits(**(LIMITS | changes))


def test_time_counts_from_the_first_cell_to_the_word_that_all_have_ended(now: Callable[[float], None]) -> None:
    clock, most = Clock(), limits(timeout=10.0)
    now(100.0)
    assert clock.over(most) is None
    clock.hear(b"1\n")
    now(109.0)
    clock.hear(b"2\n")
    assert clock.over(most) is None
    now(110.5)
    assert clock.over(most) == ("timeout", "the notebook ran longer than 10 s")
    clock.hear(b"0\n")
    assert clock.over(most) is None


def test_each_cell_has_a_time_of_its_own(now: Callable[[float], None]) -> None:
    clock, most = Clock(), limits(timeout=1000.0, cell_timeout=2.5)
    for number, began in enumerate((10.0, 12.0, 14.0), 1):
        now(began)
        clock.hear(b"%d\n" % number)
    now(16.4)
    assert clock.over(most) is None
    now(16.6)
    assert clock.over(most) == ("timeout", "cell 3 ran longer than 2.5 s")


@given(st.lists(st.integers(1, 10**6), max_size=20), st.lists(st.integers(0, 100), max_size=20))
def test_lines_may_arrive_in_pieces(numbers: list[int], cuts: list[int]) -> None:
    said = b"".join(b"%d\n" % number for number in numbers)
    clock, places = Clock(), sorted(min(cut, len(said)) for cut in cuts)
    for start, end in zip([0, *places], [*places, len(said)], strict=True):
        clock.hear(said[start:end])
    assert (clock.number, clock.pending) == (numbers[-1] if numbers else 0, b"")
    assert (clock.notebook is None) == (not numbers)


def test_half_a_line_says_nothing_yet() -> None:
    clock = Clock()
    clock.hear(b"1")
    assert (clock.number, clock.notebook) == (0, None)
    clock.hear(b"2\n3")
    assert (clock.number, clock.pending) == (12, b"3")


# --- waits for the shared trainer ---------------------------------------------------------------------------


def test_the_clock_stands_still_while_the_grader_says_that_the_notebook_waits(now: Callable[[float], None]) -> None:
    clock, most = Clock(), limits(timeout=10.0, cell_timeout=8.0)
    now(100.0)
    clock.hear(b"1\n")
    now(105.0)
    clock.hear_of_waits(b"wait\n")
    now(1000.0)
    assert clock.over(most) is None
    clock.hear_of_waits(b"0.000000\n")
    now(1002.9)  # 7.9 s of its own
    assert clock.over(most) is None
    now(1003.1)
    assert clock.over(most) == ("timeout", "cell 1 ran longer than 8 s")
    clock.hear(b"2\n")
    now(1004.9)
    assert clock.over(most) is None
    now(1005.1)
    assert clock.over(most) == ("timeout", "the notebook ran longer than 10 s")


@pytest.mark.parametrize(("charge", "late"), [(b"4.9", False), (b"5.1", True), (b"60", True)])
def test_what_the_training_has_cost_counts_as_the_notebooks_own_time(
    charge: bytes,
    late: bool,  # noqa: FBT001 - a table's column
    now: Callable[[float], None],
) -> None:
    """More than it has waited, too: the training may have been somebody else's, long ago."""
    clock = Clock()
    now(100.0)
    clock.hear(b"1\n")
    now(105.0)
    clock.hear_of_waits(b"wait\n")
    now(107.0)
    clock.hear_of_waits(charge + b"\n")
    assert (clock.over(limits(timeout=10.0)) is not None) == late


def test_a_time_that_was_over_before_the_wait_is_over_during_it(now: Callable[[float], None]) -> None:
    clock = Clock()
    now(100.0)
    clock.hear(b"1\n")
    now(111.0)
    clock.hear_of_waits(b"wait\n")
    now(112.0)
    assert clock.over(limits(timeout=10.0)) == ("timeout", "the notebook ran longer than 10 s")


def test_a_cell_that_begins_during_a_wait_gets_no_time_in_advance(now: Callable[[float], None]) -> None:
    """As where a thread of the notebook waits and its cells go on."""
    clock = Clock()
    now(100.0)
    clock.hear(b"1\n")
    clock.hear_of_waits(b"wait\n")
    now(200.0)
    clock.hear(b"2\n")
    now(210.0)
    clock.hear_of_waits(b"1.0\n")
    now(219.9)
    assert clock.over(limits(timeout=1000.0, cell_timeout=10.0)) is None
    now(220.1)
    assert clock.over(limits(timeout=1000.0, cell_timeout=10.0)) is not None


SAID = st.one_of(
    st.tuples(st.just("said"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.just(0)),
    st.tuples(st.just("end"), st.integers(0, 20)),
    st.tuples(st.just("time"), st.integers(0, 20)),
)


@given(st.lists(SAID, max_size=30))
def test_in_whatever_order_lines_come_no_time_is_gained_or_made_up(steps: list[tuple[str, int]]) -> None:
    """A notebook never has more time left than at its beginning, nor lost more than went by and was charged."""
    clock, time_now, charged, began = Clock(), 1000.0, 0.0, 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: time_now)
        for kind, value in steps:
            match kind:
                case "time":
                    time_now += value
                case "said":
                    if clock.notebook is None:
                        began, charged = time_now, 0.0
                    clock.hear(b"%d\n" % value)
                case "end":
                    clock.hear_of_waits(b"%d.000000\n" % value)
                    charged += value
                case _:
                    clock.hear_of_waits(b"wait\n")
            for start in (clock.notebook, clock.cell):
                assert start is None or began - charged <= start <= time_now


@given(st.lists(st.integers(0, 50), max_size=20))
def test_word_of_waits_may_arrive_in_pieces(cuts: list[int]) -> None:
    told = b"wait\n1.500000\nwait\n2.500000\nwait\n"
    clock, places = Clock(), sorted(min(cut, len(told)) for cut in cuts)
    for start, end in zip([0, *places], [*places, len(told)], strict=True):
        clock.hear_of_waits(told[start:end])
    assert (clock.waiting is not None, clock.pending_waits) == (True, b"")


# --- what is measured ---------------------------------------------------------------------------------------


def measure(root: Path, **changes: Any) -> Measure:
    return Measure(job(root, limits=PLENTY | changes), verdicts.bytes_free(str(root)))


def test_within_its_limits_a_notebook_goes_on(tmp_path: Path) -> None:
    with waiting(lambda: None) as pid:
        assert measure(tmp_path).over([usage.process(pid)], never) is None


def out_of_memory(limit: int) -> tuple[str, str]:
    return "out_of_memory", f"the notebook used more than {limit} bytes of memory"


def test_too_much_memory_at_two_looks_in_a_row_is_a_verdict(tmp_path: Path) -> None:
    limit = usage.process(os.getpid()).resident + 100 * MIB
    found = measure(tmp_path, memory=limit)
    with waiting(lambda: bytearray(b"x") * limit) as heavy, waiting(lambda: None) as light:
        heavy_one, light_one = usage.process(heavy), usage.process(light)
        looks = [heavy_one, light_one, heavy_one, heavy_one]
        assert [found.over([look], never) for look in looks] == [None, None, None, out_of_memory(limit)]


def test_what_may_wait_in_sockets_counts_as_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = usage.process(os.getpid()).resident
    monkeypatch.setattr(usage, "SOCKET", resident)

    def connect() -> list[socket.socket]:
        return [one for _ in range(2) for one in socket.socketpair()]

    with waiting(connect) as pid, waiting(lambda: None) as light:
        # Both have inherited what other tests have left open in this process.
        limit = (3 + room.opened([usage.process(light)]).sockets) * resident
        found = measure(tmp_path, memory=limit)
        trees = [[usage.process(one)] for one in (light, light, pid, pid)]
        assert [found.over(tree, never) for tree in trees] == [None, None, None, out_of_memory(limit)]


def test_processes_and_their_threads_are_counted_together(tmp_path: Path) -> None:
    def start() -> None:
        for _ in range(4):
            threading.Thread(target=threading.Event().wait, daemon=True).start()

    with waiting(start) as many, waiting(lambda: None) as one:
        tree = [usage.process(many), usage.process(one)]
        assert measure(tmp_path, threads=7).over(tree, never) is None
        assert measure(tmp_path, threads=6).over(tree, never) == (
            "process_limit",
            "the notebook had 6 processes and threads, of 6 at most",
        )


def test_too_many_bytes_and_too_many_files_are_disk_limits(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(os.urandom(2 * MIB))
    assert measure(tmp_path, scratch=3 * MIB).over([], never) is None
    assert measure(tmp_path, scratch=2 * MIB).over([], never) == (
        "disk_limit",
        "the notebook wrote 2097152 bytes of files, as many as it may",
    )
    assert measure(tmp_path, scratch_files=4).over([], never) == (
        "disk_limit",
        "the notebook made 4 files and folders, as many as it may",
    )


def test_files_that_are_only_mapped_count_where_the_disk_has_really_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "only_mapped", lambda *_: 2)
    found = measure(tmp_path, scratch=100 * MIB, file_size=50 * MIB)
    assert found.over([], never) is None
    found.free += 150 * MIB  # it had so much more when the notebook began
    assert found.over([], never) == (
        "disk_limit",
        "the notebook wrote 104857600 bytes of files, as many as it may",
    )


def test_in_the_namespaces_the_scratch_folder_is_a_file_system_whose_own_figures_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {str(tmp_path): room.Room(0, 1000)}
    monkeypatch.setattr(room, "of_mount", held.__getitem__)
    inside = jobs.Confinement("bubblewrap", born=True, uid=None, others=0, staging="", view={})
    found = Measure(job(tmp_path, limits=PLENTY, confinement=inside), 0)
    assert found.over([], never) == ("disk_limit", "the notebook made 1000 files and folders, as many as it may")
