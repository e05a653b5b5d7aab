"""A user of its own for each submission, where the grader is root, and how many threads a user may have.

Limits on processes do not bind root, and they count per user: with a user of its own, a fork bomb takes
nobody's threads but its own, and what it leaves behind is known by its user.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from grader.errors import GraderError

RANGE = range(61_184, 65_520)  # systemd's for short-lived users; it fits into a container's 65,536
LOCKS = Path("/run/grader.uids")  # a byte for each user, locked while one is in use
PER_CORE = 32  # threads that numeric libraries start for a core
ROUNDS = 50

_taken: set[int] = set()  # a process' own locks do not keep its other threads out
_lock = threading.Lock()


@contextmanager
def lease() -> Iterator[int | None]:
    """A user whom nobody else is; None where the grader is not root, and notebooks run as who started it."""
    if os.geteuid() != 0:
        yield None
        return
    locks = _locks()
    uid = _take(locks)
    try:
        yield uid
    finally:
        end_all(uid)
        _give_back(locks, uid)


@cache
def _locks() -> int:
    """Opened once: to close any descriptor of a file ends all locks that the process has on it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(LOCKS, flags, 0o600)
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode) or facts.st_uid != 0:
        os.close(descriptor)
        raise GraderError(f"'{LOCKS}' is not a file of root's; remove it")
    return descriptor


def _take(locks: int) -> int:
    with _lock:
        for uid in RANGE:
            if uid in _taken or _known(uid) or not _locked(locks, uid):
                continue
            if processes_of(uid):
                continue  # somebody else's, who does not know of these locks
            _taken.add(uid)
            return uid
    raise GraderError(f"users {RANGE[0]} to {RANGE[-1]} are all in use, so a notebook can have none of its own")


def _locked(locks: int, uid: int) -> bool:
    # Locks of the open file, not of the process: closing another descriptor of the file keeps them.
    try:
        fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, uid)
    except OSError:
        return False
    return True


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _give_back(locks: int, uid: int) -> None:
    with _lock:
        _taken.discard(uid)
        fcntl.lockf(locks, fcntl.LOCK_UN, 1, uid)


def end_all(uid: int) -> None:
    """Kill whoever is left of this user; stopped first, since what is stopped cannot fork."""
    for _ in range(ROUNDS):
        left = processes_of(uid)
        if not left:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)


def processes_of(uid: int) -> set[int]:
    """Those that run, with this user as their real, effective or saved one, in pid namespaces below too."""
    return {pid for pid, users, _, ended in _statuses() if uid in users and not ended}


def threads_of(uid: int) -> int:
    """How many threads this user runs now, as the limit on processes counts them."""
    return sum(threads for _, users, threads, _ in _statuses() if users[:1] == (uid,))


def allowance(processes: int, cores: int) -> int:
    """Processes and threads that a notebook may have on a machine of so many cores."""
    return processes + PER_CORE * cores


def _statuses() -> Iterator[tuple[int, tuple[int, ...], int, bool]]:
    """Number, users (real, effective, saved, of files), threads, and whether it has ended, of each process."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                yield _status(int(folder.name), (folder / "status").read_text("utf-8", "replace"))


def _status(pid: int, text: str) -> tuple[int, tuple[int, ...], int, bool]:
    # The program's name comes first, and may hold anything but a line end, which is written as \\n.
    fields = dict(line.split(":\t", 1) for line in text.splitlines()[1:] if ":\t" in line)
    users = tuple(int(user) for user in fields["Uid"].split())
    return pid, users, int(fields.get("Threads", 0)), fields["State"].startswith(("Z", "X"))
