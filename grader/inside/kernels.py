"""Two ways to a kernel: a new interpreter, or a fork of this process, where that was forked from a warm one.

Either is confined before any of its own imports, and keeps no open file of the harness' but its way to the
shared trainer. What it says on stderr before it is a kernel goes to a log. Without walls it is a new interpreter
that confines itself in nothing.
"""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from . import job

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


class Kernel:
    """A kernel, and the file that tells how to reach it: on Unix sockets in the folder of the run.

    Without walls on TCP, as Windows has no Unix sockets; it answers only to who has the key of that file.
    """

    def __init__(self, task: job.Job) -> None:
        self.task = task
        self.process: Process | None = None
        self.file = f"{task.run}/connection.json"
        key = secrets.token_hex(32).encode()
        if task.walled:
            write_connection_file(self.file, transport="ipc", ip=f"{task.run}/kernel", key=key)
        else:
            write_connection_file(self.file, transport="tcp", ip="127.0.0.1", key=key)

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
        program = "student" if self.task.walled else "kernel"
        with Path(self.task.run, "kernel.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-P", start, program, self.task.file, self.file],
                cwd=self.task.work,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=self.task.channels.training,
                start_new_session=True,
            )

    def _fork(self) -> Process:
        from . import forked  # Linux', as is all that a process was forked from

        return forked.begin(self.task, self.file)


def reads_at_import(source: str) -> bool:
    """Whether a cell may set something that counts only before the imports."""
    if READ_AT_IMPORT.search(source):
        return True
    return len(SETS.findall(source)) > len(SETS_BY_NAME.findall(source))
