"""How much memory the harness' process tree holds."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

import psutil

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Keep daemons that the notebook starts in the tree, where their memory counts (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def tree() -> list[psutil.Process]:
    """Everything that the harness started, directly or not; not the harness itself."""
    return psutil.Process().children(recursive=True)


def exceeds(limit: int) -> bool:
    """Whether the tree holds more than `limit` bytes.

    Resident sizes count what forked processes share once for each of them, so that a sum over the limit
    is confirmed by proportional sizes, which are slower to read.
    """
    processes = tree()
    return _sum(processes, _resident) > limit and _sum(processes, _proportional) > limit


def _sum(processes: list[psutil.Process], measure: Callable[[psutil.Process], int]) -> int:
    total = 0
    for process in processes:
        try:
            total += measure(process)
        except psutil.NoSuchProcess:
            continue
    return total


def _resident(process: psutil.Process) -> int:
    return int(process.memory_info().rss)


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:  # a process that hides its pages is counted by what it occupies
        return _resident(process)
