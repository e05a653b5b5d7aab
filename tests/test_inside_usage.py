"""What processes and folders hold, counted in real ones."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.inside import usage

MIB = 1024**2
NOBODY = 65534
PR_SET_DUMPABLE = 4


@contextmanager
def forked(work: Callable[[], object]) -> Iterator[int]:
    """A child that has done `work` and waits; its pid."""
    ready, done = os.pipe()
    pid = os.fork()
    if pid == 0:
        held = work()
        os.write(done, b"x")
        signal.pause()
        os._exit(0 if held is None else 1)
    os.close(done)
    try:
        assert os.read(ready, 1) == b"x"
        yield pid
    finally:
        os.close(ready)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


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
        finally:
            started.kill()


def test_memory_that_processes_share_is_counted_once() -> None:
    held = fill(64 * MIB)
    try:
        with forked(lambda: held.find(b"\2")) as one, forked(lambda: held.find(b"\2")) as two:
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

    with forked(hold) as one, forked(hold) as two:
        both = [process for process in below(os.getpid()) if process.pid in (one, two)]
        assert usage.memory_exceeds(both, 90 * MIB)
        assert not usage.memory_exceeds(both, 2000 * MIB)


def test_a_process_that_hides_its_memory_counts_as_over_the_limit() -> None:
    def judged_by_an_ordinary_user() -> int:
        if os.geteuid() == 0:  # root may look into every process
            os.setresuid(NOBODY, NOBODY, NOBODY)
        with forked(lambda: ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0) or None) as hidden:
            mine = [process for process in below(os.getpid()) if process.pid == hidden]
            return int(usage.memory_exceeds(mine, mine[0].resident - 1))

    pid = os.fork()
    if pid == 0:
        os._exit(judged_by_an_ordinary_user())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def test_room_of_a_folder_counts_blocks_that_are_there_and_every_name(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "data").write_bytes(os.urandom(MIB))
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(1024**3)
    (tmp_path / "link").symlink_to("/usr")
    room = usage.room_of_folder(str(tmp_path), most_files=100)
    assert room.files == 5
    assert MIB <= room.bytes < 2 * MIB


def test_counting_a_folder_ends_soon_after_the_most_files(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / str(number)).touch()
    assert usage.room_of_folder(str(tmp_path), most_files=10).files == 11


def test_a_folder_deeper_than_a_path_can_be_long_counts_as_too_many_files(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(30):
            os.mkdir("d" * 200)  # noqa: PTH102 - relative, below what a path could name
            os.chdir("d" * 200)
    finally:
        os.chdir(before)
    assert usage.room_of_folder(str(tmp_path), most_files=1000).files == 1001
    subprocess.run(["rm", "-rf", str(tmp_path / ("d" * 200))], check=True)


def test_a_file_without_a_name_is_found_while_somebody_has_it_open(tmp_path: Path) -> None:
    def hold() -> None:
        path = tmp_path / "gone"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        os.write(descriptor, os.urandom(MIB))
        os.dup(descriptor)  # the same file, to be counted once
        path.unlink()

    with forked(hold) as pid:
        mine = [process for process in below(os.getpid()) if process.pid == pid]
        assert MIB <= usage.unlinked(mine) < 2 * MIB
