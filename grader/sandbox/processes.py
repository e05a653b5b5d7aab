"""Nothing that a notebook starts outlives it, not even where the keeper is killed before it can see to that."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from typing import Protocol

import psutil

PR_SET_CHILD_SUBREAPER = 36
ROUNDS = 20  # a process that forks while it is being killed leaves children for the next round
PATIENCE = 5.0  # seconds for a keeper whose lifeline is cut


def adopt_orphans() -> None:
    """Become the parent of what loses its own, so that daemons started inside stay in sight (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Process(Protocol):
    """One that is our child: started by us, or adopted."""

    pid: int
    returncode: int | None

    def wait(self, timeout: float | None = None) -> int: ...


def ends_within(pid: int, seconds: float) -> bool:
    """Whether this child of ours, which has not been waited for, ends within so many seconds; without polling."""
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(handle)


def end(keeper: Process) -> None:
    """See the keeper and all that it started end; its lifeline has been cut, so as a rule they have."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        keeper.wait(timeout=PATIENCE)
    if keeper.returncode is None:
        _kill_tree(keeper.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(keeper.pid, signal.SIGKILL)  # it was started as the leader of a group
        keeper.wait()
    _kill_orphans(keeper.pid)


def _kill_tree(root: int) -> None:
    """From the leaves of a stopped tree: while the keeper lives, it is the parent of whoever loses theirs."""
    for _ in range(ROUNDS):
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(root)
            below = top.children(recursive=True)
            if not below:
                return
            for process in (top, *below):
                _send(process, signal.SIGSTOP)
            for process in below:
                _send(process, signal.SIGKILL)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.Error):
        process.send_signal(number)


def _kill_orphans(session: int) -> None:
    """Those of a killed keeper that did not leave its session; they have become ours."""
    for _ in range(ROUNDS):
        left = [child for child in psutil.Process().children(recursive=True) if _session(child.pid) == session]
        if not left:
            return
        for process in left:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(left, timeout=1.0)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
