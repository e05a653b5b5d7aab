"""A process that has imported what notebooks import, and of which every run can begin as a fork.

It imports with the settings of one run of the grader: an interpreter, a device, a number of threads, a seed. What
asks for others starts an interpreter of its own, and so does everything once the warm process is no more.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from grader.errors import GraderError
from grader.sandbox import describe, processes
from grader.sandbox.task import START, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORTING = 300.0  # seconds; TensorFlow from a network drive
FORKING = 30.0
ANSWER = 64  # bytes
READY = b"ready"
LOG_TAIL = 2000


class Adopted:
    """A process that another one has started for us; as `subprocess.Popen` in what is used of that."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if timeout is not None and not processes.ends_within(self.pid, timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


class Warm:
    """Safe for several threads at once; `fault` says why it cannot be used, if it cannot."""

    def __init__(self, task: Task, process: subprocess.Popen[bytes], line: socket.socket, log: IO[bytes]) -> None:
        self._conditions = conditions(task)
        self._process = process
        self._line = line
        self._log = log
        self._lock = threading.Lock()
        self.fault = ""

    def await_ready(self) -> None:
        """Until its imports are done; `fault` tells where they fail."""
        if self._hear(IMPORTING) != READY:
            self.fault = f"the imports failed: {self._last_words()}"

    def takes(self, task: Task) -> bool:
        """Whether a fork is what a new interpreter would be for this task."""
        return not self.fault and task.layer.bwrap is None and conditions(task) == self._conditions

    def begin(
        self, job: Mapping[str, Any], environment: Mapping[str, str], folder: Path, files: Sequence[int]
    ) -> Adopted | None:
        """A keeper for this job, or None where the warm process is gone, and `fault` then tells.

        `files` are open files of ours: first the one to print into, then those that the job's `channels` name
        by their places in this sequence.
        """
        request = json.dumps({"job": job, "environment": environment, "folder": str(folder)}).encode()
        with self._lock:
            if self.fault:
                return None
            try:
                socket.send_fds(self._line, [request], list(files))
            except OSError as error:
                self.fault = f"it does not listen: {error.strerror}; {self._last_words()}"
                return None
            answer = self._hear(FORKING)
        return Adopted(int(answer)) if answer else None

    def _hear(self, seconds: float) -> bytes:
        poll = select.poll()
        poll.register(self._line, select.POLLIN)
        try:
            said = self._line.recv(ANSWER) if poll.poll(seconds * 1000) else b""
        except ConnectionResetError:  # it ended before it had read what it was asked
            said = b""
        if not said:
            self.fault = f"it did not answer: {self._last_words()}"
        return said

    def _last_words(self) -> str:
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - LOG_TAIL))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it printed nothing"

    def close(self) -> None:
        self._line.close()
        processes.end(self._process)


def conditions(task: Task) -> tuple[object, ...]:
    """What the imports depend on."""
    return task.execution.python, task.device, task.threads, task.seed


@contextmanager
def warm(task: Task) -> Iterator[Warm]:
    """A warm process for tasks under the conditions of this one, ended in the end. GraderError if none starts."""
    processes.adopt_orphans()  # the runs become ours as soon as they begin
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with TemporaryDirectory(prefix="grader-warm-") as home, TemporaryFile() as log, ours:
        with theirs:
            process = _start(task, home, theirs, log)
        started = Warm(task, process, ours, log)
        try:
            started.await_ready()
            yield started
        finally:
            started.close()


def _start(task: Task, home: str, line: socket.socket, log: IO[bytes]) -> subprocess.Popen[bytes]:
    python = task.execution.python or sys.executable
    try:
        return subprocess.Popen(
            [python, "-P", str(START), "warm"],
            cwd=home,
            env=describe.environment(task, home),
            stdin=line.fileno(),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise GraderError(
            f"'{python}' cannot be started: {error.strerror}. `execution.python` in the rubric names the "
            "interpreter that runs notebooks."
        ) from error
