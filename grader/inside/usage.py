"""What a notebook and everything that it started hold: processes and memory.

Read from /proc directly: this is done ten times a second, and fork bombs make long lists.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAGE = mmap.PAGESIZE
GONE = (FileNotFoundError, ProcessLookupError)  # what /proc says of a process that has ended meanwhile
ENDED = (b"Z", b"X")
SOCKET = 212_992  # bytes that may wait in a Unix socket to be received: Linux' own default
COUNTING = 2.0  # seconds of processor time; what takes longer to count maps its pages over and over
OFTEN = 16  # times the limit that the page tables of one process can be for, if its pages are to be counted
MAPPED_BY_TABLE = 512  # times its own size


@dataclass(frozen=True)
class Process:
    """`resident` in bytes; pages that several processes share count in each of them.

    An `ended` one still counts against the limit of processes, until its parent has asked how it ended. One
    whose first thread alone has ended looks like it, and lives: `seen` is the number of a thread that does, under
    which /proc tells what the process holds. `began` is in ticks since the machine's start; a number that has
    become another process' goes with another one.
    """

    pid: int
    parent: int
    ended: bool
    threads: int
    resident: int
    seen: int
    began: int


# --- processes ---------------------------------------------------------------------------------------------------


def descendants(root: int) -> list[Process]:
    """All that `root` has started, directly or not, the nearest first."""
    children: dict[int, list[Process]] = {}
    for process in _processes():
        children.setdefault(process.parent, []).append(process)
    found, waiting = [], [root]
    for pid in waiting:  # grows while it is walked through
        found += children.get(pid, [])
        waiting += [child.pid for child in children.pop(pid, [])]
    return found


def _processes() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - ten times a second
        if name.isdigit():
            with contextlib.suppress(*GONE, PermissionError):
                yield process(int(name))


def process(pid: int) -> Process:
    """As it is now; one of `GONE` where it is no more."""
    first = of_thread = _facts(f"/proc/{pid}/stat")
    threads, seen = int(first[17]), pid
    if first[0] in ENDED and threads > 1:
        seen, of_thread = next(_living(pid), (pid, first))
    return Process(
        pid,
        parent=int(first[1]),
        ended=of_thread[0] in ENDED,
        threads=threads,
        resident=int(of_thread[21]) * PAGE,
        seen=seen,
        began=int(first[19]),
    )


def _living(pid: int) -> Iterator[tuple[int, list[bytes]]]:
    for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - as above
        with contextlib.suppress(*GONE):
            facts = _facts(f"/proc/{pid}/task/{thread}/stat")
            if facts[0] not in ENDED:
                yield int(thread), facts


def _facts(path: str) -> list[bytes]:
    # The second field is the program's name in brackets, which may hold anything, brackets too.
    return Path(path).read_bytes().rpartition(b")")[2].split()


# --- memory ------------------------------------------------------------------------------------------------------


def memory_exceeds(processes: Iterable[Process], limit: int, hurry: Callable[[], bool] = lambda: False) -> bool:
    """Whether they hold more than `limit` bytes together, page tables and what was swapped out among it.

    Resident sizes are quick to read, but count shared pages once for each process, so a sum over the limit is
    confirmed by proportional sizes. A process that hides its pages, or maps so many that counting them would
    keep the keeper from everything else, counts as over the limit. Counting ends early, with False, as soon as
    `hurry` says that there is something else to do.
    """
    counted = [each for each in processes if not each.ended]
    tables = {each: _tables(each) for each in counted}
    total = sum(tables.values()) + sum(_swapped(each) for each in counted)
    if total + sum(each.resident for each in counted) <= limit:
        return False
    until = time.process_time() + COUNTING
    for each in counted:
        if total > limit or tables[each] * MAPPED_BY_TABLE > limit * OFTEN or time.process_time() > until:
            return True
        if hurry():
            return False
        total += _proportional(each, hidden=limit + 1)
    return total > limit


def _tables(process: Process) -> int:
    """Bytes; a process can have gigabytes of them and hardly a resident page."""
    return _stated(f"/proc/{process.seen}/status", b"VmPTE:")


def _swapped(process: Process) -> int:
    return _stated(f"/proc/{process.seen}/status", b"VmSwap:") if _has_swap() else 0


@cache
def _has_swap() -> bool:
    return _stated("/proc/meminfo", b"SwapTotal:") > 0


def _proportional(process: Process, hidden: int) -> int:
    """Bytes: each page divided by the number of processes that share it."""
    try:
        return _stated(f"/proc/{process.seen}/smaps_rollup", b"Pss:")
    except PermissionError:
        return hidden


def _stated(path: str, name: bytes) -> int:
    """Bytes that a file of /proc states in a line like `VmPTE:  180 kB`; 0 where the process has ended."""
    with contextlib.suppress(*GONE):
        for line in Path(path).read_bytes().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def sockets_of_namespace() -> int:
    """Their number in this network namespace, those that are on their way through others included."""
    with contextlib.suppress(FileNotFoundError):
        first = Path("/proc/self/net/sockstat").read_bytes().split(b"\n", 1)[0]  # sockets: used 12
        return int(first.split()[-1])
    return 0
