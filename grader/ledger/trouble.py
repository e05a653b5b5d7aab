"""What SQLite's errors mean to the person who runs the grader."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import GraderError, UsageError, refused

AFTERWARDS = "what is finished is kept; then give the same command again"
TROUBLE = {
    sqlite3.SQLITE_FULL: f"cannot be written: the disk is full. Free some space; {AFTERWARDS}",
    sqlite3.SQLITE_IOERR: f"cannot be read or written: the disk may be full, or a quota, or broken; {AFTERWARDS}",
    sqlite3.SQLITE_READONLY: f"cannot be written. Allow it, or take another folder with --out; {AFTERWARDS}",
    sqlite3.SQLITE_PERM: f"cannot be used. Allow it, or take another folder with --out; {AFTERWARDS}",
    sqlite3.SQLITE_IOERR_LOCK: "cannot be locked: may it be written, and does its file system know locks?",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened or made: is its folder there, and may it be written?",
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """SQLite's errors, and the file system's, in words for the person who runs the grader."""
    try:
        yield
    except sqlite3.Error as error:
        kind = kind_of(error)
        if isinstance(error, sqlite3.ProgrammingError):  # a fault of ours: a ledger that is closed, say
            raise
        if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise busy(path) from error
        said = TROUBLE.get(getattr(error, "sqlite_errorcode", kind), TROUBLE.get(kind))
        raise (GraderError(f"'{path}' {said} ({error})") if said else damaged(path)) from error
    except UnicodeDecodeError as error:  # SQLite quotes the damaged text, and Python stumbles over it
        raise damaged(path) from error
    except OSError as error:
        raise GraderError(refused(error, path)) from error


def kind_of(error: sqlite3.Error) -> int:
    """SQLite's primary code; that of damage where SQLite has none, but Python could not read what it gave."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF


def busy(path: Path) -> UsageError:
    return UsageError(
        f"another grader is at work on '{path.parent}': wait until it has ended, or name another folder with --out"
    )


def damaged(path: Path) -> GraderError:
    return GraderError(
        f"'{path}' is damaged and cannot be read: put a copy of it in its place, or grade everybody again with "
        "`--fresh`"
    )
