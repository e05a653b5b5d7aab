"""What files take up, counted in real folders and in what real processes hold."""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import subprocess
from pathlib import Path

import pytest
from forked import answer, waiting

from grader.inside import room, usage

MIB = 1024**2
STRANGER = 54_321  # a uid that nobody has
PR_SET_DUMPABLE = 4


def test_room_of_a_folder_counts_blocks_that_are_there_and_every_name(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "data").write_bytes(os.urandom(MIB))
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(1024**3)
    (tmp_path / "link").symlink_to("/usr")
    found = room.of_folder(str(tmp_path), most_files=100)
    assert found.files == 5
    assert MIB <= found.bytes < 2 * MIB


def test_counting_a_folder_ends_soon_after_the_most_files(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / str(number)).touch()
    assert room.of_folder(str(tmp_path), most_files=10).files == 11


def test_a_folder_deeper_than_a_path_can_be_long_counts_as_too_many_files(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(30):
            os.mkdir("d" * 200)  # noqa: PTH102 - relative, below what a path could name
            os.chdir("d" * 200)
    finally:
        os.chdir(before)
    assert room.of_folder(str(tmp_path), most_files=1000).files == 1001
    subprocess.run(["rm", "-rf", str(tmp_path / ("d" * 200))], check=True)


def test_a_folder_that_cannot_be_listed_counts_as_too_many_files(tmp_path: Path) -> None:
    def counted() -> int:
        os.chdir(tmp_path)
        if os.geteuid() == 0:  # root may list every folder
            os.chown(tmp_path, STRANGER, STRANGER)
            os.setresuid(STRANGER, STRANGER, STRANGER)
        os.mkdir("hidden", 0o300)  # noqa: PTH102 - relative, below folders that may be closed to us
        Path("hidden/data").write_bytes(b"x" * MIB)
        return room.of_folder(".", most_files=1000).files

    assert answer(counted) == 1001


def test_a_folder_that_has_gone_meanwhile_holds_nothing(tmp_path: Path) -> None:
    assert room.of_folder(str(tmp_path / "gone"), most_files=10) == room.Room(0, 0)


def test_a_mount_tells_what_it_holds_and_what_it_has_left(tmp_path: Path) -> None:
    facts = os.statvfs(tmp_path)
    found = room.of_mount(str(tmp_path))
    assert abs(found.bytes - (facts.f_blocks - facts.f_bfree) * facts.f_frsize) < 1024 * MIB
    assert found.bytes > 0


def nameless(folder: Path) -> int:
    """The descriptor of a file of 1 MiB that has no name any more."""
    descriptor = os.open(folder / "gone", os.O_RDWR | os.O_CREAT)
    os.write(descriptor, os.urandom(MIB))
    (folder / "gone").unlink()
    return descriptor


def mapped(descriptor: int, length: int) -> None:
    """Not by `mmap`, which keeps a descriptor of its own."""
    libc = ctypes.CDLL(None)
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 4]
    libc.mmap(None, length, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)


def test_what_processes_hold_open_is_found_once_however_often_they_have_it(tmp_path: Path) -> None:
    def hold() -> None:
        os.dup(nameless(tmp_path))
        globals()["HELD"] = (pair := socket.socketpair(), pair[0].dup())

    with waiting(lambda: None) as empty, waiting(hold) as pid:
        before, found = room.opened([usage.process(empty)]), room.opened([usage.process(pid)] * 2)
    assert MIB <= found.unlinked - before.unlinked < 2 * MIB
    assert (len(found.files - before.files), found.sockets - before.sockets) == (1, 2)


def test_files_that_are_only_mapped_are_found_by_the_folder_that_they_were_in(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()

    def hold() -> None:
        for folder in (tmp_path / "one", tmp_path / "one"):
            descriptor = nameless(folder)
            mapped(descriptor, mmap.PAGESIZE)
            os.close(descriptor)
        mapped(nameless(tmp_path / "one"), mmap.PAGESIZE)  # this one stays open, too
        mmap.mmap(-1, MIB)  # nameless as well, and no file

    with waiting(hold) as pid:
        processes = [usage.process(pid)]
        files = room.opened(processes).files
        assert room.only_mapped(processes, str(tmp_path / "one"), files) == 2
        assert room.only_mapped(processes, str(tmp_path / "on"), files) == 0


def test_a_process_that_hides_what_it_has_mapped_counts_as_one_file(tmp_path: Path) -> None:
    def counted() -> int:
        if os.geteuid() == 0:  # root may look into every process
            os.setresuid(STRANGER, STRANGER, STRANGER)
        with waiting(lambda: ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0) or None) as hidden:
            return room.only_mapped([usage.process(hidden)], str(tmp_path), frozenset())

    assert answer(counted) == 1


@pytest.mark.parametrize("count", [room.opened, lambda gone: room.only_mapped(gone, "/", frozenset())])
def test_processes_that_have_ended_meanwhile_hold_nothing(count: object) -> None:
    gone = usage.Process(pid=2**30, parent=1, ended=False, threads=1, resident=4096, seen=2**30, began=0)
    assert callable(count)
    assert count([gone]) in (0, room.Opened(0, 0))
