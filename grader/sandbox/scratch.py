"""A submission's scratch folder: its notebook, the listed data, and a home of its own."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MAX_NOTEBOOK = 256 * 1024**2  # bytes


class NotAFileError(Exception):
    """What was handed in is no regular file, or too large; the message is for the student."""


@contextmanager
def scratch() -> Iterator[Path]:
    with TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        for name in ("work", "home", "tmp", "out"):
            (root / name).mkdir(mode=0o700)
        yield root


def place_notebook(source: Path, destination: Path) -> None:
    """Copy a file that somebody handed in: never through a link, never a device or a pipe."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NotAFileError(f"'{source.name}' cannot be opened as a file: {error.strerror}") from None
    with _closing(descriptor):
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise NotAFileError(f"'{source.name}' is not a regular file")
        if facts.st_size > MAX_NOTEBOOK:
            raise NotAFileError(f"'{source.name}' has more than {MAX_NOTEBOOK // 1024**2} MiB")
        with os.fdopen(descriptor, "rb", closefd=False) as stream, destination.open("wb") as copy:
            shutil.copyfileobj(stream, copy)


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
    except OSError:
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
