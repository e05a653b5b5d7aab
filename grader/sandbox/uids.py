"""A user of its own for each submission, where the grader is root, and how many threads a user may have.

Limits on processes do not bind root, and they count per user: with a user of its own, a fork bomb takes
nobody's threads but its own, and what it leaves behind is known by its user. A group of the same number
goes with each user.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.errors import GraderError
from grader.linux import fcntl, grp, pwd

RANGE = range(61_184, 65_520)  # systemd's for short-lived users; it fits into a container's 65,536
LOCKS = Path("/run/grader.uids")  # a byte for each user, locked while one is in use
SPARE_LOCKS = Path("/tmp/grader.uids")  # noqa: S108 - for containers without a /run; only root's own file is taken
NO_PLACE = {errno.EROFS, errno.ENOENT, errno.EACCES, errno.EPERM}
PER_CORE = 32  # threads that numeric libraries start for a core
KILL_ALL = ("/bin/sh", "-c", "kill -s KILL -- -1")
PATIENCE = 10.0  # seconds for killed processes to be gone; giving gigabytes back takes a while
PAUSE = 0.02

_taken: set[int] = set()  # a process' own locks do not keep its other threads out
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Process:
    """`users` are the real, effective, saved and file system's one, as numbers."""

    pid: int
    users: tuple[int, ...]
    threads: int
    ended: bool


@contextmanager
def lease() -> Iterator[int | None]:
    """A user whom nobody else is; None where the grader is not root, and notebooks run as who started it.

    GraderError where there is none to be had, or where something of it cannot be ended afterwards; then it
    is not lent again while this process lives.
    """
    if os.geteuid() != 0:
        yield None
        return
    uid = _take()
    try:
        yield uid
    finally:
        end_all(uid)
        _give_back(uid)


@cache
def _locks() -> int:
    """Opened once: to close any descriptor of a file ends all locks that the process has on it."""
    try:
        return _open(LOCKS)
    except OSError as error:
        if error.errno not in NO_PLACE:
            raise GraderError(_refusal(LOCKS, error.strerror)) from error
    try:
        return _open(SPARE_LOCKS)
    except OSError as error:
        raise GraderError(_refusal(SPARE_LOCKS, error.strerror)) from error


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode) or facts.st_uid != 0:
        os.close(descriptor)
        raise GraderError(_refusal(path, "it is not a file of root's"))
    return descriptor


def _refusal(path: Path, why: str | None) -> str:
    return (
        f"'{path}', where graders note which users they lend to notebooks, cannot be used: {why}. Remove it, "
        "or start the grader as an ordinary user."
    )


def _take() -> int:
    with _lock:
        locks = _locks()
        offered = [uid for uid in RANGE if _exists(uid)]
        for uid in offered:
            if uid in _taken or _known(uid) or not _locked(locks, uid):
                continue
            if processes_of(uid):  # somebody else's, who does not know of these locks
                fcntl.lockf(locks, fcntl.LOCK_UN, 1, uid)
                continue
            _taken.add(uid)
            return uid
    why = "are all in use" if offered else "do not exist in this user namespace"
    raise GraderError(
        f"users {RANGE[0]} to {RANGE[-1]} {why}, so a notebook can have none of its own; start the grader as an "
        "ordinary user"
    )


def _locked(locks: int, uid: int) -> bool:
    # A lock of this process, which ends with it however it ends, and which what it starts does not inherit.
    try:
        fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, uid)
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


def _exists(uid: int) -> bool:
    """Whether the user namespace, which may be a container's, has this number for a user and for a group."""
    return all(any(uid in numbers for numbers in _numbers(kind)) for kind in ("uid", "gid"))


@cache
def _numbers(kind: str) -> tuple[range, ...]:
    lines = Path(f"/proc/self/{kind}_map").read_text("ascii").splitlines()
    return tuple(range(first, first + count) for first, _, count in (map(int, line.split()) for line in lines))


def _known(number: int) -> bool:
    """Whether it is somebody's, as a user or as a group."""
    return _is_listed(pwd.getpwuid, number) or _is_listed(grp.getgrgid, number)


def _is_listed(ask: Callable[[int], object], number: int) -> bool:
    try:
        ask(number)
    except KeyError:
        return False
    return True


def _give_back(uid: int) -> None:
    with _lock:
        fcntl.lockf(_locks(), fcntl.LOCK_UN, 1, uid)
        _taken.discard(uid)


def end_all(uid: int) -> None:
    """Kill whoever is left of this user; GraderError where that does not help within `PATIENCE`.

    First as this user and all at once, by `kill -1`: a process that forks and ends, again and again, is
    hardly ever met under the number that it had in a list. Then those that are listed, one by one.
    """
    until = time.monotonic() + PATIENCE
    while True:
        _kill_at_once(uid)
        left = processes_of(uid)
        if not left:
            return
        for pid in left:
            _kill(pid, uid)
        if time.monotonic() > until:
            raise GraderError(f"processes {sorted(left)} of user {uid}, started by a notebook, cannot be ended")
        time.sleep(PAUSE)


def _kill_at_once(uid: int) -> None:
    """By the system's shell, which any user may run; the interpreter may lie where only root can reach it."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            KILL_ALL,
            check=False,
            timeout=PATIENCE,
            cwd="/",
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=uid,
            group=uid,
            extra_groups=[],
        )


def _kill(pid: int, uid: int) -> None:
    """By a handle: the number may have become another process' since it was listed."""
    with contextlib.suppress(OSError):
        handle = os.pidfd_open(pid)
        try:
            if uid in _process(pid).users:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


def processes_of(uid: int) -> set[int]:
    """Those that run, with this user as their real, effective or saved one, in pid namespaces below too."""
    return {process.pid for process in _processes() if uid in process.users and not process.ended}


def threads_of(uid: int) -> int:
    """How many threads this user runs now, as the limit on processes counts them."""
    return sum(process.threads for process in _processes() if process.users[0] == uid)


def allowance(processes: int, cores: int) -> int:
    """Processes and threads that a notebook may have on a machine of so many cores."""
    return processes + PER_CORE * cores


def _processes() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is needed
        if name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                yield _process(int(name))


def _process(pid: int) -> Process:
    """OSError where it has ended, or is hidden."""
    text = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
    # The first line is the program's name, which may hold anything but a line feed.
    fields = dict(line.partition(":\t")[::2] for line in text.split("\n")[1:])
    threads = int(fields["Threads"])
    # A process whose first thread has ended is called a zombie too, while its others run on.
    ended = fields["State"].startswith(("Z", "X")) and threads <= 1
    return Process(pid, tuple(map(int, fields["Uid"].split())), threads, ended)
