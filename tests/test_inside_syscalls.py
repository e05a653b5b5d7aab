"""System calls by name: numbers, arguments and errors."""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from grader.inside import syscalls
from grader.inside.syscalls import MACHINES, NUMBERS, call, machine, numbers, prctl

PR_GET_NAME, PR_SET_NAME = 16, 15


def test_a_call_answers_with_what_the_kernel_answers() -> None:
    assert call("gettid") == threading.get_native_id()


def test_a_call_takes_bytes_and_null_pointers_and_objects() -> None:
    buffer = ctypes.create_string_buffer(64)
    assert (call("getrandom", buffer, 64, 0), buffer.raw != bytes(64)) == (64, True)
    with pytest.raises(OSError, match="open_tree"):
        call("open_tree", -100, b"/no/such/file", 0)
    assert call("capget", (0x20080522).to_bytes(8, "little"), None) == 0


def test_an_integer_argument_keeps_all_its_64_bits() -> None:
    with pytest.raises(OSError, match="getrandom") as refused:
        call("getrandom", 1 << 63, 1, 0)
    assert refused.value.errno == errno.EFAULT


def test_a_refusal_is_an_error_that_names_the_call() -> None:
    with pytest.raises(OSError, match="close") as refused:
        call("close", -1)
    assert (refused.value.errno, refused.value.filename) == (errno.EBADF, "close")


def test_a_call_that_this_machine_does_not_have_is_not_implemented() -> None:
    with pytest.raises(OSError, match="no_such_call") as refused:
        call("no_such_call")
    assert refused.value.errno == errno.ENOSYS


def test_prctl_reads_and_writes_the_calling_process() -> None:
    name = ctypes.create_string_buffer(16)
    prctl(PR_GET_NAME, name)
    assert prctl(PR_SET_NAME, b"a name") == 0
    said = ctypes.create_string_buffer(16)
    prctl(PR_GET_NAME, said)
    prctl(PR_SET_NAME, name)
    assert said.value == b"a name"


@pytest.mark.parametrize("name", MACHINES)
def test_no_two_calls_of_a_machine_have_one_number(name: str) -> None:
    assert len(set(numbers(name).values())) == len(numbers(name))


def test_the_numbers_of_both_machines_are_those_of_the_kernel() -> None:
    picked = ["chmod", "kill", "connect", "seccomp", "unshare", "clone3", "memfd_secret", "file_setattr"]
    assert {name: [numbers(name).get(call) for call in picked] for name in MACHINES} == {
        "x86_64": [90, 62, 42, 317, 272, 435, 447, 469],
        "aarch64": [None, 129, 203, 277, 97, 435, 447, 469],
    }


@pytest.mark.parametrize(
    ("name", "widest", "expected"),
    [
        ("x86_64", 2**63 - 1, "x86_64"),
        ("aarch64", 2**63 - 1, "aarch64"),
        ("x86_64", 2**31 - 1, ""),
        ("riscv64", 2**63, ""),
    ],
)
def test_only_64_bit_interpreters_of_known_machines_have_numbers(
    name: str, widest: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=name))
    monkeypatch.setattr(sys, "maxsize", widest)
    assert (machine(), bool(numbers(machine()))) == (expected, bool(expected))


def test_numbers_of_this_machine_are_taken() -> None:
    assert dict(numbers(machine())) == dict(NUMBERS)


def test_a_process_gives_up_new_privileges_for_good() -> None:
    program = (
        f"import sys; sys.path.insert(0, {os.path.dirname(syscalls.__file__)!r}); import syscalls\n"  # noqa: PTH120
        "syscalls.no_new_privileges(); print(syscalls.prctl(39))"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "1\n"
    )
