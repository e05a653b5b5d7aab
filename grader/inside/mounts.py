"""The file system of a sandbox: built on a tmpfs beside the host's, then put in its place.

Theory of operation. Everything that may be seen is bound, with the mounts below it, to its own path on an
empty tmpfs; that becomes the root, and the old root is let go, so that what was not named is not there.
Binding a folder copies its mounts with the flags they have, and a less privileged namespace may add flags
but never take one away: read-only and the others are therefore added, by mount_setattr, which leaves the rest
alone and reaches all mounts below. Nested paths come with the outer one. What lies below /tmp is shown below
the scratch folder's tmp, which /tmp is a link to, and what lies below /content below its work.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from .syscalls import call

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8  # of mount_setattr, which has numbers of its own
AT_FDCWD = -100
AT_RECURSIVE = 0x8000

FOLDERS = ("work", "home", "tmp", "run")
LINKS = (
    ("/tmp", "scratch/tmp"),  # noqa: S108 - the sandbox's own
    ("/content", "scratch/work"),  # Colab's working folder
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/ptmx", "pts/ptmx"),
)
SKELETON = "mode=755,size=2m,nr_inodes=4096"  # empty folders and files that mounts lie on
SHM_FILES = 1024
TERMINALS = "newinstance,ptmxmode=666,mode=600,max=64"  # IPython runs `!commands` in pseudo-terminals


class RefusedError(OSError):
    """What the kernel refused, and why: "mount proc on /proc: Operation not permitted"."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """RefusedError, with this name, for the OSError of what is done here."""
    try:
        yield
    except RefusedError:
        raise
    except OSError as error:
        raise RefusedError(error.errno, error.strerror, name) from error


def replace_root(view: Mapping[str, Any], owner: tuple[int, int], staging: str) -> None:
    """In a mount namespace of one's own; `staging` is any empty folder, and stays empty.

    `owner` is the user and group of what may be written to. RefusedError where the kernel refuses a step.
    """
    before = os.umask(0o022)
    with step("make the mounts private"):
        call("mount", b"none", b"/", b"", MS_REC | MS_PRIVATE, b"")
    _mount("tmpfs", staging, "/", MS_NOSUID | MS_NODEV, SKELETON)
    _scratch(view, owner, staging)
    _devices(view, owner, staging)
    for path, target in LINKS:
        _link(staging, path, target)
    for path in outermost(view["read"]):
        bind(path, staging, path)
    bind(view["handed"], staging, "/handed")
    for path, target in view["links"]:  # last: nothing may be made by way of a link, which may lead to the host
        _link(staging, path, target)
    _proc(staging)
    _pivot(staging)
    os.umask(before)


def _scratch(view: Mapping[str, Any], owner: tuple[int, int], staging: str) -> None:
    place = view["scratch"]
    room = private(owner, view["scratch_bytes"], view["scratch_files"])
    _mount("tmpfs", staging, place, MS_NOSUID | MS_NODEV, room)
    for name in FOLDERS:
        with step(f"make {place}/{name}"):
            folder = Path(f"{staging}{place}/{name}")
            folder.mkdir(mode=0o700)
            os.chown(folder, *owner)


def _devices(view: Mapping[str, Any], owner: tuple[int, int], staging: str) -> None:
    _mount("tmpfs", staging, "/dev", MS_NOSUID | MS_NODEV | MS_NOEXEC, SKELETON)
    for path in view["devices"]:
        bind(path, staging, path, RDONLY | NOSUID | NOEXEC)  # a device on a read-only mount can be written to
    room = private(owner, view["shm_bytes"], SHM_FILES)
    _mount("tmpfs", staging, "/dev/shm", MS_NOSUID | MS_NODEV | MS_NOEXEC, room)  # noqa: S108 - sized
    _mount("devpts", staging, "/dev/pts", MS_NOSUID | MS_NOEXEC, TERMINALS)


def private(owner: tuple[int, int], size: int, files: int) -> str:
    """Options of a tmpfs that its owner alone may use; to tmpfs itself, 0 would mean no limit."""
    user, group = owner
    return f"mode=700,uid={user},gid={group},size={max(1, size)},nr_inodes={max(1, files)}"


def _proc(staging: str) -> None:
    """A new one shows the sandbox's own processes only.

    Linux allows none in a container that hides parts of its own; there the old one is shown, read-only.
    """
    try:
        _mount("proc", staging, "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "")
    except RefusedError as refused:
        if refused.errno != errno.EPERM:
            raise
        bind("/proc", staging, "/proc", RDONLY | NOSUID | NODEV | NOEXEC)


def _pivot(staging: str) -> None:
    with step("change the root"):
        os.chdir(staging)
        call("pivot_root", b".", b".")
        call("umount2", b".", MNT_DETACH)  # the old root lies on top of the new one
        os.chdir("/")
    for path in ("/dev", "/"):
        _set_flags(path, RDONLY, below=False, name=path)


def _mount(kind: str, staging: str, path: str, flags: int, options: str) -> None:
    target = staging if path == "/" else f"{staging}{path}"
    with step(f"mount {kind} on {path}"):
        if path != "/":
            Path(target).mkdir(parents=True, exist_ok=True)
        call("mount", kind.encode(), os.fsencode(target), kind.encode(), flags, options.encode())


def bind(source: str, staging: str, path: str, flags: int = RDONLY | NOSUID | NODEV) -> None:
    """Show a file or folder of the host at `path`; one that cannot be found is left out."""
    try:
        folder = stat.S_ISDIR(Path(source).stat().st_mode)
    except OSError:
        return
    target = Path(staging + path)
    with step(f"show {path}"):
        (target if folder else target.parent).mkdir(parents=True, exist_ok=True)
        if not folder:
            target.touch()
        call("mount", os.fsencode(source), os.fsencode(target), b"", MS_BIND | MS_REC, b"")
    _set_flags(target, flags, below=True, name=path)


def _set_flags(target: str | Path, flags: int, *, below: bool, name: str) -> None:
    attributes = struct.pack("QQQQ", flags, 0, 0, 0)
    with step(f"bound what may be done in {name}"):
        where = AT_RECURSIVE if below else 0
        call("mount_setattr", AT_FDCWD, os.fsencode(target), where, attributes, len(attributes))


def _link(staging: str, path: str, target: str) -> None:
    with step(f"link {path}"):
        place = Path(staging + path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


def outermost(paths: Sequence[str]) -> list[str]:
    """Without those that lie below others."""
    given = {PurePosixPath(path) for path in paths}
    return sorted(str(path) for path in given if given.isdisjoint(path.parents))
