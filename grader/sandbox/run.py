"""Runs one notebook in a sandbox of its own, and takes out nothing but bounded bytes.

What goes in and comes out passes through open files without names: the job and the notebook, the evidence
and the executed notebook. No path of the grader's is told to anything inside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from grader.errors import GraderError
from grader.model import Isolation, Status
from grader.sandbox import bubblewrap, describe, processes, scratch, uids, view
from grader.sandbox.task import Task

START = Path(__file__).parents[1] / "inside" / "start.py"
GRACE = 240.0  # seconds that a run gets beyond the notebook's own time: the kernel may take 120 to start
MAX_EXECUTED = 64 * 1024**2
MAX_VERDICT = 4096
LOG_TAIL = 16 * 1024
NO_KERNEL = 75  # exit code of a harness whose kernel did not start


@dataclass(frozen=True, slots=True)
class Exit:
    """What came out. `ended` is set where the sandbox itself ended the run or could not begin it.

    `sha256` is of the bytes that were run.
    """

    evidence: bytes | None = None
    executed: bytes | None = None
    ended: Status | None = None
    reason: str = ""
    sha256: str = ""
    seconds: float = 0.0
    isolation: str = ""


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways in and out; the sandbox holds the other ends."""

    notebook: IO[bytes]
    evidence: IO[bytes]
    executed: IO[bytes]
    verdict: IO[bytes]

    def numbers(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name).fileno() for field in fields(self)}


def run(task: Task) -> Exit:
    began = time.monotonic()
    with ExitStack() as stack:
        files = Channels(*(stack.enter_context(TemporaryFile()) for _ in fields(Channels)))
        try:
            digest = scratch.copy_notebook(task.notebook, files.notebook)
        except scratch.NotAFileError as error:
            return Exit(ended=Status.UNREADABLE, reason=str(error))
        root = stack.enter_context(scratch.scratch())
        uid = stack.enter_context(uids.lease()) if task.layer.drops else None  # ended before the folder goes
        scratch.place_data(task.datasets, root / "work")
        scratch.give(root, uid)
        ended, reason = converse(task, root, uid, files)
        return Exit(
            evidence=scratch.read_bounded(files.evidence, task.execution.evidence),
            executed=scratch.read_bounded(files.executed, MAX_EXECUTED),
            ended=ended,
            reason=reason,
            sha256=digest,
            seconds=time.monotonic() - began,
            isolation=task.layer.isolation.value,
        )


def converse(task: Task, root: Path, uid: int | None, files: Channels) -> tuple[Status | None, str]:
    """Start the keeper and see it end; its verdict, if it gave one. GraderError where the trouble is ours."""
    processes.adopt_orphans()
    lifeline, held = os.pipe()  # `held` closes with the grader, however that ends
    try:
        keeper = start(task, root, uid, files, lifeline)
    except BaseException:
        os.close(held)
        raise
    finally:
        os.close(lifeline)
    log = attend(keeper, held, task.execution.timeout + GRACE)
    if keeper.returncode > 0:
        failed = "the kernel did not start" if keeper.returncode == NO_KERNEL else "the sandbox failed"
        raise GraderError(f"{failed} (exit code {keeper.returncode}); it printed last:\n{log[-2000:]}")
    if keeper.returncode < 0 and task.layer.isolation is not Isolation.NONE:
        raise GraderError(f"the sandbox was killed by signal {-keeper.returncode}; it printed last:\n{log[-2000:]}")
    if keeper.returncode < 0:
        return Status.NO_EVIDENCE, "the process that watches over the notebook was killed while it ran"
    return verdict(files.verdict)


def start(task: Task, root: Path, uid: int | None, files: Channels, lifeline: int) -> subprocess.Popen[bytes]:
    python = task.execution.python or sys.executable
    seen = view.of(python, task.device, task.execution, root)
    command = [python, "-P", str(START), "keeper"]
    bwrap = task.layer.bwrap
    # bwrap is started as the user whom its child shall be; without it, the keeper changes by itself.
    user: dict[str, Any] = {"user": uid, "group": uid, "extra_groups": []} if uid is not None and bwrap else {}
    with TemporaryFile("w+") as job:
        json.dump(describe.job(task, root, uid, seen, {**files.numbers(), "lifeline": lifeline}), job)
        job.seek(0)
        try:
            return subprocess.Popen(
                bubblewrap.command(bwrap, seen, command) if bwrap else command,
                cwd=root / "work",
                env=describe.environment(task, describe.place(task, root)),
                stdin=job,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[lifeline, *files.numbers().values()],
                start_new_session=True,
                **user,
            )
        except OSError as error:
            raise GraderError(
                f"'{python}' cannot be started: {error.strerror}. `execution.python` in the rubric names the "
                "interpreter that runs notebooks."
            ) from error


def attend(keeper: subprocess.Popen[bytes], held: int, seconds: float) -> str:
    """Wait for the end, or bring it about; the tail of what was printed, for our own log.

    The keeper ends by itself at the notebook's limits, and at the end of its lifeline; that it must be killed
    would be a fault of ours.
    """
    tail: deque[bytes] = deque(maxlen=LOG_TAIL // 1024)
    reader = threading.Thread(target=_drain, args=(keeper, tail), daemon=True)
    reader.start()
    try:
        keeper.wait(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise GraderError(f"the sandbox did not end within {seconds:g} s") from error
    finally:
        os.close(held)
        processes.end(keeper)
    reader.join(timeout=1.0)
    return b"".join(tail).decode("utf-8", "replace")


def _drain(process: subprocess.Popen[bytes], tail: deque[bytes]) -> None:
    if process.stdout is not None:
        while block := os.read(process.stdout.fileno(), 1024):
            tail.append(block)


def verdict(said: IO[bytes]) -> tuple[Status | None, str]:
    """What the keeper had to say about how it ended the run; nothing, as a rule."""
    told = scratch.read_bounded(said, MAX_VERDICT)
    if not told:
        return None, ""
    status, reason = json.loads(told)
    return Status(status), str(reason)
