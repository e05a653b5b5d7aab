"""Two ways to a kernel: a new interpreter, or a fork of this process, where that was forked from a warm one.

Either is confined before any of its own imports, and keeps no open file of the harness' but its way to the
shared trainer. What it says on stderr before it is a kernel goes to a log.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from . import job
from .syscalls import prctl

PR_SET_DUMPABLE = 4
# What TensorFlow, Keras and NumPy read when they are imported, and nothing else reads; a notebook that names any
# of it, or sets a variable whose name cannot be read off, gets an interpreter that has imported nothing.
READ_AT_IMPORT = re.compile(
    r"KERAS_\w+|keras\.json|(?<!\w)\.keras\b|TF_(?!CPP_)[A-Z]\w+|XLA_\w+|JAX_\w+|TORCH_\w+|MPL\w+|NPY_\w+"
    r"|PYTHON[A-Z]\w+|[A-Z]+_NUM_THREADS|(?:KMP|MKL|OMP|NUMEXPR|BLAS|OPENBLAS)_\w+"
)
SETS = re.compile(r"\benviron\b|\bputenv\b|%\s*(?:set_)?env\b|\bdotenv\b")
SETS_BY_NAME = re.compile(
    r"""environ\s*(?:\[\s*|\.(?:get|setdefault|pop)\s*\(\s*)["']\w+["']\s*[\],)]"""
    r"""|%\s*(?:set_)?env\s+\w+|import\s+environ"""
)


class Process(Protocol):
    """A kernel's process; as `subprocess.Popen` has these."""

    pid: int

    def poll(self) -> int | None: ...

    def kill(self) -> None: ...

    def wait(self) -> int: ...


class Forked:
    """A forked child, in the form of a started one."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended: int | None = None

    def poll(self) -> int | None:
        if self._ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._ended = os.waitstatus_to_exitcode(status)
        return self._ended

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._ended is None:
            self._ended = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._ended


class Kernel:
    """A kernel on Unix sockets in the folder of the run, and the file that tells how to reach it."""

    def __init__(self, task: job.Job) -> None:
        self.task = task
        self.process: Process | None = None
        self.file = f"{task.run}/connection.json"
        key = secrets.token_hex(32).encode()
        write_connection_file(self.file, transport="ipc", ip=f"{task.run}/kernel", key=key)

    def start(self, sources: Iterable[str]) -> None:
        """`sources` are what its cells hold, which decides by which way it starts."""
        if self.task.warm and not any(map(reads_at_import, sources)):
            self.process = self._fork()
        else:
            self.process = self._start()

    def client(self) -> BlockingKernelClient:
        client = BlockingKernelClient()
        client.load_connection_file(self.file)
        return client

    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self) -> None:
        """Without giving it the time to object; what it started is the keeper's to end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _start(self) -> Process:
        start = str(Path(__file__).with_name("start.py"))
        with Path(self.task.run, "kernel.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-P", start, "student", self.task.file, self.file],
                cwd=self.task.work,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=self.task.channels.training,
                start_new_session=True,
            )

    def _fork(self) -> Process:
        from . import keeper

        return Forked(keeper.fork(self._become))

    def _become(self) -> None:
        from . import student, warm

        os.setsid()
        prctl(PR_SET_DUMPABLE, 1)  # as a started program is, so that the keeper can count its memory
        os.chdir(self.task.work)
        log = os.open(f"{self.task.run}/kernel.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        null = os.open(os.devnull, os.O_RDWR)
        for source, target in ((null, 0), (null, 1), (log, 2)):
            os.dup2(source, target)
        close_all_but({0, 1, 2, *self.task.channels.training})
        warm.settle_home()
        student.main(self.task.file, self.file)


def close_all_but(kept: set[int]) -> None:
    bounds = [-1, *sorted(kept), os.sysconf("SC_OPEN_MAX")]
    for before, after in itertools.pairwise(bounds):
        if before + 1 < after:  # an empty range would be taken for one without an end
            os.closerange(before + 1, after)


def reads_at_import(source: str) -> bool:
    """Whether a cell may set something that counts only before the imports."""
    if READ_AT_IMPORT.search(source):
        return True
    return len(SETS.findall(source)) > len(SETS_BY_NAME.findall(source))
