"""A submission's scratch folder: its notebook, the listed data, and a home of its own."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import IO

from grader.linux import fcntl

NOT_A_FILE = {
    errno.ELOOP: "a symbolic link",
    errno.ENXIO: "a socket or a pipe",
    errno.ENODEV: "a device",
}  # what opening says of things that are no files
PREFIX = "grader-run-"
YOUNG = 60.0  # seconds in which a folder may have been made, but not locked yet
BLOCK = 1024**2  # bytes
# No system has all of these; Windows has only the last, which keeps it from changing what it reads.
WARILY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
MAX_FOLDER = 60  # bytes; a socket's path has 108 at most
MAX_NOTEBOOK = 256 * 1024**2  # bytes


class NotAFileError(Exception):
    """What was handed in is no regular file, or too large; the message is for the student."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder with `work`, `home`, `tmp`, `run`, and `stage`, where namespaces build what they show."""
    clear_abandoned()
    root = Path(mkdtemp(prefix=PREFIX, dir=_short()))
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # until it ends with the process: what is not locked is abandoned
        for name in ("work", "home", "tmp", "run", "stage"):
            (root / name).mkdir(mode=0o700)
        yield root
    finally:
        _remove(root)
        os.close(descriptor)


def clear_abandoned() -> None:
    """Remove the scratch folders of graders that were killed before they could."""
    for root in Path(_short()).glob(f"{PREFIX}*"):
        try:
            descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue  # another user's, or gone
        with _closing(descriptor), contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - os.fstat(descriptor).st_ctime > YOUNG:
                _remove(root)


def _short() -> str:
    """The folder for temporary files, unless its name is too long for the kernel's sockets to lie below it."""
    usual = gettempdir()
    return usual if len(os.fsencode(usual)) <= MAX_FOLDER else "/tmp"  # noqa: S108 - mkdtemp makes it safe


def give(root: Path, uid: int | None) -> None:
    """Make the scratch folder another user's."""
    if uid is not None:
        for folder, names, files in os.walk(root):
            for name in (".", *names, *files):
                os.chown(Path(folder, name), uid, uid, follow_symlinks=False)


def _remove(root: Path) -> None:
    """Whatever a notebook has made there, folders nested deeper than Python's own removal can follow too.

    Root needs no permissions, and must not change any: `chmod` follows links that are put in its way.
    """
    if os.name != "posix":
        shutil.rmtree(root, ignore_errors=True)
        return
    opening = [] if os.geteuid() == 0 else [["chmod", "-R", "u+rwX", str(root)]]
    for command in (*opening, ["rm", "-rf", "--", str(root)]):
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def copy_notebook(source: Path, copy: IO[bytes]) -> str:
    """Copy a file that somebody handed in, never through a link, never a device or a pipe; its SHA-256."""
    with _closing(_open_notebook(source)) as descriptor:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise NotAFileError(f"'{source.name}' is not a regular file; hand in the notebook itself")
        if facts.st_size > MAX_NOTEBOOK:
            raise NotAFileError(f"'{source.name}' has more than {MAX_NOTEBOOK // 1024**2} MiB")
        digest = hashlib.sha256()
        while block := os.read(descriptor, BLOCK):
            digest.update(block)
            copy.write(block)
    copy.seek(0)  # which also writes out what is still held back
    return digest.hexdigest()


def _open_notebook(source: Path) -> int:
    """Looked at before it is opened, since opening alone makes some devices do something."""
    mode = source.lstat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
        raise NotAFileError(f"'{source.name}' is not a regular file; hand in the notebook itself")
    try:
        return os.open(source, os.O_RDONLY | WARILY)
    except OSError as error:
        if error.errno not in NOT_A_FILE:
            raise  # a full table of files, a lost network drive: our trouble
        kind = NOT_A_FILE[error.errno]
        raise NotAFileError(f"'{source.name}' is {kind}; hand in the notebook itself") from None


def place_data(datasets: Mapping[str, Path], folder: Path) -> None:
    """Copies, so that a notebook that changes its data changes only its own."""
    for name, source in datasets.items():
        destination = folder / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, destination)


def read_bounded(stream: IO[bytes], limit: int) -> bytes | None:
    """What code inside has written into an open file of ours: at most `limit` bytes, or None."""
    size = os.fstat(stream.fileno()).st_size
    if size == 0 or size > limit:
        return None
    stream.seek(0)
    return stream.read(size)


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    """A folder's descriptor cannot be made a stream, which would close it."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)
