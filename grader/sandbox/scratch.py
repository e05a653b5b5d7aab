"""A submission's scratch folder: its notebook, the listed data, and a home of its own."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

NOT_A_FILE = {
    errno.ELOOP: "a symbolic link",
    errno.ENXIO: "a socket or a pipe",
    errno.ENODEV: "a device",
}  # what opening says of things that are no files
MAX_NOTEBOOK = 256 * 1024**2  # bytes


class NotAFileError(Exception):
    """What was handed in is no regular file, or too large; the message is for the student."""


@contextmanager
def scratch() -> Iterator[Path]:
    root = Path(mkdtemp(prefix="grader-"))
    try:
        for name in ("work", "home", "tmp", "out"):
            (root / name).mkdir(mode=0o700)
        yield root
    finally:
        _remove(root)


def _remove(root: Path) -> None:
    """Whatever a notebook has made there, folders nested deeper than Python's own removal can follow too."""
    if os.name == "posix":
        for command in (["chmod", "-R", "u+rwX", str(root)], ["rm", "-rf", "--", str(root)]):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    else:
        shutil.rmtree(root, ignore_errors=True)


def place_notebook(source: Path, destination: Path) -> str:
    """Copy a file that somebody handed in, never through a link, never a device or a pipe; its SHA-256."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in NOT_A_FILE:
            raise  # a full table of files, a lost network drive: our trouble
        kind = NOT_A_FILE[error.errno]
        raise NotAFileError(f"'{source.name}' is {kind}; hand in the notebook itself") from None
    with _closing(descriptor):
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise NotAFileError(f"'{source.name}' is not a regular file; hand in the notebook itself")
        if facts.st_size > MAX_NOTEBOOK:
            raise NotAFileError(f"'{source.name}' has more than {MAX_NOTEBOOK // 1024**2} MiB")
        with os.fdopen(descriptor, "rb", closefd=False) as stream, destination.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
    with destination.open("rb") as copied:
        return hashlib.file_digest(copied, "sha256").hexdigest()


def place_data(datasets: Mapping[str, Path], folder: Path) -> dict[str, str]:
    """Copies, so that a notebook that changes its data changes only its own."""
    placed = {}
    for name, source in datasets.items():
        destination = folder / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, destination)
        placed[name] = str(destination)
    return placed


def read_bounded(path: Path, limit: int) -> bytes | None:
    """A regular file of at most `limit` bytes that code inside has written; None for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in {*NOT_A_FILE, errno.ENOENT, errno.ENOTDIR}:
            raise
        return None
    with _closing(descriptor):
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > limit:
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(limit)


@contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    """A folder's descriptor cannot be made a stream, which would close it."""
    try:
        yield
    finally:
        os.close(descriptor)
