"""Runs one notebook, cell by cell, and writes down what happened: the evidence file.

Theory of operation: the client drives the kernel over its sockets. The clock and the other limits are the
watch's, as a rule the keeper; where one is passed, it says which and kills the kernel, which the harness sees as a
dead kernel. However the run ends, what was seen up to there is written; only a harness that is itself killed
leaves no evidence.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError

from . import evidence, job, notebook, pasted
from .client import Client
from .evidence import Run
from .kernels import Kernel
from .lines import leading_blank_lines
from .shown import OutputLimits
from .wire import HungUpError, NotReadyError, errors_of

MAX_ERROR_TEXT = 2_000
COMPILED_FILE = re.compile(r"\(\d+\.py, line (\d{1,9})\)")
MEMORY = 1536 * 1024**2  # bytes of the harness itself; a notebook of 256 MiB must be read in it
NO_KERNEL = 75  # exit code, sysexits' EX_TEMPFAIL
LIMITS_BY_NAME = {
    "MemoryError": "out_of_memory",
    "ResourceExhaustedError": "out_of_memory",  # TensorFlow's word
}
LIMITS_BY_TEXT = {
    "[Errno 12]": "out_of_memory",
    "[Errno 11]": "process_limit",
    "can't start new thread": "process_limit",
    "[Errno 27]": "disk_limit",
    "[Errno 28]": "disk_limit",
}  # what a refused request looks like in a cell that does not catch it


class Watch(Protocol):
    """Who sees to the limits."""

    def begins(self, number: int) -> None:
        """Told of each cell as it begins, by its number, and of 0 when all have ended."""

    def verdict(self) -> list[str] | None:
        """Status and reason, where a limit was passed and the kernel killed for it."""


@dataclass(frozen=True)
class Keeper:
    """The watch over the pipes to it: one takes the numbers of cells, the other gives its verdict."""

    saying: int
    heard: int

    def begins(self, number: int) -> None:
        os.write(self.saying, f"{number}\n".encode())

    def verdict(self) -> list[str] | None:
        os.set_blocking(self.heard, False)
        try:
            told = os.read(self.heard, 4096)
        except BlockingIOError:
            return None
        return list(json.loads(told)) if told else None


def main(task: job.Job, watch: Watch) -> None:
    began = time.monotonic()
    try:
        with os.fdopen(task.channels.notebook, "rb") as stream:
            handed = notebook.read(stream)
    except notebook.UnreadableError as error:
        evidence.write(task, Run("unreadable", str(error)), [], {}, time.monotonic() - began)
        return
    job.store(task)
    limits = OutputLimits(task.limits.output, task.limits.messages)
    client = Client(handed.notebook, Kernel(task), limits)
    run = execute(task, client, watch)
    client.finish()
    conclude(run, client, watch.verdict())
    put(task.channels.executed, nbformat.writes(client.nb).encode("utf-8", "replace"))
    evidence.write(task, run, client.nb.cells, handed.saved, time.monotonic() - began)


def put(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def conclude(run: Run, client: Client, told: list[str] | None) -> None:
    """The watch's word first, then what was shown too much; a cell's own error is told beside either."""
    if told:
        run.ended, run.reason = told
    elif client.flooded or (client.shown.over and run.ended == "graded"):
        run.ended, run.reason = "output_limit", client.excess()


def execute(task: job.Job, client: Client, watch: Watch) -> Run:
    run = Run(requests=client.requests)
    begin(task, client)  # before the clock starts: how long that takes is not the notebook's doing
    try:
        run_cells(client, run, lambda number: say(watch, client, number))
    finally:
        client.end()
    return run


def say(watch: Watch, client: Client, number: int) -> None:
    """To the watch, whose clock it sets; and in the log, for whoever looks on."""
    watch.begins(number)
    if number:
        total = sum(cell.cell_type == "code" for cell in client.nb.cells)
        os.write(sys.stderr.fileno(), f"\x1e{number}/{total}\n".encode())


def begin(task: job.Job, client: Client) -> None:
    """Start the kernel; where that fails, no student code has run yet, and the trouble is the grader's own."""
    try:
        client.start()
    except (NotReadyError, HungUpError) as error:
        client.end()
        os.write(sys.stderr.fileno(), f"{error}\n{errors_of(task.run)}\n".encode())
        raise SystemExit(NO_KERNEL) from error
    for descriptor in task.channels.training:
        os.close(descriptor)  # the kernel's alone: that it has closed them must be seen at the other end


def run_cells(client: Client, run: Run, say: Callable[[int], object]) -> None:
    code = [index for index, cell in enumerate(client.nb.cells) if cell.cell_type == "code"]
    for number, index in enumerate(code, 1):
        run.attempted.add(index)
        say(number)
        try:
            client.run_cell(index)
        except CellExecutionError as error:
            name, source = str(error.ename), client.nb.cells[index].source
            value = error_text(str(error.evalue), source)
            value += pasted.told(name, value, source)
            run.errors[index] = (name, value)
            run.ended, run.reason = error_status(name, value)
        except DeadKernelError:
            run.ended, run.reason = "kernel_died", "the kernel ended while a cell ran"
        except HungUpError:
            run.ended, run.reason = "kernel_died", "the kernel closed its connections"
        # Whatever else nbclient stumbles over comes from the kernel's messages, and student code can send any.
        except Exception as error:  # noqa: BLE001
            run.ended, run.reason = "kernel_died", f"the kernel could not be understood: {type(error).__name__}"
        if run.ended != "graded" or client.flooded:
            break
    else:
        run.finished = True
    say(0)


def error_text(value: str, source: str) -> str:
    """Without the name of the file that IPython compiles a cell from, and in lines of the cell as it stands."""
    offset = leading_blank_lines(source)
    text = COMPILED_FILE.sub(lambda found: f"(line {int(found[1]) + offset})", value[:MAX_ERROR_TEXT])
    return text.strip()


def error_status(name: str, value: str) -> tuple[str, str]:
    by_text = next((status for text, status in LIMITS_BY_TEXT.items() if text in value), "notebook_error")
    return LIMITS_BY_NAME.get(name, by_text), f"{name}: {value}".rstrip(": ")
