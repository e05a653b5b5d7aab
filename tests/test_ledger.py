"""What was put is kept, whatever becomes of the process, the file or the disk; what cannot be read is refused."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from forked import answer
from hypothesis import given, settings
from hypothesis import strategies as st
from mnist_facts import ENVIRONMENT

from grader.errors import GraderError, UsageError
from grader.ledger import Entry, Kept, Ledger, entry_of, unpacked
from grader.ledger.store import PAGE
from grader.model import Attempt, Check, Environment, Evidence, Grade, Observations, SharedFit, Status

RAW = b'{"ended": "graded"}' * 50
SERVED = SharedFit("ab" * 32, {"loss": (0.5, float("nan"))}, 12.5, "cache")


def grade(student: str, part: str = "part1", score: float = 15.0) -> Grade:
    check = Check("runs", "It runs", score, 20.0, "a", "b", "c", "d", ("look",))
    return Grade(
        student,
        part,
        f"{student}.ipynb",
        Status.GRADED,
        score,
        20.0,
        (check,),
        sha256="12",
        environment=ENVIRONMENT,
    )


def attempt(raw: bytes | None = RAW) -> Attempt:
    nothing = Evidence(Status.GRADED, "", (), Observations(), None, 1.0)
    return Attempt(
        Status.GRADED, "", nothing, b"{}", 41.25, "landlock", "12", ("run again",), raw, (SERVED,)
    )  # fmt: skip


def entry(student: str, part: str = "part1", score: float = 15.0) -> Entry:
    return entry_of(grade(student, part, score), attempt(), "run", "judging")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger.open(path)) as opened:
        yield opened


def reopened(path: Path) -> list[Grade]:
    with closing(Ledger.open(path)) as opened:
        return list(opened.grades())


# --- what is kept ------------------------------------------------------------------------------------------


def test_an_entry_keeps_the_grade_the_attempt_and_the_evidence_as_it_came_out(path: Path) -> None:
    before = datetime.now(UTC)
    with closing(Ledger.open(path)) as first:
        first.put(entry("ann"))
    with closing(Ledger.open(path)) as second:
        found = second.entry("ann", "part1")
        assert second.entry("ann", "part2") is None
        assert second.entry("bob", "part1") is None
    assert found is not None
    assert found.grade == grade("ann")
    assert repr(found.kept) == repr(
        Kept(Status.GRADED, "", 41.25, "landlock", "12", ("run again",), (SERVED,))
    )  # NaN is not equal to itself
    assert found.evidence is not None
    assert len(found.evidence) < len(RAW)
    assert unpacked(found.evidence, len(RAW)) == RAW
    assert (found.run, found.judging) == ("run", "judging")
    assert before <= found.finished <= datetime.now(UTC)
    assert found.finished.tzinfo is UTC


def test_what_never_ran_has_no_attempt_and_a_run_without_evidence_none_of_it(ledger: Ledger) -> None:
    ledger.put(entry_of(grade("ann"), None, "run", "judging"))
    ledger.put(entry_of(grade("bob"), attempt(raw=None), "run", "judging"))
    ann, bob = ledger.entry("ann", "part1"), ledger.entry("bob", "part1")
    assert ann is not None
    assert bob is not None
    assert (ann.kept, ann.evidence) == (None, None)
    assert bob.kept is not None
    assert bob.evidence is None


def test_a_second_put_takes_the_place_of_the_first(ledger: Ledger) -> None:
    ledger.put(entry("ann", score=1.0))
    ledger.put(entry("ann", score=2.0))
    assert list(ledger.grades()) == [grade("ann", score=2.0)]


TEXT = st.text(st.characters(exclude_categories=[]), max_size=8)
CHECK = st.builds(Check, *[TEXT] * 2, *[st.floats()] * 2, *[TEXT] * 4, st.lists(TEXT, max_size=2).map(tuple))
MACHINE = st.builds(
    Environment,
    versions=st.dictionaries(TEXT, TEXT, max_size=2),
    platform=TEXT,
    cpu=TEXT,
    gpu=TEXT,
    threads=st.integers(0, 2**53),
)
GRADE = st.builds(
    Grade,
    student=TEXT.filter(bool),
    part=TEXT,
    notebook=TEXT,
    score=st.none() | st.floats(),
    max_score=st.floats(),
    checks=st.lists(CHECK, max_size=2).map(tuple),
    flags=st.lists(TEXT, max_size=2).map(tuple),
    reason=TEXT,
    message=TEXT,
    seconds=st.floats(),
    trained=TEXT,
    device=TEXT,
    isolation=TEXT,
    sha256=TEXT,
    environment=st.none() | MACHINE,
)
HISTORY = st.dictionaries(TEXT, st.lists(st.floats(), max_size=3).map(tuple), max_size=2)
KEPT = st.builds(
    Kept,
    reason=TEXT,
    seconds=st.floats(),
    isolation=TEXT,
    sha256=TEXT,
    notes=st.lists(TEXT, max_size=2).map(tuple),
    served=st.lists(st.builds(SharedFit, TEXT, HISTORY, st.floats(), TEXT), max_size=2).map(tuple),
)
ENTRY = st.builds(
    Entry,
    GRADE,
    run=st.text("0123456789abcdef", max_size=64),
    judging=st.text("0123456789abcdef", max_size=64),
    kept=st.none() | KEPT,
    evidence=st.none() | st.binary(max_size=50),
    finished=st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(fold=0)),
)


@settings(max_examples=60)
@given(ENTRY)
def test_every_field_comes_back_as_it_was_put(tmp_path_factory: pytest.TempPathFactory, one: Entry) -> None:
    with closing(Ledger.open(tmp_path_factory.getbasetemp() / "any.sqlite", fresh=True)) as opened:
        opened.put(one)
        assert repr(opened.entry(one.grade.student, one.grade.part)) == repr(one)
        assert repr(list(opened.grades())) == repr([one.grade])


def test_grades_come_in_order_of_student_whatever_the_order_of_finishing(ledger: Ledger) -> None:
    names = [f"s{number * 7 % 450}" for number in range(450)] + ["Åsa", "bytes\udcff", "\ue000", "😀", "a b", "A"]
    for name in names:
        ledger.put(entry(name, "part2"))
        ledger.put(entry(name, "part1"))
    assert len(names) > 2 * PAGE
    assert [(one.student, one.part) for one in ledger.grades()] == [
        (name, part) for name in sorted(names) for part in ("part1", "part2")
    ]


def test_grades_can_be_put_while_others_are_read(ledger: Ledger) -> None:
    for number in range(PAGE + 10):
        ledger.put(entry(f"s{number:03}"))
    seen = []
    for one in ledger.grades():
        seen.append(one.student)
        ledger.put(entry(one.student, score=3.0))
    assert seen == [f"s{number:03}" for number in range(PAGE + 10)]
    assert {one.score for one in ledger.grades()} == {3.0}


def test_who_is_not_in_the_class_any_more_is_forgotten(ledger: Ledger) -> None:
    for student in ("ann", "bob", "cem\udcff"):
        ledger.put(entry(student, "part1"))
        ledger.put(entry(student, "part2"))
    ledger.forget_others({("ann", "part1"), ("cem\udcff", "part2"), ("dan", "part1")})
    assert [(one.student, one.part) for one in ledger.grades()] == [("ann", "part1"), ("cem\udcff", "part2")]


def test_many_threads_put_at_once(ledger: Ledger) -> None:
    def work(thread: int) -> None:
        for number in range(40):
            ledger.put(entry(f"{thread}-{number}"))

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.student for one in ledger.grades()} == {f"{a}-{b}" for a in range(4) for b in range(40)}


def test_a_transaction_counts_when_it_is_on_the_disk(ledger: Ledger) -> None:
    """What no test without a power cut can show: SQLite is told so, 2 being FULL."""
    told = [ledger._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert told == ["wal", 2]


# --- a process that is killed ------------------------------------------------------------------------------


def put_until_killed(path: Path, first: int, least: int) -> int:
    """Number of the last put that had returned when the process was killed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        opened = Ledger.open(path)
        for number in range(first, first + 100_000):
            opened.put(entry(f"s{number}"))
            os.write(writing, f"{number}\n".encode())
        os._exit(1)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as told:
        for line in told:
            if int(line) >= first + least:
                os.kill(pid, signal.SIGKILL)
                break
        last = [int(line) for line in told.read().split()]
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    return last[-1] if last else first + least


def test_a_process_that_is_killed_leaves_every_put_that_returned(path: Path) -> None:
    after = 0
    for least in (0, 30, 300):  # at most: before, around and after SQLite moves its log into the file
        after = put_until_killed(path, after, least) + 1
        students = {one.student for one in reopened(path)}
        assert students in ({f"s{number}" for number in range(count)} for count in (after, after + 1))
        after = len(students)


def test_the_lock_goes_with_the_process_even_where_a_child_outlives_it(path: Path) -> None:
    reading, writing = os.pipe()
    grader = os.fork()
    if grader == 0:
        opened = Ledger.open(path)
        opened.put(entry("ann"))
        child = os.fork()
        if child == 0:
            signal.pause()
        os.write(writing, str(child).encode())
        signal.pause()
    child = int(os.read(reading, 20))
    try:
        with pytest.raises(UsageError):
            Ledger.open(path)
        os.kill(grader, signal.SIGKILL)
        os.waitpid(grader, 0)
        os.kill(child, 0)  # raises where it is not alive
        assert reopened(path) == [grade("ann")]
    finally:
        os.kill(child, signal.SIGKILL)
        os.close(reading)
        os.close(writing)


# --- two at once -------------------------------------------------------------------------------------------


def refusal(act: Callable[[], object]) -> list[str]:
    try:
        act()
    except GraderError as error:
        return [type(error).__name__, str(error)]
    return ["no error", ""]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_second_grader_on_the_same_folder_is_refused_and_changes_nothing(
    ledger: Ledger, path: Path, *, fresh: bool
) -> None:
    ledger.put(entry("ann"))
    busy = (
        f"another grader is at work on '{path.parent}': wait until it has ended, or name another folder with --out"
    )
    assert refusal(lambda: Ledger.open(path, fresh=fresh)) == ["UsageError", busy]
    assert answer(lambda: refusal(lambda: Ledger.open(path, fresh=fresh))) == ["UsageError", busy]
    ledger.put(entry("bob"))
    assert list(ledger.grades()) == [grade("ann"), grade("bob")]


def test_the_next_grader_is_let_in_when_the_first_has_closed(path: Path) -> None:
    Ledger.open(path).close()
    assert answer(lambda: refusal(lambda: Ledger.open(path))) == ["no error", ""]


# --- files that are not what they should be ----------------------------------------------------------------


def spoil(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def use(path: Path) -> None:
    with closing(Ledger.open(path)) as opened:
        list(opened.grades())
        opened.entry("ann", "part1")


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "another file": lambda path: path.write_bytes(b"notes on grading\n" * 1000),
    "cut off": lambda path: os.truncate(path, 5000),
    "a page of zeros": lambda path: spoil(path, 4096, bytes(4096)),
    "a page of noise": lambda path: spoil(path, 8192, bytes(range(256)) * 16),
    "no table": lambda path: execute(path, "DROP TABLE grades"),
    "another table": lambda path: execute(path, "DROP TABLE grades", "CREATE TABLE grades (student)"),
    "a grade that is no JSON": lambda path: execute(path, "UPDATE grades SET grade = CAST('{' AS BLOB)"),
    "a grade without a score": lambda path: execute(
        path, "UPDATE grades SET grade = CAST(replace(grade, 'score', 'scare') AS BLOB)"
    ),
    "no grade": lambda path: execute(path, "UPDATE grades SET grade = 7"),
    "an attempt that is a list": lambda path: execute(path, "UPDATE grades SET attempt = CAST('[]' AS BLOB)"),
    "a fingerprint that is no text": lambda path: execute(path, "UPDATE grades SET run = CAST(x'80' AS TEXT)"),
    "no time": lambda path: execute(path, "UPDATE grades SET finished = 'yesterday'"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_refused_and_fresh_starts_over(path: Path, damage: str) -> None:
    with closing(Ledger.open(path)) as opened:
        for student in ("ann", *map(str, range(60))):
            opened.put(entry(student))
    DAMAGE[damage](path)
    said = "is damaged and cannot be read: put a copy of it in its place, or grade everybody again with `--fresh`"
    assert refusal(lambda: use(path)) == ["GraderError", f"'{path}' {said}"]
    with closing(Ledger.open(path, fresh=True)) as fresh:
        assert list(fresh.grades()) == []
        fresh.put(entry("ann"))
    assert reopened(path) == [grade("ann")]


@settings(max_examples=200)
@given(st.integers(0, 100_000), st.binary(min_size=1, max_size=40))
def test_no_damage_makes_it_fail_otherwise(
    tmp_path_factory: pytest.TempPathFactory, offset: int, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "ledger.sqlite"
    with closing(Ledger.open(path)) as opened:
        for student in ("ann", "bob", "cem"):
            opened.put(entry(student))
    spoil(path, offset % path.stat().st_size, data)
    assert refusal(lambda: use(path))[0] in ("no error", "GraderError", "UsageError")


def test_another_format_and_another_program_s_file_are_told_apart(tmp_path: Path) -> None:
    later, foreign = tmp_path / "later.sqlite", tmp_path / "foreign.sqlite"
    Ledger.open(later).close()
    execute(later, "PRAGMA user_version = 7")
    execute(foreign, "CREATE TABLE photos (name)")
    before = foreign.read_bytes()
    said = "go on with the grader that wrote it, or grade everybody again with `--fresh`"
    assert refusal(lambda: Ledger.open(later)) == [
        "UsageError",
        f"'{later}' has format 7, and this grader writes format 1: {said}",
    ]
    assert refusal(lambda: Ledger.open(foreign)) == [
        "UsageError",
        f"'{foreign}' is not a ledger of grader's; name another folder for the results with --out",
    ]
    assert foreign.read_bytes() == before


def test_an_empty_file_is_a_new_ledger(path: Path) -> None:
    path.touch()
    assert reopened(path) == []


def test_a_folder_that_is_not_there_and_one_that_is_in_the_way_are_named(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere" / "ledger.sqlite", tmp_path):
        kind, message = refusal(lambda place=place: Ledger.open(place))  # type: ignore[misc]  # the default is bound
        assert kind == "GraderError"
        assert message.startswith(
            f"'{place}' cannot be opened or made: is its folder there, and may it be written?"
        )


def test_a_file_that_may_not_be_written_is_refused_before_anything_is_graded() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ledger.sqlite")
        Ledger.open(path).close()
        path.chmod(0o444)
        Path(folder).chmod(0o555)

        def as_nobody() -> list[str]:
            if os.geteuid() == 0:
                os.setuid(65534)
            return refusal(lambda: Ledger.open(path))

        kind, message = answer(as_nobody)
        Path(folder).chmod(0o755)
    assert kind == "GraderError"
    assert message.startswith(f"'{path}' cannot be locked: may it be written, and does its file system know locks?")


def test_a_file_that_may_be_written_no_longer_is_said_so(path: Path, ledger: Ledger) -> None:
    ledger.put(entry("ann"))
    ledger._connection.execute("PRAGMA query_only = ON")
    kind, message = refusal(lambda: ledger.put(entry("bob")))
    assert kind == "GraderError"
    assert message == (
        f"'{path}' cannot be written. Allow it, or take another folder with --out; what is finished is kept; then "
        "give the same command again (attempt to write a readonly database)"
    )
    assert list(ledger.grades()) == [grade("ann")]


# --- a disk that is full -----------------------------------------------------------------------------------


def large(student: str) -> Entry:
    return replace(entry(student), evidence=os.urandom(20_000))


def put_until_full(opened: Ledger) -> tuple[list[str], str]:
    done: list[str] = []
    while len(done) < 1000:
        student = f"s{len(done):03}"
        try:
            opened.put(large(student))
        except GraderError as error:
            return done, str(error)
        done.append(student)
    return done, "no error"


def test_a_disk_that_is_full_is_said_so_and_what_is_finished_stays(path: Path, ledger: Ledger) -> None:
    ledger._connection.execute("PRAGMA max_page_count = 100")
    done, message = put_until_full(ledger)
    assert message == (
        f"'{path}' cannot be written: the disk is full. Free some space; what is finished is kept; then give the "
        "same command again (database or disk is full)"
    )
    assert done
    assert [one.student for one in ledger.grades()] == done
    ledger._connection.execute("PRAGMA max_page_count = 1000000")
    ledger.put(large("zoe"))
    ledger.close()
    assert [one.student for one in reopened(path)] == [*done, "zoe"]


@pytest.mark.parametrize("most", [60_000, 300_000, 2_000_000])
def test_a_file_that_may_not_grow_loses_nothing_that_was_put(path: Path, most: int) -> None:
    def fill() -> tuple[list[str], str]:
        opened = Ledger.open(path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        return put_until_full(opened)

    done, message = answer(fill)
    assert message.startswith(
        f"'{path}' cannot be read or written: the disk may be full, or a quota, or broken; what"
    )
    assert done
    assert [one.student for one in reopened(path)] == done


def test_json_of_a_grade_can_be_read_with_the_tools_at_hand(path: Path, ledger: Ledger) -> None:
    ledger.put(entry("zoë"))
    ledger.close()
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT CAST(student AS TEXT), CAST(grade AS TEXT) FROM grades").fetchall()
    assert [(student, json.loads(text)["score"]) for student, text in found] == [("zoë", 15.0)]
