"""Nothing that a notebook starts outlives it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys

import psutil

PR_SET_CHILD_SUBREAPER = 36
ROUNDS = 20  # a process that forks while it is being killed leaves children for the next round


def adopt_orphans() -> None:
    """Become the parent of what loses its own, so that daemons started inside stay in sight (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def sweep(ours: set[psutil.Process]) -> int:
    """Kill every descendant of this process that is not in `ours`; how many there were."""
    killed: set[psutil.Process] = set()
    for _ in range(ROUNDS):
        strangers = descendants() - ours
        if not strangers:
            break
        for process in strangers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        killed |= strangers
        psutil.wait_procs(strangers, timeout=1.0)
    return len(killed)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """The process and its group; it was started as the leader of one."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
