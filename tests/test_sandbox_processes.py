"""A keeper and all that it started are seen to end, whatever has become of the keeper."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from forked import answer

from grader.sandbox import processes

# Keepers of the test's own: each holds the writing end of a pipe, as does all that it starts.
HEAD = "import os, signal, sys, time\n"
READY = "print('ready', flush=True)\n"
ENDS = READY + "raise SystemExit(4)\n"
HEARS_NOTHING = READY + "time.sleep(60)\n"
WITH_A_TREE = """
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    os.kill(os.getpid(), signal.SIGSTOP)
if os.fork() == 0:
    while True:
        if os.fork() == 0:
            os._exit(0)
        os.wait()
time.sleep(0.3)
"""
STOPPED = READY + "os.kill(os.getpid(), signal.SIGSTOP)\n"
KILLED = READY + "os.kill(os.getpid(), signal.SIGKILL)\n"


Start = Callable[[str], tuple[subprocess.Popen[bytes], int]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a keeper, waits until it is ready; its process, and a pipe that ends when all of it have."""
    opened: list[int] = []

    def begin(program: str) -> tuple[subprocess.Popen[bytes], int]:
        left, held = os.pipe()
        opened.append(left)
        command = [sys.executable, "-c", HEAD + program]
        started = subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[held], start_new_session=True)
        os.close(held)
        assert started.stdout is not None
        assert started.stdout.readline() == b"ready\n"
        return started, left

    yield begin
    for left in opened:
        os.close(left)


def ended(pipe: int, seconds: float = 5.0) -> bool:
    return bool(select.select([pipe], [], [], seconds)[0])


def test_a_keeper_that_ends_by_itself_keeps_its_exit_code(
    start: Start,
) -> None:
    keeper, left = start(ENDS)
    processes.end(keeper)
    assert (keeper.returncode, ended(left)) == (4, True)


@pytest.mark.parametrize("program", [HEARS_NOTHING, STOPPED, WITH_A_TREE + HEARS_NOTHING, WITH_A_TREE + STOPPED])
def test_a_keeper_that_does_not_end_is_killed_with_all_that_it_started(
    start: Start, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    keeper, left = start(program)
    assert not ended(left, 0.0)
    processes.end(keeper)
    assert (keeper.returncode, ended(left)) == (-signal.SIGKILL, True)


def test_what_a_killed_keeper_left_in_its_session_is_found_by_it(
    start: Start,
) -> None:
    orphan = "if os.fork() == 0:\n    os.setpgid(0, 0)\n    time.sleep(60)\n"

    def swept() -> list[object]:  # in a child, since it becomes the parent of orphans
        processes.adopt_orphans()
        keeper, left = start(orphan + KILLED)
        keeper.wait()
        before = ended(left, 0.2)
        processes.end(keeper)
        return [before, keeper.returncode, ended(left)]

    assert answer(swept) == [False, -signal.SIGKILL, True]


def test_another_keepers_processes_are_left_alone(
    start: Start,
) -> None:
    child = "if os.fork() == 0:\n    time.sleep(60)\n"

    def swept() -> list[bool]:
        processes.adopt_orphans()
        keeper, left = start(child + KILLED)
        other, other_left = start(child + HEARS_NOTHING)
        processes.end(keeper)
        found = [ended(left), ended(other_left, 0.3)]
        os.killpg(other.pid, signal.SIGKILL)
        other.wait()
        return found

    assert answer(swept) == [True, False]


def test_orphans_become_children_of_who_adopts_them(tmp_path: Path) -> None:
    told = tmp_path / "parent"
    orphan = f"time.sleep(0.3); open({str(told)!r}, 'w').write(str(os.getppid()))"

    def adopted() -> bool:
        processes.adopt_orphans()
        program = f"import os, time\nif os.fork() == 0:\n    {orphan}"
        subprocess.run([sys.executable, "-c", program], check=True)
        os.wait()
        return int(told.read_text("ascii")) == os.getpid()

    assert answer(adopted)


def test_a_process_that_is_gone_has_no_session() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as done:
        assert processes._session(done.pid) == os.getsid(0)
    assert processes._session(done.pid) is None


def test_a_keeper_gets_time_to_sweep_before_it_is_killed(
    start: Start,
) -> None:
    keeper, _ = start(READY + "time.sleep(0.5); raise SystemExit(5)")
    began = time.monotonic()
    processes.end(keeper)
    assert keeper.returncode == 5
    assert time.monotonic() - began < processes.PATIENCE
