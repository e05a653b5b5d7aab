"""The filter on system calls: each call tried by a child that took the filter, and its program read by hand."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import fcntl
import mmap
import multiprocessing
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
import zmq
from forked import answer, outcome
from hypothesis import given
from hypothesis import strategies as st

from grader.inside import seccomp, syscalls
from grader.inside.seccomp import Profile, Rule, available, program, restrict, rules
from grader.inside.syscalls import MACHINES, NUMBERS, call, numbers, prctl

# By what they would do; all are tried with -1 for each argument, which nothing takes where nothing refuses.
DENIED = {
    "take namespaces": "unshare setns",
    "mount": "mount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig fsmount fspick "
    "mount_setattr statmount listmount",
    "look into other processes": "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease "
    "pidfd_getfd kcmp move_pages migrate_pages",
    "reach deep into the kernel": "bpf io_uring_setup io_uring_enter io_uring_register userfaultfd perf_event_open "
    "lookup_dcookie nfsservctl uselib modify_ldt iopl ioperm _sysctl sysfs ustat mbind set_mempolicy get_mempolicy "
    "set_mempolicy_home_node lsm_set_self_attr",
    "use the kernel's keys": "add_key request_key keyctl",
    "hide memory": "memfd_create memfd_secret",
    "use System V's IPC": "shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv msgctl",
    "use POSIX message queues": "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr",
    "go around paths": "name_to_handle_at open_by_handle_at fanotify_init quotactl quotactl_fd",
    "run the machine": "reboot kexec_load kexec_file_load init_module finit_module delete_module create_module "
    "query_module get_kernel_syms swapon swapoff acct syslog vhangup sethostname setdomainname settimeofday "
    "clock_settime clock_adjtime adjtimex",
}
METADATA = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr
    lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_setattr
"""
# The C library knows its numbers by itself.
BY_LIBRARY = """
    unshare setns mount umount2 chroot ptrace process_vm_readv process_vm_writev memfd_create shmget shmat shmdt
    semget semop msgget msgrcv name_to_handle_at fanotify_init swapon swapoff reboot adjtimex acct klogctl
    sethostname setdomainname vhangup
"""
NAMESPACE_FLAGS = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
NARROWEST = Profile(connect=False, metadata=False, signals_elsewhere=False, dumpable=False, truncation=False)
LISTENERS_OWN = Profile(connect=False, metadata=False, dumpable=False)  # a kernel's, without namespaces
ADD_READ_IMPLIES_EXEC, TIOCSTI, FIONREAD, FS_IOC_SETFLAGS = 0x0400000, 0x5412, 0x541B, 0x40086602
SIOCSPGRP, PR_GET_DUMPABLE, PR_SET_DUMPABLE, SO_SNDBUFFORCE, ANY = 0x8902, 3, 4, 32, 1 << 32


def held(profile: Profile, attempts: Mapping[str, Callable[[], object]]) -> dict[str, str]:
    def act() -> dict[str, str]:
        restrict(profile)
        return {name: outcome(attempt) for name, attempt in attempts.items()}

    return dict(answer(act))


def attempt(name: str) -> None:
    call(name, *[-1] * 6)


def from_library(name: str) -> None:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*[ctypes.c_long(-1)] * 6) == -1:
        raise OSError(ctypes.get_errno(), name)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    """Of all denied calls, in a process without a terminal that `vhangup` could close."""

    def act() -> dict[str, str]:
        os.setsid()
        restrict(Profile())
        by_number = {name: outcome(partial(attempt, name)) for names in DENIED.values() for name in names.split()}
        by_library = {f"{name}()": outcome(partial(from_library, name)) for name in BY_LIBRARY.split()}
        return by_number | by_library

    return dict(answer(act))


def test_filters_are_available_here() -> None:
    assert available()


@pytest.mark.parametrize("name", [name for names in DENIED.values() for name in names.split()])
def test_a_call_that_no_notebook_needs_is_refused(name: str, outcomes: dict[str, str]) -> None:
    assert outcomes[name] == ("EPERM" if name in NUMBERS else "ENOSYS")


@pytest.mark.parametrize("name", BY_LIBRARY.split())
def test_it_is_refused_to_the_c_library_too(name: str, outcomes: dict[str, str]) -> None:
    assert outcomes[f"{name}()"] == "EPERM"


@pytest.mark.parametrize("kind", NAMESPACE_FLAGS)
def test_no_process_is_cloned_into_a_namespace(kind: str) -> None:
    def clone() -> None:
        if call("clone", NAMESPACE_FLAGS[kind] | signal.SIGCHLD, 0, 0, 0, 0) == 0:
            os._exit(0)

    assert held(Profile(), {"clone": clone}) == {"clone": "EPERM"}


def test_calls_whose_flags_cannot_be_seen_or_that_are_newer_than_the_table_are_not_implemented() -> None:
    def newer() -> None:
        library = ctypes.CDLL(None, use_errno=True)
        if library.syscall(ctypes.c_long(max(NUMBERS.values()) + 1), *[ctypes.c_long(-1)] * 6) == -1:
            raise OSError(ctypes.get_errno(), "newer")

    assert held(Profile(), {"clone3": partial(attempt, "clone3"), "newer": newer}) == {
        "clone3": "ENOSYS",
        "newer": "ENOSYS",
    }


@pytest.mark.parametrize(
    ("family", "kind", "expected"),
    [
        ("AF_UNIX", socket.SOCK_STREAM, "done"),
        ("AF_UNIX", socket.SOCK_SEQPACKET, "done"),
        ("AF_UNIX", socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, "done"),
        ("AF_UNIX", socket.SOCK_DGRAM, "EPERM"),
        ("AF_UNIX", socket.SOCK_RAW, "EPERM"),  # datagrams by another name
        ("AF_UNIX", socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, "EPERM"),
        ("AF_INET", socket.SOCK_STREAM, "EAFNOSUPPORT"),
        ("AF_INET", socket.SOCK_DGRAM, "EAFNOSUPPORT"),
        ("AF_INET6", socket.SOCK_STREAM, "EAFNOSUPPORT"),
        ("AF_NETLINK", socket.SOCK_RAW, "EAFNOSUPPORT"),
        ("AF_PACKET", socket.SOCK_RAW, "EAFNOSUPPORT"),
        ("AF_VSOCK", socket.SOCK_STREAM, "EAFNOSUPPORT"),
        ("AF_ALG", socket.SOCK_SEQPACKET, "EAFNOSUPPORT"),
    ],
)
def test_sockets_are_unix_streams_only(family: str, kind: int, expected: str) -> None:
    number, pair = getattr(socket, family), bytes(8)
    attempts = {
        "socket": lambda: call("socket", number, kind, 0),
        "upper half": lambda: call("socket", number | ANY, kind | ANY, 0),
        "pair": lambda: call("socketpair", number, kind, 0, pair),
    }
    assert held(Profile(), attempts) == dict.fromkeys(attempts, expected)


def test_a_socket_holds_no_more_than_sockets_do_by_default() -> None:
    def act() -> list[int]:
        left, _ = socket.socketpair()
        before = left.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        restrict(Profile())
        for option in (socket.SO_SNDBUF, SO_SNDBUFFORCE):
            left.setsockopt(socket.SOL_SOCKET, option, 1 << 26)
        left.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)  # others are set as ever
        after = left.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        return [after - before, left.getsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED)]

    assert answer(act) == [0, 1]


def test_nothing_is_typed_into_a_terminal() -> None:
    own, other = os.openpty()
    attempts = {
        "type": lambda: fcntl.ioctl(other, TIOCSTI, b"x"),
        "upper half": lambda: call("ioctl", other, TIOCSTI | ANY, b"x"),
        "read": lambda: fcntl.ioctl(other, FIONREAD, bytes(4)),
    }
    assert held(Profile(), attempts) == {"type": "EPERM", "upper half": "EPERM", "read": "done"}
    os.close(own)
    os.close(other)


def test_the_personality_is_asked_for_and_not_changed() -> None:
    attempts = {
        "ask": lambda: call("personality", 0xFFFFFFFF),
        "ordinary": lambda: call("personality", 0),
        "change": lambda: call("personality", ADD_READ_IMPLIES_EXEC),
    }
    assert held(Profile(), attempts) == {"ask": "done", "ordinary": "done", "change": "EPERM"}


def test_limits_are_a_processs_own_business() -> None:
    parent, files = os.getpid(), resource.RLIMIT_NOFILE
    attempts = {
        "own": lambda: resource.setrlimit(files, (64, 64)),
        "own by number": lambda: resource.prlimit(os.getpid(), files, (63, 63)),
        "the parent's": lambda: resource.prlimit(parent, files),
    }
    assert held(Profile(), attempts) == {"own": "done", "own by number": "done", "the parent's": "EPERM"}


@pytest.mark.parametrize(("profile", "expected"), [(Profile(), "done"), (Profile(connect=False), "EPERM")])
def test_connecting_is_for_those_who_may(profile: Profile, expected: str, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(f"{tmp_path}/s")
        server.listen()
        assert held(profile, {"connect": lambda: client.connect(f"{tmp_path}/s")}) == {"connect": expected}


def test_who_may_not_connect_still_serves_zmq_over_ipc(tmp_path: Path) -> None:
    def serve() -> str:
        restrict(LISTENERS_OWN)
        with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
            router.bind(f"ipc://{tmp_path}/z")
            router.setsockopt(zmq.RCVTIMEO, 5000)
            sender, asked = router.recv_multipart()
            router.send_multipart([sender, asked + b" heard"])
            return asked.decode()

    def ask() -> list[str]:
        restrict(Profile())
        with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
            dealer.connect(f"ipc://{tmp_path}/z")
            dealer.setsockopt(zmq.RCVTIMEO, 5000)
            dealer.send(b"kernel_info")
            return [dealer.recv().decode()]

    heard: list[str] = []
    client = threading.Thread(target=lambda: heard.extend(answer(ask)))
    client.start()
    assert answer(serve) == "kernel_info"
    client.join()
    assert heard == ["kernel_info heard"]


def test_metadata_calls_say_that_they_succeeded() -> None:
    said = held(Profile(metadata=False), {name: partial(attempt, name) for name in METADATA.split()})
    assert said == {name: "done" if name in NUMBERS else "ENOSYS" for name in METADATA.split()}


def test_metadata_stays_as_it_was_and_copying_goes_on(tmp_path: Path) -> None:
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_text("text", "ascii")
    other.touch()
    with file.open() as opened:
        attempts: dict[str, Callable[[], object]] = {
            "chmod": lambda: file.chmod(0o4777),
            "fchmod": lambda: os.fchmod(opened.fileno(), 0o777),
            "chown": lambda: os.chown(file, os.getuid() + 1, -1),
            "utime": lambda: os.utime(file, (1, 1)),
            "setxattr": lambda: os.setxattr(file, "user.x", b"y"),
            "copy": lambda: shutil.copy2(file, tmp_path / "copy"),
            "overwrite": lambda: shutil.copy(file, other),
            "attributes": lambda: fcntl.ioctl(opened, FS_IOC_SETFLAGS, bytes(8)),
        }
        before = file.stat()
        said = held(Profile(metadata=False), attempts)
    assert said == {**dict.fromkeys(attempts, "done"), "attributes": "EPERM"}
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_mtime_ns) == (before.st_mode, before.st_uid, before.st_mtime_ns)
    assert os.listxattr(file) == []
    assert ((tmp_path / "copy").read_text("ascii"), other.read_text("ascii")) == ("text", "text")


def test_metadata_changes_where_it_may(tmp_path: Path) -> None:
    held(Profile(), {"chmod": lambda: tmp_path.chmod(0o711)})
    assert tmp_path.stat().st_mode & 0o777 == 0o711


def test_signals_go_to_oneself_only_where_others_are_in_reach() -> None:
    parent, ours = os.getpid(), os.getpid
    descriptor = os.pidfd_open(parent)
    reading, writing = os.pipe()
    unix, _ = socket.socketpair()
    attempts = {
        "parent": lambda: os.kill(parent, 0),
        "everybody": lambda: os.kill(-1, 0),
        "group": lambda: os.kill(0, 0),
        "tgkill": lambda: call("tgkill", parent, parent, 0),
        "tkill": lambda: call("tkill", parent, 0),
        "upper half": lambda: call("kill", parent | ANY, 0),
        "queued": lambda: call("rt_sigqueueinfo", parent, 0, bytes(128)),
        "queued to a thread": lambda: call("rt_tgsigqueueinfo", parent, parent, 0, bytes(128)),
        "by descriptor": lambda: signal.pidfd_send_signal(descriptor, 0),
        "by input": lambda: fcntl.fcntl(reading, fcntl.F_SETOWN, parent),
        "by socket": lambda: fcntl.ioctl(unix, SIOCSPGRP, struct.pack("i", parent)),
        "oneself": lambda: os.kill(ours(), 0),
        "own thread": lambda: signal.pthread_kill(threading.get_ident(), 0),
    }
    refused = held(Profile(signals_elsewhere=False), attempts)
    assert refused == {**dict.fromkeys(attempts, "EPERM"), "oneself": "done", "own thread": "done"}
    assert held(Profile(), {"parent": attempts["parent"]}) == {"parent": "done"}
    for opened in (descriptor, reading, writing):
        os.close(opened)


def test_an_interrupt_of_oneself_arrives() -> None:
    def act() -> str:
        restrict(NARROWEST)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return "interrupted"
        return "nothing came"

    assert answer(act) == "interrupted"


def test_memory_is_not_hidden_from_those_who_count_it() -> None:
    def act() -> list[object]:
        restrict(Profile(dumpable=False))
        return [outcome(lambda: prctl(PR_SET_DUMPABLE, 0)), prctl(PR_GET_DUMPABLE)]

    assert answer(act) == ["EPERM", 1]


def test_a_file_is_emptied_only_by_who_opens_it_for_writing(tmp_path: Path) -> None:
    kept, own = tmp_path / "kept", tmp_path / "own"
    kept.write_text("kept", "ascii")
    attempts: dict[str, Callable[[], object]] = {
        "by path": lambda: os.truncate(kept, 0),
        "to read": lambda: os.open(kept, os.O_RDONLY | os.O_TRUNC),
        "for nothing": lambda: os.open(kept, os.O_ACCMODE | os.O_TRUNC),
        "unseen": partial(attempt, "openat2"),
        "to write": lambda: own.write_text("own", "ascii"),
        "to read and write": lambda: own.open("w+").close(),
        "read": kept.read_text,
    }
    assert held(Profile(truncation=False), attempts) == {
        **dict.fromkeys(attempts, "done"),
        **dict.fromkeys(("by path", "to read", "for nothing"), "EPERM"),
        "unseen": "ENOSYS",
    }
    assert kept.read_text("ascii") == "kept"


def test_other_processes_are_not_slowed_down_and_ones_own_threads_may_be() -> None:
    parent = os.getpid()
    before = (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0))

    def act() -> list[int]:
        restrict(Profile(priorities=False))
        os.setpriority(os.PRIO_PROCESS, parent, 19)
        os.setpriority(os.PRIO_PGRP, 0, 19)
        os.sched_setaffinity(parent, {min(before[1])})
        os.nice(3)
        return [os.getpriority(os.PRIO_PROCESS, who) for who in (0, parent)]

    assert answer(act) == [before[0] + 3, before[0]]
    assert (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0)) == before


def test_nobody_is_told_what_happens_in_folders() -> None:
    def act() -> list[str]:
        before = outcome(lambda: os.close(call("inotify_init1", 0)))
        restrict(Profile(watching=False))
        return [before, outcome(lambda: call("inotify_init1", 0))]

    assert answer(act) == ["done", "EPERM"]


def test_a_kernel_narrows_itself_within_its_harness_profile() -> None:
    def act() -> list[str]:
        restrict(Profile())
        wide = outcome(lambda: os.kill(os.getppid(), 0))
        restrict(NARROWEST)
        restrict(Profile())  # gives nothing back
        return [wide, outcome(lambda: os.kill(os.getppid(), 0)), outcome(partial(attempt, "unshare"))]

    assert answer(act) == ["done", "EPERM", "EPERM"]


def test_children_threads_and_programs_are_held_too() -> None:
    unshare = "import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.unshare(0), ctypes.get_errno())"

    def act() -> list[str]:
        go, said = threading.Event(), []

        def wait() -> None:
            go.wait()
            said.append(outcome(partial(attempt, "unshare")))

        earlier = threading.Thread(target=wait)
        earlier.start()
        restrict(Profile())
        go.set()
        earlier.join()
        said.append(answer(lambda: outcome(partial(attempt, "unshare"))))
        said.append(
            subprocess.run([sys.executable, "-c", unshare], capture_output=True, text=True, check=True).stdout
        )
        return said

    assert answer(act) == ["EPERM", "EPERM", f"-1 {errno.EPERM}\n"]


async def echoed() -> str:
    process = await asyncio.create_subprocess_exec("/bin/echo", "from asyncio", stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return said.decode().strip()


def test_ordinary_work_goes_on() -> None:
    def act() -> list[object]:
        restrict(Profile())
        restrict(LISTENERS_OWN)
        found: list[object] = []
        thread = threading.Thread(target=lambda: found.append("a thread"))
        thread.start()
        thread.join()
        pool = multiprocessing.get_context("fork").Pool(2)
        found.append(pool.map(abs, [1, -2]))
        pool.close()  # and not `terminate`, whose signal finds handlers that other tests have left in this process
        pool.join()
        found.append(subprocess.run(["/bin/echo", "text"], capture_output=True, text=True, check=True).stdout)
        one, two = socket.socketpair()
        one.send(b"bytes")
        found.append(two.recv(9).decode())
        found.append(asyncio.run(echoed()))
        found.append(ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 7)())
        child = subprocess.Popen(["/bin/sleep", "60"])
        child.kill()
        return [*found, child.wait()]

    assert answer(act) == ["a thread", [1, 2], "text\n", "bytes", "from asyncio", 7, -9]


def test_calls_of_another_machine_end_the_process() -> None:
    def act() -> None:
        code = mmap.mmap(-1, 64, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        code.write(FOREIGN[syscalls.machine()])
        restrict(Profile())
        ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()

    # On arm no instruction of a 64-bit program makes a 32-bit call; an undefined one ends the process as well.
    expected = {"x86_64": signal.SIGSYS, "aarch64": signal.SIGILL}[syscalls.machine()]
    assert answer(act) == f"killed by {expected.value}"


FOREIGN = {
    "x86_64": bytes.fromhex("b814000000 cd80 c3"),  # mov eax, 20 (getpid on i386); int 0x80; ret
    "aarch64": bytes(4),
}


def test_a_machine_without_known_numbers_has_no_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls, "machine", lambda: "")
    assert not available()
    assert outcome(lambda: restrict(Profile())) == "ENOSYS"


def test_where_the_kernel_refuses_filters_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def act() -> list[object]:
        monkeypatch.setattr(seccomp, "ALWAYS", (Rule("seccomp", seccomp.ENOSYS),))
        restrict(Profile())
        return [available(), outcome(lambda: restrict(Profile()))]

    assert answer(act) == [False, "ENOSYS"]


# The program itself, for both machines: run by an interpreter of the few instructions that it has, and
# compared with a plain reading of the rules.


def verdict(instructions: bytes, number: int, architecture: int, arguments: tuple[int, ...]) -> int:
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments)
    held, at = 0, 0
    while True:
        code, then, otherwise, operand = struct.unpack_from("<HBBI", instructions, at * 8)
        at += 1
        match code:
            case 0x20:
                (held,) = struct.unpack_from("=I", data, operand)
            case 0x54:
                held &= operand
            case 0x05:
                at += operand
            case 0x15:
                at += then if held == operand else otherwise
            case 0x35:
                at += then if held >= operand else otherwise
            case 0x06:
                return int(operand)
            case other:
                raise AssertionError(f"no instruction has the code {other:#x}")


def read(listed: Iterator[Rule], name: str, arguments: tuple[int, ...]) -> int:
    for rule in listed:
        value = arguments[rule.argument] & rule.mask
        applies = value in rule.among if rule.among else value not in rule.but if rule.but else True
        if name in rule.calls.split() and applies:
            return rule.answer
    return seccomp.ALLOW


PROFILES = st.builds(Profile, *[st.booleans()] * 5)
TELLING = [value for rule in rules(NARROWEST, 77) for value in (*rule.among, *rule.but, rule.mask)]
VALUES = st.tuples(*[st.one_of(st.sampled_from(TELLING), st.integers(0, 2**64 - 1))] * 6)
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


@given(st.sampled_from(MACHINES), PROFILES, st.data(), VALUES)
def test_the_program_says_what_the_rules_say(
    machine: str, profile: Profile, data: st.DataObject, arguments: tuple[int, ...]
) -> None:
    known = numbers(machine)
    name = data.draw(st.sampled_from(sorted(known)))
    written = program(rules(profile, 77), known, ARCHITECTURES[machine])
    said = verdict(written, known[name], ARCHITECTURES[machine], arguments)
    assert said == read(rules(profile, 77), name, arguments)


@given(st.sampled_from(MACHINES), st.integers(0, 2**32 - 1), st.sampled_from([0x40000003, 0x40000028, 0xC000003E]))
def test_a_foreign_architecture_is_killed_and_an_unknown_number_not_implemented(
    machine: str, number: int, architecture: int
) -> None:
    written = program(rules(Profile(), 77), numbers(machine), ARCHITECTURES[machine])
    own = architecture == ARCHITECTURES[machine]
    said = verdict(written, number, architecture, (0,) * 6)
    if not own:
        assert said == seccomp.KILL_PROCESS
    elif number > 469:
        assert said == seccomp.ENOSYS


@pytest.mark.parametrize("name", ["read", "mmap", "landlock_restrict_self", "seccomp", "prctl", "execveat"])
def test_what_confines_further_and_what_is_ordinary_is_allowed(name: str) -> None:
    ordinary: dict[str, int] = {"read": 0, "mmap": 9}
    written = program(rules(NARROWEST, 77), numbers("x86_64"), ARCHITECTURES["x86_64"])
    number = ordinary.get(name, numbers("x86_64").get(name, -1))
    assert verdict(written, number, ARCHITECTURES["x86_64"], (38, 1, 0, 0, 0, 0)) == seccomp.ALLOW


def test_the_program_is_well_within_the_kernels_4096_instructions() -> None:
    sizes = [len(program(rules(NARROWEST, 77), numbers(name), 0)) // 8 for name in MACHINES]
    assert max(sizes) < 500


def test_answers_carry_the_errors_of_the_kernel() -> None:
    assert (seccomp.EPERM, seccomp.ENOSYS, seccomp.EAFNOSUPPORT, seccomp.NOTHING_DONE) == (
        0x00050000 + errno.EPERM,
        0x00050000 + errno.ENOSYS,
        0x00050000 + errno.EAFNOSUPPORT,
        0x00050000,
    )
