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
