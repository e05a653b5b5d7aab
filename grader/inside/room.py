"""What a notebook's files take up, those among them that have no name any more."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .usage import GONE, Process

BLOCK = 512  # bytes; the unit of st_blocks, whatever the file system's own is


@dataclass(frozen=True)
class Room:
    """Bytes and files (folders count) that are in use."""

    bytes: int
    files: int


@dataclass(frozen=True)
class Opened:
    """What processes hold open: files that have no name any more, with their bytes, and the number of sockets.

    `files` are inodes, which are numbers.
    """

    unlinked: int
    sockets: int
    files: frozenset[int] = frozenset()


def of_mount(path: str) -> Room:
    """What a file system of its own holds, unlinked open files among it."""
    facts = os.statvfs(path)
    return Room((facts.f_blocks - facts.f_bfree) * facts.f_frsize, facts.f_files - facts.f_ffree)


def of_folder(root: str, most_files: int) -> Room:
    """What lies below `root`; counting ends where there are more than `most_files`.

    A folder that cannot be listed, or is nested deeper than a path can be long, counts as too many: nobody could
    tell what is in it.
    """
    total, files, waiting = 0, 0, [root]
    while waiting and files <= most_files:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    if files > most_files:
                        break
                    facts = entry.stat(follow_symlinks=False)
                    total += _taken(facts)
                    if stat.S_ISDIR(facts.st_mode):
                        waiting.append(entry.path)
        except (*GONE, NotADirectoryError):
            continue  # removed or replaced while it was being counted
        except OSError:
            return Room(total, most_files + 1)
    return Room(total, files)


def _taken(facts: os.stat_result) -> int:
    """Windows does not tell blocks."""
    blocks: int = getattr(facts, "st_blocks", -(-facts.st_size // BLOCK))
    return blocks * BLOCK


def opened(processes: Iterable[Process]) -> Opened:
    """Each file and socket once, however many processes have it."""
    sizes: dict[tuple[int, int], int] = {}
    sockets = set()
    for each in processes:
        folder = f"/proc/{each.seen}/fd"
        with contextlib.suppress(*GONE, PermissionError):
            for name in os.listdir(folder):  # noqa: PTH208 - ten times a second
                with contextlib.suppress(OSError):
                    facts = os.stat(f"{folder}/{name}")  # noqa: PTH116 - ten times a second
                    if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 0:
                        sizes[facts.st_dev, facts.st_ino] = facts.st_blocks * BLOCK
                    elif stat.S_ISSOCK(facts.st_mode):
                        sockets.add(facts.st_ino)
    return Opened(sum(sizes.values()), len(sockets), frozenset(inode for _, inode in sizes))


def only_mapped(processes: Iterable[Process], root: str, files: frozenset[int]) -> int:
    """How many files that had names below `root` live on because they are mapped, though nobody has them open.

    Their sizes cannot be asked for. A process that hides what it has mapped counts as one such file.
    """
    found, hidden = set(), 0
    for each in processes:
        try:
            lines = Path(f"/proc/{each.seen}/maps").read_bytes().splitlines()
        except GONE:
            continue
        except PermissionError:
            hidden += 1
            continue
        for line in lines:
            *_, inode, path = line.split(maxsplit=5) if line.endswith(b" (deleted)") else (b"0", b"")
            if path.startswith(os.fsencode(root) + b"/"):
                found.add(int(inode))
    return len(found - files) + hidden
