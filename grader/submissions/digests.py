"""The SHA-256 of a notebook that may be anything: only regular files are opened, and no link is followed."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from grader.submissions.listing import shown

LARGEST: Final = 256 * 2**20
"""Bytes of a notebook that are still hashed; a sparse file could keep a whole class waiting."""

_KINDS: Final = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def digest(path: Path, folder: Path) -> tuple[str, str]:
    """SHA-256 of a regular file, or the reason why there is none."""
    try:
        fault = _fault(path.lstat())
        if fault:
            return "", f"{shown(path, folder)} {fault}"
        return _sha256(path), ""
    except OSError as error:
        return "", f"{shown(path, folder)} cannot be read ({error.strerror}); expected a notebook"


def small(path: Path, most: int) -> bytes | None:
    """What a regular file of `most` bytes at most holds; None for anything else, and for what cannot be read."""
    try:
        descriptor = _opened(path)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = file.read(most + 1)
    except OSError:
        return None
    return data if len(data) <= most else None


def _fault(status: os.stat_result) -> str:
    """Why it is not read; empty where it is."""
    if not stat.S_ISREG(status.st_mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(status.st_mode)), "not a file")
        return f"is {kind}; expected a regular file"
    if status.st_size > LARGEST:
        return f"holds {status.st_size:,} bytes; expected {LARGEST:,} at most"
    return ""


def _sha256(path: Path) -> str:
    """OSError where the file was swapped for a link, a pipe or a device since it was looked at."""
    descriptor = _opened(path)
    with os.fdopen(descriptor, "rb") as file:
        if _fault(os.fstat(descriptor)):
            raise OSError(errno.ESTALE, "it is being changed")
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opened(path: Path) -> int:
    # Windows, where `check` runs too, has only the last of these flags, under another name and by default.
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    return os.open(path, os.O_RDONLY | sum(flags))
