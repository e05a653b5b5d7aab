"""The file: a table of one row a student and part."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from grader.errors import UsageError
from grader.ledger.entry import Entry, as_bytes, from_row, stored_grade, to_row
from grader.ledger.trouble import busy, damaged, explained, kind_of
from grader.model import Grade

FORMAT = 1  # of the tables and of what is in them; other formats are not read
APPLICATION = 0x47524144  # "GRAD": tells our file from other people's databases
PAGE = 200  # grades that are in memory at a time while the ledger is gone through

TABLE = """
CREATE TABLE grades (
    student BLOB NOT NULL,
    part BLOB NOT NULL,
    run TEXT NOT NULL,
    judging TEXT NOT NULL,
    finished TEXT NOT NULL,
    grade BLOB NOT NULL,
    attempt BLOB,
    evidence BLOB,
    PRIMARY KEY (student, part)
)
"""

Key = tuple[str, str]  # student and part
Decoded = TypeVar("Decoded")


class Ledger:
    """An open ledger, which any thread of this process may use. `UsageError` where somebody else has it open."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._turn = threading.Lock()

    @classmethod
    def open(cls, path: Path, *, fresh: bool = False) -> Ledger:
        """Open the file, or make it; `fresh` forgets what it holds, whatever that is. The folder must exist."""
        with explained(path):
            if fresh:
                _remove(path)
            connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                _lock(connection)
                _check(connection, path)
                _write_ahead(connection)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def close(self) -> None:
        with self._turn, explained(self._path):
            self._connection.close()

    def put(self, entry: Entry) -> None:
        """Keep it, in the place of an earlier one for the same student and part; it is on the disk on return."""
        row = to_row(entry)
        with self._using() as connection:
            connection.execute("INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def entry(self, student: str, part: str) -> Entry | None:
        key = (as_bytes(student), as_bytes(part))
        found = self._rows("SELECT * FROM grades WHERE student = ? AND part = ?", key)
        return self._decoded(from_row, found[0]) if found else None

    def grades(self) -> Iterator[Grade]:
        """All of them, in order of student, some in memory at a time; what is put meanwhile may be among them."""
        last: tuple[bytes, bytes] = (b"", b"")  # before all keys: students have names
        query = "SELECT student, part, grade FROM grades WHERE (student, part) > (?, ?) ORDER BY 1, 2 LIMIT ?"
        while rows := self._rows(query, (*last, PAGE)):
            for student, part, grade in rows:
                last = student, part
                yield self._decoded(stored_grade, grade)

    def forget_others(self, known: Collection[Key]) -> None:
        """Drop the grades of who is not among these any more."""
        keys = {(as_bytes(student), as_bytes(part)) for student, part in known}
        gone = [key for key in self._rows("SELECT student, part FROM grades", ()) if key not in keys]
        with self._using() as connection:
            connection.execute("BEGIN")
            try:
                connection.executemany("DELETE FROM grades WHERE student = ? AND part = ?", gone)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself gives up what a full disk interrupts
                    connection.execute("ROLLBACK")
                raise

    def _decoded(self, decode: Callable[[Any], Decoded], stored: Any) -> Decoded:
        try:
            return decode(stored)
        except (ValueError, TypeError, AttributeError) as error:  # what damage may have made of a row
            raise damaged(self._path) from error

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        with self._using() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._turn, explained(self._path):
            yield self._connection


def _lock(connection: sqlite3.Connection) -> None:
    """For as long as it is open."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Every transaction is on the disk before it counts."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS leaves data in the disk's own cache otherwise


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Make the table in an empty file; refuse what is not ours, of another format, or damaged."""
    version, application, tables = (
        connection.execute(query).fetchone()[0]
        for query in ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_schema")
    )
    if (version, application, tables) == (0, 0, 0):
        connection.executescript(
            f"BEGIN; {TABLE}; PRAGMA user_version = {FORMAT}; PRAGMA application_id = {APPLICATION}; COMMIT;"
        )
    elif application != APPLICATION:
        raise UsageError(f"'{path}' is not a ledger of grader's; name another folder for the results with --out")
    elif version != FORMAT:
        raise UsageError(
            f"'{path}' has format {version}, and this grader writes format {FORMAT}: go on with the grader that "
            "wrote it, or grade everybody again with `--fresh`"
        )
    elif connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise damaged(path)


def _remove(path: Path) -> None:
    """Whatever the file is, unless a grader is at work on it."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            _lock(connection)
        except sqlite3.Error as error:
            if kind_of(error) == sqlite3.SQLITE_BUSY:
                raise busy(path) from error
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
