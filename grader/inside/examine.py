"""Tries a layer of isolation by running in it, confined as a kernel is, and tells what it can still do.

The job's `data` name what to try: `canary`, a file outside that everybody may read, and `process`, the number
of the grader's own process.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

from . import confine, job
from .syscalls import call

CLONE_NEWUSER = 0x10000000


def main(task: job.Job) -> None:
    confine.narrow(task)
    Path(task.work, "written").write_text("scratch can be written", "ascii")
    if task.confinement.layer == "none":
        holes = []
    else:
        holes = [hole for hole, attempt in attempts(task).items() if succeeds(attempt)]
    os.write(task.channels.evidence, json.dumps({"uid": os.getuid(), "holes": holes}).encode())


def succeeds(attempt: Callable[[], object]) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return attempt() is not False
    return False


def attempts(task: job.Job) -> dict[str, Callable[[], object]]:
    """What must not be possible: each raises OSError, or says False."""
    canary = Path(task.data["canary"])
    return {
        "is root": lambda: os.geteuid() == 0 or os.getuid() == 0,
        "has capabilities": lambda: any(int(line.split()[1], 16) for line in status() if line.startswith("CapEff")),
        "reads files outside": canary.read_bytes,
        "writes files outside": lambda: canary.with_name("written").write_text("by a notebook", "ascii"),
        "signals processes outside": lambda: signals(task),
        "opens network sockets": lambda: socket.socket(socket.AF_INET),
        "takes user namespaces": lambda: call("unshare", CLONE_NEWUSER),
    }


def signals(task: job.Job) -> bool:
    if task.confinement.layer == "bubblewrap":
        return False  # in a pid namespace the number is nobody's, or that of one of our own processes
    os.kill(int(task.data["process"]), 0)
    return True


def status() -> list[str]:
    return Path("/proc/self/status").read_text("ascii").splitlines()
