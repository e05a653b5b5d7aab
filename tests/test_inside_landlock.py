"""Landlock: each access tried by a child that holds itself to some paths."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from forked import answer, outcome

from grader.inside import landlock, seccomp

SYSTEM = [path for path in ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/proc") if Path(path).exists()]
UNKNOWN_REQUEST = 0x6421
Attempts = dict[str, Callable[[], object]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folders `read`, `write` and `other`, each with a file `file` in it."""
    for name in ("read", "write", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("before", "ascii")
    return tmp_path


@pytest.fixture
def abstract() -> Iterator[str]:
    """The name of an abstract Unix socket that somebody else listens on."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("")
        listener.listen()
        yield listener.getsockname()


def held(attempts: Attempts, *, read: Sequence[object] = (), write: Sequence[object] = (), **more: Any) -> Any:
    def act() -> dict[str, str]:
        landlock.restrict(read=[*SYSTEM, *map(str, read)], write=list(map(str, write)), **more)
        return {name: outcome(attempt) for name, attempt in attempts.items()}

    return answer(act)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def connect(family: int, address: Any) -> None:
    with socket.socket(family) as client:
        client.connect(address)


def listen(family: int, address: Any) -> None:
    with socket.socket(family) as server:
        server.bind(address)


def on_device(path: str, flags: int = os.O_RDONLY, request: int | None = None) -> None:
    descriptor = os.open(path, flags)
    if request is not None:
        fcntl.ioctl(descriptor, request)


def test_what_may_be_read_may_not_be_written(folder: Path) -> None:
    file = folder / "read/file"
    attempts: Attempts = {
        "read": file.read_bytes,
        "list": partial(names, file.parent),
        "write": lambda: file.write_text("after", "ascii"),
        "truncate": lambda: os.truncate(file, 0),
        "unlink": file.unlink,
        "rename": lambda: file.rename(folder / "read/new"),
        "mkdir": (folder / "read/new").mkdir,
        "link": lambda: (folder / "read/new").hardlink_to(file),
        "symlink": lambda: (folder / "read/new").symlink_to(file),
    }
    outcomes = held(attempts, read=[folder / "read"])
    assert outcomes == {**dict.fromkeys(attempts, "EACCES"), "read": "done", "list": "done"}
    assert file.read_text("ascii") == "before"


def test_what_is_not_listed_may_be_neither_read_nor_written(folder: Path) -> None:
    file = folder / "other/file"
    attempts: Attempts = {
        "read": file.read_bytes,
        "list": partial(names, folder),
        "write": lambda: file.write_text("after", "ascii"),
        "make": lambda: (folder / "new").write_text("new", "ascii"),
        "take": lambda: file.rename(folder / "write/taken"),
        "link": lambda: (folder / "write/taken").hardlink_to(file),
        "through a link": (folder / "write/link").read_bytes,
        "execute": partial(subprocess.run, [file], check=False),
    }
    (folder / "write/link").symlink_to(file)
    file.chmod(0o755)
    outcomes = held(attempts, read=[folder / "read"], write=[folder / "write"])
    assert outcomes == {**dict.fromkeys(attempts, "EACCES"), "link": "EXDEV"}
    assert (file.read_text("ascii"), names(folder / "write")) == ("before", ["file", "link"])


def test_where_writing_is_allowed_all_files_but_devices_can_be_made(folder: Path) -> None:
    there = folder / "write"
    attempts: Attempts = {
        "write": lambda: (there / "file").write_text("after", "ascii"),
        "truncate": lambda: os.truncate(there / "file", 3),
        "mkdir": (there / "a").mkdir,
        "mkfifo": lambda: os.mkfifo(there / "fifo"),
        "socket": lambda: listen(socket.AF_UNIX, str(there / "s")),
        "symlink": lambda: (there / "link").symlink_to("file"),
        "hard link": lambda: (there / "a/hard").hardlink_to(there / "file"),
        "move elsewhere": lambda: (there / "file").rename(there / "a/moved"),
        "unlink": (there / "a/hard").unlink,
        "remove": lambda: shutil.rmtree(there / "a"),
        "character device": lambda: os.mknod(there / "c", stat.S_IFCHR | 0o600, os.makedev(1, 3)),
        "block device": lambda: os.mknod(there / "b", stat.S_IFBLK | 0o600, os.makedev(7, 0)),
    }
    outcomes = held(attempts, write=[there])
    refused = {"character device": "EACCES", "block device": "EACCES"}
    assert outcomes == {**dict.fromkeys(attempts, "done"), **refused}
    assert names(there) == ["fifo", "link", "s"]


def test_a_program_runs_where_its_folder_may_be_read(folder: Path) -> None:
    program = folder / "read/program"
    shutil.copy("/bin/true", program)
    run = partial(subprocess.run, [str(program)], check=True)
    assert [held({"run": run}, read=read) for read in ([folder / "read"], [])] == [
        {"run": "done"},
        {"run": "EACCES"},
    ]


def test_a_single_file_is_granted_without_its_neighbours(folder: Path) -> None:
    (folder / "write/next").write_text("next", "ascii")
    attempts: Attempts = {
        "read": (folder / "read/file").read_bytes,
        "write": lambda: (folder / "write/file").write_text("after", "ascii"),
        "read next": (folder / "write/next").read_bytes,
        "list": partial(names, folder / "read"),
    }
    outcomes = held(attempts, read=[folder / "read/file"], write=[folder / "write/file"])
    assert outcomes == {"read": "done", "write": "done", "read next": "EACCES", "list": "EACCES"}


def test_a_path_that_does_not_exist_is_passed_over(folder: Path) -> None:
    missing = [folder / "none/at/all"]
    attempts: Attempts = {"read": (folder / "read/file").read_bytes}
    assert held(attempts, read=[*missing, folder / "read"], write=missing, devices=["/dev/none"]) == {
        "read": "done"
    }


def test_listed_devices_can_be_used_and_no_others() -> None:
    attempts: Attempts = {
        "read": partial(on_device, "/dev/null"),
        "write": partial(on_device, "/dev/null", os.O_WRONLY),
        "other": partial(on_device, "/dev/zero"),
    }
    assert held(attempts, devices=["/dev/null"]) == {"read": "done", "write": "done", "other": "EACCES"}


def test_a_device_is_controlled_only_where_it_is_listed_as_one() -> None:
    attempts: Attempts = {"control": partial(on_device, "/dev/null", request=UNKNOWN_REQUEST)}
    as_file = "EACCES" if landlock.abi() >= 5 else "ENOTTY"
    assert held(attempts, devices=["/dev/null"]) == {"control": "ENOTTY"}
    assert held(attempts, read=["/dev/null"]) == {"control": as_file}


def test_tcp_is_refused_and_unix_sockets_are_not(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        attempts: Attempts = {
            "connect": lambda: connect(socket.AF_INET, server.getsockname()),
            "bind": lambda: listen(socket.AF_INET, ("127.0.0.1", 0)),
            "unix": lambda: listen(socket.AF_UNIX, str(folder / "write/s")),
        }
        outcomes = held(attempts, write=[folder / "write"])
    expected = "EACCES" if landlock.abi() >= landlock.TCP else "done"
    assert outcomes == {"connect": expected, "bind": expected, "unix": "done"}


@pytest.mark.parametrize("scope", [True, False])
def test_processes_and_abstract_sockets_outside_are_out_of_reach(scope: bool, abstract: str) -> None:  # noqa: FBT001
    parent = os.getpid()
    attempts: Attempts = {
        "signal the parent": lambda: os.kill(parent, 0),
        "connect": lambda: connect(socket.AF_UNIX, abstract),
        "signal oneself": lambda: os.kill(os.getpid(), 0),
    }
    refused = "EPERM" if scope and landlock.abi() >= landlock.SCOPES else "done"
    assert held(attempts, scope=scope) == {
        "signal the parent": refused,
        "connect": refused,
        "signal oneself": "done",
    }


def test_an_inner_domain_reaches_neither_the_outer_ones_files_nor_its_processes(folder: Path) -> None:
    def act() -> dict[str, str]:
        landlock.restrict(read=[*SYSTEM, str(folder / "read")], write=[str(folder / "write")])
        outer = os.getpid()
        child = subprocess.Popen(["/bin/sleep", "60"])
        inner = answer(partial(within, outer, child.pid))
        inner["the outer one signals"] = outcome(child.kill)
        child.wait()
        return dict(inner)

    def within(outer: int, sibling: int) -> dict[str, str]:
        landlock.restrict(read=["/"], write=[str(folder / "read"), str(folder / "other")])
        attempts: Attempts = {
            "outer's": lambda: (folder / "write/file").write_text("after", "ascii"),
            "neither's": lambda: (folder / "other/file").write_text("after", "ascii"),
            "not outer's": lambda: (folder / "read/file").write_text("after", "ascii"),
            "both's": (folder / "read/file").read_bytes,
            "signal outer": lambda: os.kill(outer, 0),
            "signal a sibling": lambda: os.kill(sibling, 0),
        }
        return {name: outcome(attempt) for name, attempt in attempts.items()}

    outside = "EPERM" if landlock.abi() >= landlock.SCOPES else "done"
    assert answer(act) == {
        "outer's": "EACCES",
        "neither's": "EACCES",
        "not outer's": "EACCES",
        "both's": "done",
        "signal outer": outside,
        "signal a sibling": outside,
        "the outer one signals": "done",
    }


def test_children_and_programs_are_held_too(folder: Path) -> None:
    def act() -> list[int]:
        landlock.restrict(read=[*SYSTEM, str(folder / "read")], write=[])
        return [
            subprocess.run(["/bin/cat", str(folder / name / "file")], capture_output=True, check=False).returncode
            for name in ("read", "other")
        ]

    assert answer(act) == [0, 1]


def test_a_process_with_threads_is_not_restricted_by_halves() -> None:
    def act() -> str:
        done = threading.Event()
        threading.Thread(target=done.wait).start()
        refused = outcome(lambda: landlock.restrict(read=[], write=[]))
        done.set()
        return f"{refused}, and can read {Path('/etc/passwd').read_bytes() != b''}"

    assert answer(act) == "EBUSY, and can read True"


@pytest.mark.parametrize("version", range(1, 8))
def test_an_older_landlock_is_asked_for_what_it_knows(
    version: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: version)
    parent, file = os.getpid(), folder / "read/file"
    attempts: Attempts = {
        "read": file.read_bytes,
        "read outside": (folder / "other/file").read_bytes,
        "write": lambda: file.write_text("after", "ascii"),
        "signal": lambda: os.kill(parent, 0),
        "empty": lambda: os.truncate(file, 0),
    }
    assert held(attempts, read=[folder / "read"]) == {
        "read": "done",
        "read outside": "EACCES",
        "write": "EACCES",
        "signal": "EPERM" if version >= landlock.SCOPES else "done",
        "empty": "EACCES" if version >= landlock.TRUNCATION else "done",
    }


@pytest.mark.parametrize("refusal", [errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM])
def test_where_there_is_no_landlock_its_version_is_0_and_nothing_is_restricted(refusal: int) -> None:
    def act() -> list[object]:
        # A container that refuses the call, or a kernel without it.
        seccomp.ALWAYS = (seccomp.Rule("landlock_create_ruleset", seccomp.ERRNO | refusal),)
        seccomp.restrict(seccomp.Profile())
        return [landlock.abi(), outcome(lambda: landlock.restrict(read=[], write=[]))]

    assert answer(act) == [0, errno.errorcode[refusal]]
