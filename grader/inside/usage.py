"""What a notebook and everything that it started hold: processes, memory, files.

Read from /proc directly: this is done ten times a second, and fork bombs make long lists.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
BLOCK = 512  # bytes; the unit of st_blocks, whatever the file system's own is
GONE = (FileNotFoundError, ProcessLookupError)  # what /proc says of a process that has ended meanwhile


@dataclass(frozen=True)
class Process:
    """`resident` in bytes; pages that several processes share count in each of them.

    An `ended` one still counts against the limit of processes, until its parent has asked how it ended. One
    whose first thread alone has ended looks like it, and lives.
    """

    pid: int
    parent: int
    ended: bool
    threads: int
    resident: int


@dataclass(frozen=True)
class Room:
    """Bytes and files (folders count) that are in use."""

    bytes: int
    files: int


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
                yield _process(int(name))


def _process(pid: int) -> Process:
    # The second field is the program's name in brackets, which may hold anything, brackets too.
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    threads, first_has_ended = int(fields[17]), fields[0] in (b"Z", b"X")
    lives_on = first_has_ended and threads > 1
    resident = _of_threads(pid) if lives_on else int(fields[21]) * PAGE
    return Process(pid, int(fields[1]), first_has_ended and not lives_on, threads, resident)


def _of_threads(pid: int) -> int:
    """Resident bytes of a process whose first thread has ended, as another of its threads tells them."""
    for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - ten times a second
        with contextlib.suppress(*GONE, PermissionError):
            pages = int(Path(f"/proc/{pid}/task/{thread}/statm").read_bytes().split()[1])
            if pages:
                return pages * PAGE
    return 0


def memory_exceeds(processes: Iterable[Process], limit: int) -> bool:
    """Whether they hold more than `limit` bytes together.

    Resident sizes are quick to read, but count shared pages once for each process, so a sum over the limit is
    confirmed by proportional sizes. A process that hides its pages counts as over the limit.
    """
    counted = list(processes)
    if sum(process.resident for process in counted) <= limit:
        return False
    total = 0
    for process in counted:
        with contextlib.suppress(*GONE):
            total += _proportional(process.pid, hidden=limit + 1)
        if total > limit:
            return True
    return False


def _proportional(pid: int, hidden: int) -> int:
    """Bytes: each page divided by the number of processes that share it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
    except PermissionError:
        return hidden
    except ProcessLookupError:
        return _of_threads(pid)  # it has no first thread any more, whose file this is
    sizes = [int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:")]
    return sum(sizes)


def room_of_mount(path: str) -> Room:
    """What a file system of its own holds, unlinked open files among it."""
    facts = os.statvfs(path)
    return Room((facts.f_blocks - facts.f_bfree) * facts.f_frsize, facts.f_files - facts.f_ffree)


def room_of_folder(root: str, most_files: int) -> Room:
    """What lies below `root`; counting ends where there are more than `most_files`."""
    total, files, waiting = 0, 0, [root]
    while waiting and files <= most_files:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    if files > most_files:
                        break
                    facts = entry.stat(follow_symlinks=False)
                    total += facts.st_blocks * BLOCK
                    if stat.S_ISDIR(facts.st_mode):
                        waiting.append(entry.path)
        except (*GONE, NotADirectoryError, PermissionError):
            continue  # removed, replaced or closed while it was being counted
        except OSError:
            return Room(total, most_files + 1)  # nested deeper than a path can be long
    return Room(total, files)


def unlinked(processes: Iterable[Process]) -> int:
    """Bytes in files that have no name any more and live on because these processes hold them open."""
    sizes: dict[tuple[int, int], int] = {}
    for process in processes:
        folder = f"/proc/{process.pid}/fd"
        with contextlib.suppress(*GONE, PermissionError):
            for name in os.listdir(folder):  # noqa: PTH208 - as above
                with contextlib.suppress(OSError):
                    facts = os.stat(f"{folder}/{name}")  # noqa: PTH116 - ten times a second
                    if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 0:
                        sizes[facts.st_dev, facts.st_ino] = facts.st_blocks * BLOCK
    return sum(sizes.values())
