"""Killing without mistakes: all that is below, and nobody else."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from forked import answer, outcome, waiting
from inside_job import job

from grader.inside import ending, landlock, usage
from grader.inside.confine import PR_SET_CHILD_SUBREAPER
from grader.inside.job import Confinement, Job
from grader.inside.syscalls import prctl

SYS_EXIT = {"x86_64": 60, "aarch64": 93}
STRANGER = 54_321  # a uid that nobody has
LIVES = 60  # seconds that what is not killed goes on
SOON = 5.0  # seconds, on a machine that is busy; else a fraction of one


def task(root: Path, layer: str = "none") -> Job:
    return job(root, confinement=Confinement(layer, born=False, uid=None, others=0, staging="", view={}))


# --- what is below -------------------------------------------------------------------------------------------


def deaf() -> None:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    time.sleep(LIVES)


def stopped() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def daemon() -> None:
    os.setsid()
    if os.fork() == 0:
        time.sleep(LIVES)


def forking() -> None:
    """A dozen processes that start others as fast as they end."""
    for _ in range(12):
        if os.fork() == 0:
            break
    until = time.monotonic() + LIVES
    while time.monotonic() < until:
        if os.fork() == 0:
            os._exit(0)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def without_first_thread() -> None:
    threading.Thread(target=time.sleep, args=(LIVES,)).start()
    ctypes.CDLL(None).syscall(SYS_EXIT[os.uname().machine], 0)


@pytest.mark.parametrize("live", [deaf, stopped, daemon, forking, without_first_thread])
def test_nothing_below_outlives_a_sweep(tmp_path: Path, live: Callable[[], None]) -> None:
    left, held = os.pipe()  # its end comes when nobody holds `held` any more
    made = task(tmp_path)

    def swept() -> tuple[bool, float]:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        if os.fork() == 0:
            with contextlib.suppress(BaseException):
                live()
            os._exit(0)
        time.sleep(0.3)
        os.close(held)
        before, began = ended(left, 0.0), time.monotonic()
        ending.sweep(made)
        return before, time.monotonic() - began

    try:
        before, seconds = answer(swept)
    finally:
        os.close(held)
    assert not before
    assert ended(left, SOON)
    assert seconds < ending.PATIENCE
    os.close(left)


@pytest.mark.skipif(
    landlock.abi() < landlock.SCOPES,
    reason=f"Landlock bounds signals from ABI {landlock.SCOPES}, here is {landlock.abi()}",
)
def test_one_that_forks_and_ends_without_pause_does_not_outlive_a_sweep_in_landlock(tmp_path: Path) -> None:
    left, held = os.pipe()
    made = task(tmp_path, "landlock")

    def swept() -> str:
        if os.geteuid() == 0:
            os.setresuid(STRANGER, STRANGER, STRANGER)
        landlock.restrict(read=["/"], write=[])
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        if outcome(lambda: os.kill(os.getppid(), 0)) != "EPERM":
            return "signals would reach those outside"  # and the sweep would kill all that the user runs
        if os.fork() == 0:
            run_away()
        os.close(held)
        time.sleep(0.2)
        ending.sweep(made)
        return "swept"

    try:
        assert answer(swept) == "swept"
    finally:
        os.close(held)
    assert ended(left, SOON)
    os.close(left)


def run_away() -> None:
    os.setsid()
    until = time.monotonic() + 10.0
    while time.monotonic() < until:
        if os.fork() > 0:
            os._exit(0)
    os._exit(0)


def ended(pipe: int, seconds: float) -> bool:
    return bool(select.select([pipe], [], [], seconds)[0])


def test_a_sweep_gives_up_on_what_cannot_be_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "kill", lambda _: None)
    monkeypatch.setattr(ending, "PATIENCE", 0.1)
    made = task(tmp_path)

    def swept() -> bool:
        with waiting(lambda: None):
            ending.sweep(made)
        return True

    assert answer(swept)


def test_who_has_no_children_is_alone_and_who_has_some_collects_those_that_ended() -> None:
    def found() -> list[bool]:
        first = ending.alone()
        with waiting(lambda: None):
            if os.fork() == 0:
                os._exit(0)
            time.sleep(0.1)
            second = ending.alone()
            zombies = [process.ended for process in usage.descendants(os.getpid())]
        return [first, second, *zombies, ending.alone()]

    assert answer(found) == [True, False, False, True]


# --- nobody else ---------------------------------------------------------------------------------------------


def test_a_number_that_has_become_another_process_is_left_alone() -> None:
    with waiting(lambda: None) as pid:
        found = usage.process(pid)
        ending.kill([replace(found, began=found.began - 1)])
        time.sleep(0.2)  # in which it would die
        assert not usage.process(pid).ended
        ending.kill([found])
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert usage.process(pid).ended


def test_what_has_ended_already_is_no_trouble() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    found = replace(usage.process(pid), ended=False)
    os.waitpid(pid, 0)
    ending.kill([found])


@pytest.mark.parametrize(
    ("layer", "walled_in"),
    [
        ("none", False),  # an ordinary user's keeper may signal all that this user runs, and often nothing else
        ("landlock", landlock.abi() >= landlock.SCOPES),
        ("bubblewrap", False),  # since this is not the pid 1 of a namespace
    ],
)
def test_all_are_killed_at_a_blow_only_where_confinement_bounds_it(
    tmp_path: Path, layer: str, walled_in: object
) -> None:
    assert ending.walled_in(task(tmp_path, layer)) is walled_in


def test_an_old_landlock_bounds_no_signals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: landlock.SCOPES - 1)
    assert not ending.walled_in(task(tmp_path, "landlock"))


def test_a_pid_1_is_walled_in_by_its_namespace_but_not_by_being_that_of_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert [ending.walled_in(task(tmp_path, layer)) for layer in ("bubblewrap", "none")] == [True, False]
