"""Runs one notebook in a sandbox of its own, and takes out nothing but bounded bytes.

What goes in and comes out passes through open files without names: the job and the notebook, the evidence
and the executed notebook. No path of the grader's is told to anything inside.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import fields, replace
from tempfile import TemporaryFile
from typing import IO

from grader import linux
from grader.errors import GraderError
from grader.model import Isolation, Status
from grader.sandbox import keeping, scratch, uids, unwalled
from grader.sandbox.keeping import Aids, Channels, Furnished
from grader.sandbox.outcome import MAX_EXECUTED, NO_KERNEL, Exit
from grader.sandbox.task import Task

MAX_VERDICT = 4096
TRAINER = "train"
ALONE = Aids()


def run(task: Task, aids: Aids = ALONE) -> Exit:
    """Where there are no walls to be had, without them."""
    return walled(task, aids) if linux.here() else unwalled.run(task, aids.watch)


def walled(task: Task, aids: Aids) -> Exit:
    began = time.monotonic()
    with ExitStack() as stack:
        files = Channels(*(stack.enter_context(TemporaryFile()) for _ in fields(Channels)))
        try:
            digest = scratch.copy_notebook(task.notebook, files.notebook)
        except scratch.NotAFileError as error:
            return Exit(ended=Status.UNREADABLE, reason=str(error))
        kept = confined(task, files, aids)
        ended, reason = _ended(task, kept, files)
        return Exit(
            evidence=scratch.read_bounded(files.evidence, task.execution.evidence),
            executed=scratch.read_bounded(files.executed, MAX_EXECUTED),
            ended=ended,
            reason=reason,
            sha256=digest,
            seconds=time.monotonic() - began - kept.waited,
            isolation=task.layer.isolation.value,
            served=kept.served,
        )


def train(task: Task, request: IO[bytes], result: IO[bytes], aids: Aids) -> str:
    """Have the program `train` answer the request in one file with a result in another; why it did not, or nothing.

    The task's notebook and data sets play no part.
    """
    with TemporaryFile() as executed, TemporaryFile() as verdict:
        files = Channels(notebook=request, evidence=result, executed=executed, verdict=verdict)
        alone = replace(task, program=TRAINER, datasets={})
        try:
            ended, reason = _ended(alone, confined(alone, files, replace(aids, training=None)), files)
        except GraderError as error:
            return str(error)
    return f"{ended}: {reason}" if ended else ""


def confined(task: Task, files: Channels, aids: Aids) -> keeping.Kept:
    """Run the task's program with a scratch folder and a user of its own, of which nothing is left."""
    with ExitStack() as stack:
        root = stack.enter_context(scratch.scratch())
        uid = stack.enter_context(uids.lease()) if task.layer.drops else None  # ended before the folder goes
        scratch.place_data(task.datasets, root / "work")
        scratch.give(root, uid)
        return keeping.keep(Furnished(task, root, uid, files), aids)


def _ended(task: Task, kept: keeping.Kept, files: Channels) -> tuple[Status | None, str]:
    """The keeper's verdict, if it gave one. GraderError where the trouble is ours."""
    if kept.code > 0:
        failed = "the kernel did not start" if kept.code == NO_KERNEL else "the sandbox failed"
        raise GraderError(f"{failed} (exit code {kept.code}); it printed last:\n{kept.log[-2000:]}")
    if kept.code < 0 and task.layer.isolation is not Isolation.NONE:
        raise GraderError(f"the sandbox was killed by signal {-kept.code}; it printed last:\n{kept.log[-2000:]}")
    if kept.code < 0:
        return Status.NO_EVIDENCE, "the process that watches over the notebook was killed while it ran"
    told = scratch.read_bounded(files.verdict, MAX_VERDICT)
    if not told:
        return None, ""
    status, reason = json.loads(told)
    return Status(status), str(reason)
