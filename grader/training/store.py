"""Results of trainings on disk, for later runs and other ones at the same time.

A result lies under the key of its training and the SHA-256 of its own bytes: what was damaged does not bear out
its name, is dropped, and trained again. Files appear whole or not at all, and whoever finds one gone just has no
result; so no two runs need to know of each other. What was not asked for the longest goes first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from grader import durable
from grader.errors import UsageError

FOLDER = Path("~/.cache/grader/fits")
MOST = 4 * 1024**3  # bytes; a result of the shipped assignment has 14 MB
BLOCK = 1024**2  # bytes
ABANDONED = 3600.0  # seconds after which a file that was being written is nobody's
_NAME = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{64}")
_PART = re.compile(r"\.[0-9a-f]+\.part")  # as `durable.replacing` calls them


@dataclass(frozen=True, slots=True)
class Facts:
    """What the folder holds; `bytes` of at `most` so many."""

    folder: Path
    count: int
    bytes: int
    most: int


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    used: float  # seconds since the epoch


class Store:
    """`most` bytes of results in a folder that nobody else may write to. Raises UsageError where somebody may."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._folder = folder.expanduser()
        self._most = most
        if trouble := self._trouble():
            raise UsageError(trouble)

    def get(self, key: str) -> BinaryIO | None:
        """A checked result, open at its beginning; the caller closes it."""
        for path in self._of(key):
            with contextlib.suppress(OSError), ExitStack() as stack:
                file = stack.enter_context(path.open("rb"))
                if path.name == f"{key}.{_sha256(file)}":
                    os.utime(path)
                    stack.pop_all()
                    return file
                path.unlink()
        return None

    def put(self, key: str, source: IO[bytes]) -> None:
        """Keep all of an open file, if there is room; a result that cannot be kept is only slower to get.

        Where the file stands does not matter, and is not changed: others may read it at the same time.
        """
        with contextlib.suppress(OSError):
            if os.fstat(source.fileno()).st_size > self._most:
                return
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._trouble():
                return
            with durable.replacing(self._folder / f"{key}.{_sha256(source)}") as file:
                os.fchmod(file.fileno(), 0o600)
                for block in _blocks(source):
                    file.write(block)
        self._make_room()

    def drop(self, key: str) -> None:
        """Forget what bears out its name and is no result all the same."""
        for path in self._of(key):
            _remove(path)

    def show(self) -> Facts:
        files = [file for file in self._files() if _NAME.fullmatch(file.path.name)]
        return Facts(self._folder, len(files), sum(file.size for file in files), self._most)

    def clear(self) -> Facts:
        """Remove all results; what there was."""
        before = self.show()
        for file in self._files():
            _remove(file.path)
        return before

    def _of(self, key: str) -> list[Path]:
        """As a rule one; two runs that trained the same at the same time measured different seconds."""
        return [file.path for file in self._files() if file.path.name.startswith(f"{key}.")]

    def _make_room(self) -> None:
        """A file that somebody may still be writing takes room, and stays."""
        now, room = time.time(), self._most
        for file in sorted(self._files(), key=lambda file: file.used, reverse=True):
            unwanted = file.used < now - ABANDONED if _PART.fullmatch(file.path.name) else file.size > room
            if unwanted:
                _remove(file.path)
            else:
                room -= file.size

    def _files(self) -> Iterator[_File]:
        """Those that a store has written, and no other that may lie there."""
        try:
            entries = [] if self._trouble() else list(os.scandir(self._folder))
        except OSError:
            return
        for entry in entries:
            with contextlib.suppress(OSError):  # it has gone meanwhile
                facts = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(facts.st_mode) and (_NAME.fullmatch(entry.name) or _PART.fullmatch(entry.name)):
                    yield _File(Path(entry.path), facts.st_size, facts.st_mtime)

    def _trouble(self) -> str:
        """Who can write here can say what a training gave, and by that students are graded."""
        try:
            facts = self._folder.stat()
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"the cache '{self._folder}' cannot be used: {error.strerror}; name another one with --cache"
        if not stat.S_ISDIR(facts.st_mode):
            return f"the cache '{self._folder}' is not a folder; name another one with --cache"
        if facts.st_uid != os.geteuid():
            return f"the cache '{self._folder}' belongs to another user; name another one with --cache"
        if facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return (
                f"the cache '{self._folder}' may be written to by other users; take that right from them, and "
                "remove what lies in it, or name another one with --cache"
            )
        return ""


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    place = 0
    while block := os.pread(file.fileno(), BLOCK, place):
        yield block
        place += len(block)


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for block in _blocks(file):
        digest.update(block)
    return digest.hexdigest()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
