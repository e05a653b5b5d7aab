"""What processes hold, counted in real ones."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from forked import answer, waiting

from grader.inside import usage

MIB = 1024**2
NOBODY = 65534
PR_SET_DUMPABLE = 4


def below(root: int) -> list[usage.Process]:
    return usage.descendants(root)


def fill(size: int) -> mmap.mmap:
    """Shared, anonymous and written to, so that it is there before and after a fork."""
    held = mmap.mmap(-1, size)
    for offset in range(0, size, usage.PAGE):
        held[offset] = 1
    return held


def test_children_of_children_and_their_threads_are_found(tmp_path: Path) -> None:
    program = tmp_path / "a ) (name"  # a program's name stands in brackets in /proc
    program.symlink_to(sys.executable)
    threads = "import threading, time; [threading.Thread(target=time.sleep, args=(60,)).start() for _ in range(3)]"
    parent = f"import subprocess; subprocess.Popen([{str(program)!r}, '-c', {threads!r}]).wait()"
    with subprocess.Popen([sys.executable, "-c", parent]) as started:
        try:
            until = time.monotonic() + 20.0
            while sum(process.threads for process in below(started.pid)) < 4:
                assert time.monotonic() < until
                time.sleep(0.05)
            found = [(process.parent, process.threads, process.ended) for process in below(started.pid)]
            assert found == [(started.pid, 4, False)]
            assert started.pid in {process.pid for process in below(os.getpid())}
        finally:
            for process in below(started.pid):
                os.kill(process.pid, signal.SIGKILL)
            started.kill()


def test_a_process_that_has_ended_counts_until_it_is_collected() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    mine = [process for process in below(os.getpid()) if process.pid == pid]
    assert [process.ended for process in mine] == [True]
    os.waitpid(pid, 0)
    assert pid not in {process.pid for process in below(os.getpid())}


def test_a_process_without_its_first_thread_lives_and_holds_its_memory() -> None:
    sys_exit = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
    program = (
        "import ctypes, threading, time\n"
        f"held = bytearray(b'x') * {100 * MIB}\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        f"ctypes.CDLL(None).syscall({sys_exit}, 0)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as started:
        try:
            until = time.monotonic() + 20.0
            while "Z (zombie)" not in Path(f"/proc/{started.pid}/status").read_text("utf-8"):
                assert time.monotonic() < until
                time.sleep(0.05)
            mine = [process for process in below(os.getpid()) if process.pid == started.pid]
            assert [(process.ended, process.threads) for process in mine] == [(False, 2)]
            assert usage.memory_exceeds(mine, 90 * MIB)
            assert not usage.memory_exceeds(mine, 900 * MIB)
            assert (mine[0].pid, mine[0].seen) == (started.pid, thread_of(started.pid))
        finally:
            started.kill()


def thread_of(pid: int) -> int:
    """The one that is not the first."""
    return next(int(task.name) for task in Path(f"/proc/{pid}/task").iterdir() if int(task.name) != pid)


def test_memory_that_processes_share_is_counted_once() -> None:
    held = fill(64 * MIB)
    try:
        with waiting(lambda: held.find(b"\2")) as one, waiting(lambda: held.find(b"\2")) as two:
            both = [process for process in below(os.getpid()) if process.pid in (one, two)]
            resident = sum(process.resident for process in both)
            assert resident > 128 * MIB
            assert not usage.memory_exceeds(
                both, resident * 6 // 10
            )  # two thirds of what three share, and little else
    finally:
        held.close()


def test_memory_that_each_has_for_itself_adds_up() -> None:
    def hold() -> None:
        globals()["HELD"] = bytearray(os.urandom(1)) * (48 * MIB)

    with waiting(hold) as one, waiting(hold) as two:
        both = [process for process in below(os.getpid()) if process.pid in (one, two)]
        assert usage.memory_exceeds(both, 90 * MIB)
        assert not usage.memory_exceeds(both, 2000 * MIB)


def test_a_process_that_hides_its_memory_counts_as_over_the_limit() -> None:
    def judged_by_an_ordinary_user() -> int:
        if os.geteuid() == 0:  # root may look into every process
            os.setresuid(NOBODY, NOBODY, NOBODY)
        with waiting(lambda: ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0) or None) as hidden:
            mine = [process for process in below(os.getpid()) if process.pid == hidden]
            return int(usage.memory_exceeds(mine, mine[0].resident - 1))

    pid = os.fork()
    if pid == 0:
        os._exit(judged_by_an_ordinary_user())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def test_page_tables_count_though_hardly_a_page_is_resident() -> None:
    def touch() -> None:
        private, anonymous, no_huge_pages = 2, 0x20, 15
        libc = ctypes.CDLL(None)
        libc.mmap.restype, libc.mmap.argtypes = (
            ctypes.c_void_p,
            [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 4],
        )
        size = 20 * 1024**3
        start = libc.mmap(None, size, mmap.PROT_READ, private | anonymous, -1, 0)
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), no_huge_pages)
        for offset in range(0, size, 2 * MIB):  # all show the same page of zeros, each by a table of its own
            ctypes.c_ubyte.from_address(start + offset).value  # noqa: B018 - reading is what it is for

    with waiting(touch) as pid:
        mine = usage.process(pid)
        assert usage.memory_exceeds([mine], mine.resident + 30 * MIB)
        assert not usage.memory_exceeds([mine], mine.resident + 60 * MIB)


def test_a_process_that_maps_so_much_that_counting_takes_long_is_over_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = usage.process(os.getpid())
    limit = mine.resident  # with its tables it is over, and what it shares with nobody is not
    monkeypatch.setattr(usage, "_proportional", lambda *_, **__: 0)
    assert not usage.memory_exceeds([mine], limit)
    monkeypatch.setattr(usage, "_tables", lambda _: limit // 30)
    assert usage.memory_exceeds([mine], limit)
    monkeypatch.setattr(usage, "_tables", lambda _: limit // 1000)
    monkeypatch.setattr(usage, "COUNTING", 0.0)
    assert usage.memory_exceeds([mine], limit)


def test_counting_memory_ends_when_there_is_something_else_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = usage.process(os.getpid())
    assert usage.memory_exceeds([mine], limit=1, hurry=lambda: False)
    monkeypatch.setattr(usage, "_tables", lambda _: 0)
    assert not usage.memory_exceeds([mine], limit=1, hurry=lambda: True)


def test_a_process_that_has_ended_meanwhile_holds_nothing() -> None:
    gone = usage.Process(pid=2**30, parent=1, ended=False, threads=1, resident=4096, seen=2**30, began=0)
    assert not usage.memory_exceeds([gone], limit=100)


def test_sockets_of_a_network_namespace_are_counted() -> None:
    def counted() -> int:
        before = usage.sockets_of_namespace()
        held = [socket.socketpair() for _ in range(50)]
        return usage.sockets_of_namespace() - before + 0 * len(held)

    assert answer(counted) >= 90  # others may close some of theirs meanwhile
