"""Users that are lent to notebooks, the locks that keep graders apart, and the end of whatever a user runs.

Most of it takes root, as the module does; where the tests run as somebody else, these are none.
"""

from __future__ import annotations

import contextlib
import ctypes
import grp
import os
import pwd
import resource
import select
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from forked import answer

from grader.errors import GraderError
from grader.inside.syscalls import call, prctl
from grader.sandbox import uids

ROOT = os.geteuid() == 0
FREE = 61_400 + os.getpid() % 4_000  # two of the range that another run of these tests hardly takes
NEXT = FREE + 1
LONG = 20.0  # seconds after which what is started here ends by itself
CLONE_NEWPID = 0x20000000
PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 15, 36
SHELL = "/bin/sh"

TAKES_ONE = """
import sys
from grader.sandbox import uids
uids.RANGE = eval(sys.argv[1])
with uids.lease() as uid:
    print(uid, flush=True)
    sys.stdin.read()
"""

Test = Callable[..., None]


def as_root(test: Test) -> Test | None:
    return test if ROOT else None


@contextmanager
def range_of(*users: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uids, "RANGE", users)
        yield


@contextmanager
def another_grader(*users: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process with a user of these on lease, and that user."""
    command = [sys.executable, "-c", TAKES_ONE, repr(users)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        yield other, int(other.stdout.readline())
    finally:
        other.stdin.close()
        other.wait(timeout=LONG)
        other.stdout.close()


# --- what a user runs ----------------------------------------------------------------------------------------


def become(uid: int) -> None:
    resource.setrlimit(resource.RLIMIT_NPROC, (30, 30))
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def sleeps(ready: Callable[[], None]) -> None:
    ready()
    time.sleep(LONG)


def forks_on(ready: Callable[[], None]) -> None:
    """One process at a time, never for long under the same number."""
    until = time.monotonic() + LONG
    ready()
    while time.monotonic() < until:
        with contextlib.suppress(BlockingIOError):
            if os.fork():
                return


def forks_as_often_as_it_may(ready: Callable[[], None]) -> None:
    until = time.monotonic() + LONG
    ready()
    while time.monotonic() < until:
        with contextlib.suppress(BlockingIOError):
            os.fork()


def stops_itself(ready: Callable[[], None]) -> None:
    ready()
    os.kill(os.getpid(), signal.SIGSTOP)


def goes_its_own_way(ready: Callable[[], None]) -> None:
    """A daemon that listens to nothing."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    sleeps(ready)


def ends_its_first_thread(ready: Callable[[], None]) -> None:
    threading.Thread(target=sleeps, args=(ready,)).start()
    ctypes.CDLL(None).pthread_exit(None)


WAYS = (sleeps, forks_on, forks_as_often_as_it_may, stops_itself, goes_its_own_way, ends_its_first_thread)


@contextmanager
def running(
    way: Callable[[Callable[[], None]], None], uid: int, before: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """A handle of a process of root's that ends when all that it started has ended."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            prctl(PR_SET_CHILD_SUBREAPER, 1)
            before()
            if os.fork() == 0:
                become(uid)
                way(lambda: _say(writing))
                os._exit(0)
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.wait()
        finally:
            os._exit(0)
    os.close(writing)
    handle = os.pidfd_open(pid)
    try:
        assert os.read(reading, 1) == b"."
        yield handle
    finally:
        uids.end_all(uid)
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(handle)
        os.close(reading)


def _say(writing: int) -> None:
    os.write(writing, b".")


def has_ended(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


@as_root
@pytest.mark.parametrize("way", WAYS)
def test_whatever_a_user_runs_is_ended(way: Callable[[Callable[[], None]], None]) -> None:
    with running(way, FREE) as handle:
        assert not has_ended(handle, 0.1)
        uids.end_all(FREE)
        assert has_ended(handle, 2.0)
    assert uids.processes_of(FREE) == set()


@as_root
@pytest.mark.parametrize("way", [forks_on, ends_its_first_thread])
def test_what_runs_in_a_pid_namespace_of_its_own_is_ended_too(way: Callable[[Callable[[], None]], None]) -> None:
    def nested(ready: Callable[[], None]) -> None:
        if os.fork():
            time.sleep(LONG)  # as pid 1, with whose end all others would end
        way(ready)

    with running(nested, FREE, before=take_pid_namespace) as handle:
        uids.end_all(FREE)
        assert has_ended(handle, 2.0)


def take_pid_namespace() -> None:
    """For the next process that is started."""
    call("unshare", CLONE_NEWPID)


@as_root
def test_other_users_are_left_in_peace() -> None:
    with running(sleeps, FREE), running(sleeps, NEXT) as neighbour:
        uids.end_all(FREE)
        assert not has_ended(neighbour, 0.2)


@as_root
def test_without_a_shell_processes_are_ended_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uids, "KILL_ALL", ("/nowhere/sh",))
    with running(stops_itself, FREE) as handle:
        uids.end_all(FREE)
        assert has_ended(handle, 2.0)


@as_root
def test_a_number_that_has_become_another_users_process_is_not_killed() -> None:
    with running(sleeps, NEXT) as neighbour:
        (pid,) = uids.processes_of(NEXT)
        uids._kill(pid, FREE)
        assert not has_ended(neighbour, 0.2)


@as_root
def test_a_user_with_a_process_that_cannot_be_ended_is_told_and_not_lent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lease_and_leave() -> int:
        with uids.lease() as uid:
            assert uid is not None
            return stack.enter_context(running(sleeps, uid))

    with contextlib.ExitStack() as stack, range_of(FREE):
        with monkeypatch.context() as patch:
            patch.setattr(uids, "PATIENCE", 0.1)
            patch.setattr(uids, "KILL_ALL", ("/bin/true",))
            patch.setattr(uids, "_kill", lambda pid, uid: None)
            with pytest.raises(GraderError, match=rf"processes \[\d+\] of user {FREE}.* cannot be ended"):
                lease_and_leave()
        uids.end_all(FREE)
        with pytest.raises(GraderError, match="are all in use"):
            uids._take()
        uids._give_back(FREE)


@as_root
def test_nothing_outlives_the_lease() -> None:
    with contextlib.ExitStack() as stack, range_of(FREE):
        with uids.lease() as uid:
            assert uid == FREE
            handle = stack.enter_context(running(goes_its_own_way, FREE))
        assert has_ended(handle, 2.0)


# --- leases ------------------------------------------------------------------------------------------------------


@as_root
def test_threads_have_different_users_at_the_same_time() -> None:
    together = threading.Barrier(8, timeout=LONG)

    def take(_: int) -> int | None:
        with uids.lease() as uid:
            together.wait()
            return uid

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(8)))
    assert len(set(taken)) == 8
    assert all(uid in uids.RANGE for uid in taken)


@as_root
def test_graders_have_different_users_at_the_same_time() -> None:
    with another_grader(FREE, NEXT) as (_, theirs), range_of(FREE, NEXT), uids.lease() as ours:
        assert (theirs, ours) == (FREE, NEXT)


@as_root
def test_a_user_that_another_grader_has_is_not_to_be_had_until_that_is_killed() -> None:
    with range_of(FREE), another_grader(FREE) as (other, _):
        with pytest.raises(GraderError, match="are all in use, so a notebook can have none of its own"):
            uids._take()
        other.kill()
        other.wait()
        with uids.lease() as uid:
            assert uid == FREE


@as_root
def test_a_user_is_given_back() -> None:
    with range_of(FREE):
        for _ in range(2):
            with uids.lease() as uid:
                assert uid == FREE
                with pytest.raises(GraderError, match="are all in use"):
                    uids._take()
        with another_grader(FREE) as (_, theirs):
            assert theirs == FREE


@as_root
def test_a_user_is_given_back_when_the_run_fails() -> None:
    with range_of(FREE):
        with contextlib.suppress(KeyboardInterrupt), uids.lease():
            raise KeyboardInterrupt
        with uids.lease() as uid:
            assert uid == FREE


@as_root
def test_what_a_grader_starts_keeps_no_lock_of_its() -> None:
    with range_of(FREE), contextlib.ExitStack() as stack:
        with uids.lease():
            child = stack.enter_context(subprocess.Popen([SHELL, "-c", f"sleep {LONG}"], close_fds=False))
            stack.callback(child.kill)
        with another_grader(FREE) as (_, theirs):
            assert theirs == FREE


@as_root
def test_a_user_who_runs_something_is_passed_over_and_left_to_other_graders() -> None:
    with running(sleeps, FREE) as handle:
        with range_of(FREE, NEXT), uids.lease() as uid:
            assert uid == NEXT
        assert not has_ended(handle, 0.1)
        uids.end_all(FREE)
        with range_of(FREE, NEXT), another_grader(FREE, NEXT) as (_, theirs):
            assert theirs == FREE


@as_root
def test_known_users_and_groups_are_passed_over() -> None:
    users = {person.pw_uid for person in pwd.getpwall()}
    user = max(users)
    group = next(one.gr_gid for one in grp.getgrall() if one.gr_gid not in users)
    with range_of(user, group, FREE):
        taken = uids._take()
        uids._give_back(taken)
    assert taken == FREE


@as_root
def test_numbers_that_the_user_namespace_lacks_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uids, "_numbers", lambda kind: (range(1),))
    with pytest.raises(GraderError, match="do not exist in this user namespace"):
        uids._take()


def test_the_range_is_apart_from_ordinary_users_and_within_a_containers() -> None:
    assert all(1_000 + 60_000 < uid < 65_534 for uid in uids.RANGE)


def test_who_is_not_root_gets_none() -> None:
    def lease() -> list[int | None]:
        if ROOT:
            become(FREE)
        with uids.lease() as uid:
            return [uid]

    assert answer(lease) == [None]


# --- the file of locks -------------------------------------------------------------------------------------------


def link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


def link_to_a_file(path: Path) -> None:
    path.with_name("elsewhere").touch(0o600)
    link(path)


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def file_of_somebody(path: Path) -> None:
    path.touch()
    if ROOT:
        os.chown(path, FREE, FREE)


@pytest.mark.parametrize("make", [link, link_to_a_file, folder, pipe, file_of_somebody])
@pytest.mark.parametrize("place", ["LOCKS", "SPARE_LOCKS"])
def test_locks_are_kept_in_a_file_of_roots_only(
    make: Callable[[Path], None], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uids, "LOCKS", tmp_path / "none" / "locks")
    monkeypatch.setattr(uids, place, tmp_path / "locks")
    make(tmp_path / "locks")
    with pytest.raises(GraderError) as refused:
        uids._locks.__wrapped__()
    assert str(refused.value).startswith(f"'{tmp_path}/locks', where graders note which users they lend")
    assert str(refused.value).endswith("Remove it, or start the grader as an ordinary user.")
    assert make is not link or not (tmp_path / "elsewhere").exists()


@as_root
@pytest.mark.parametrize(("first", "made"), [("first", "first"), ("none/first", "spare")])
def test_locks_are_roots_alone_and_have_a_second_place(
    first: str, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uids, "LOCKS", tmp_path / first)
    monkeypatch.setattr(uids, "SPARE_LOCKS", tmp_path / "spare")
    descriptor = uids._locks.__wrapped__()
    try:
        assert [path.name for path in tmp_path.iterdir()] == [made]
        assert stat.S_IMODE(os.fstat(descriptor).st_mode) == 0o600
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)


# --- counting ----------------------------------------------------------------------------------------------------


def starts_threads(ready: Callable[[], None]) -> None:
    for _ in range(3):
        threading.Thread(target=time.sleep, args=(LONG,), daemon=True).start()
    sleeps(ready)


@as_root
def test_threads_are_counted_over_all_processes_of_a_user() -> None:
    assert uids.threads_of(FREE) == 0
    with running(starts_threads, FREE), running(sleeps, FREE):
        assert uids.threads_of(FREE) == 4 + 1
        assert len(uids.processes_of(FREE)) == 2


def test_a_process_that_has_ended_runs_no_more_even_if_nobody_has_asked_how() -> None:
    with subprocess.Popen([SHELL, "-c", f"sleep {LONG}"]) as child:
        assert child.pid in uids.processes_of(os.getuid())
        handle = os.pidfd_open(child.pid)
        child.kill()
        assert has_ended(handle, 2.0)
        os.close(handle)
        assert child.pid not in uids.processes_of(os.getuid())


def test_a_name_made_to_look_like_facts_changes_nothing() -> None:
    def facts() -> list[object]:
        seen: list[object] = []
        for name in (b"\x0cUid:\t0 0 0", b"\nThreads:\t9", b"\xff\xe2\x80\xa8Uid:\t7", b"\\n:\t"):
            prctl(PR_SET_NAME, name)
            process = uids._process(os.getpid())
            seen.append([process.users, process.threads, process.ended])
        return seen

    users = [*os.getresuid(), os.geteuid()]
    assert answer(facts) == [[users, 1, False]] * 4


def test_a_notebook_may_have_more_threads_where_there_are_more_cores() -> None:
    assert [uids.allowance(256, cores) for cores in (1, 2, 64)] == [288, 320, 2304]
