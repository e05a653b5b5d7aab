"""Ends processes: those that a limit asks for, or all that the keeper has below it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable

from . import job, landlock, usage

PATIENCE = 3.0  # seconds; giving gigabytes back takes a while
PAUSE = 0.005  # seconds


def sweep(task: job.Job) -> None:
    """Nothing outlives the run: at a blow, where that reaches nobody outside, and one by one.

    The caller is the reaper of all that it has below it, so it is done when it has no children any more. What a
    list of processes shows is less certain: one that forks and ends, again and again, is in no list.
    """
    until = time.monotonic() + PATIENCE
    while not alone() and time.monotonic() < until:
        if walled_in(task):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(-1, signal.SIGKILL)  # all that may be signalled, but for the caller
        kill(usage.descendants(os.getpid()))
        time.sleep(PAUSE)


def walled_in(task: job.Job) -> bool:
    """Whether signals reach nobody outside.

    Decided by how the keeper has confined itself, never by what its parent may be sent: once the grader is
    gone, that is another one, which nobody but root may signal anyway.
    """
    match task.confinement.layer:
        case "bubblewrap":
            return os.getpid() == 1
        case "landlock":
            return landlock.abi() >= landlock.SCOPES
        case _:
            return False


def alone() -> bool:
    """Collect all children that have ended; whether there are no others."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def kill(found: Iterable[usage.Process]) -> None:
    """Stopped first: what is stopped cannot fork while its neighbours are being killed."""
    living = [process for process in found if not process.ended]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in living:
            _send(process, number)


def _send(process: usage.Process, number: signal.Signals) -> None:
    """By a handle: the number may have become another process' since it was listed."""
    with contextlib.suppress(OSError):  # it has ended meanwhile; what has not is met again in the next round
        handle = os.pidfd_open(process.pid)
        try:
            if usage.process(process.pid).began == process.began:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)
