"""Runs one notebook, cell by cell, and writes down what happened: the evidence file.

Theory of operation: one asyncio loop drives the kernel through nbclient; a second task watches the wall
clock and the memory of the process tree, and ends the kernel when a limit is reached. However the run ends,
what was seen up to there is written; only a harness that is itself killed leaves no evidence.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from pathlib import Path

import nbformat
import psutil
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, DeadKernelError

from . import evidence, job, memory, notebook
from .client import Client, join_streams, kernel_manager
from .evidence import Run
from .lines import leading_blank_lines

WATCH_INTERVAL = 0.2  # seconds; memory can grow by about 0.4 GB in it
MAX_ERROR_TEXT = 2_000
OUT_OF_MEMORY = {"MemoryError", "ResourceExhaustedError"}  # the second is TensorFlow's word
COMPILED_FILE = re.compile(r"\(\d+\.py, line (\d{1,9})\)")
NO_KERNEL = 75  # exit code, sysexits' EX_TEMPFAIL
NO_EVIDENCE = 73  # exit code, EX_CANTCREAT: the notebook spoilt the place that its evidence goes to
SPOILT = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


def main(job_file: str) -> None:
    task = job.load(job_file)
    began = time.monotonic()
    try:
        cells = notebook.read(Path(task.notebook))
    except notebook.UnreadableError as error:
        evidence.write(task, Run("unreadable", str(error)), [], time.monotonic() - began)
        return
    memory.adopt_orphans()
    client = Client(cells, kernel_manager(job_file), task.output)
    run = asyncio.run(execute(task, client))
    for cell in cells.cells:
        join_streams(cell)
    try:
        Path(task.executed).write_text(nbformat.writes(cells), "utf-8")
        evidence.write(task, run, cells.cells, time.monotonic() - began)
    except SPOILT as error:
        raise SystemExit(NO_EVIDENCE) from error


async def execute(task: job.Job, client: Client) -> Run:
    run = Run(requests=client.requests)
    await begin(task, client)  # before the clock starts: how long that takes is not the notebook's doing
    try:
        async with asyncio.timeout(task.timeout) as clock:
            watcher = asyncio.create_task(watch(task, client, run))
            try:
                await run_cells(client, run)
            finally:
                watcher.cancel()
    except TimeoutError:
        if not clock.expired():
            raise
    finally:
        await end(client)
    if clock.expired():  # nbclient takes the cancellation for a dead kernel, so its word is overruled
        run.ended, run.reason = "timeout", f"the notebook ran longer than {task.timeout:g} s"
    return run


async def begin(task: job.Job, client: Client) -> None:
    """Start the kernel; where that fails, no student code has run yet, and the trouble is the grader's own."""
    try:
        await client.start(task.work)
    except RuntimeError as error:  # jupyter_client's word for a kernel that died or did not answer
        await end(client)
        raise SystemExit(NO_KERNEL) from error


async def run_cells(client: Client, run: Run) -> None:
    for index, cell in enumerate(client.nb.cells):
        if cell.cell_type != "code":
            continue
        run.attempted.add(index)
        try:
            await client.run_cell(index)
        except CellExecutionError as error:
            name, value = str(error.ename), error_text(str(error.evalue), cell.source)
            run.errors[index] = (name, value)
            run.ended, run.reason = run.limit or error_status(name, value)
        except DeadKernelError:
            run.ended, run.reason = run.limit or ("kernel_died", "the kernel ended while a cell ran")
        # Whatever else nbclient stumbles over comes from the kernel's messages, and student code can send any.
        except Exception as error:  # noqa: BLE001
            run.ended, run.reason = "kernel_died", f"the kernel could not be understood: {type(error).__name__}"
        if client.flooded:
            run.ended, run.reason = flooding(client.output_limit)
        if run.ended != "graded":
            return


def error_text(value: str, source: str) -> str:
    """Without the name of the file that IPython compiles a cell from, and in lines of the cell as it stands."""
    offset = leading_blank_lines(source)
    text = COMPILED_FILE.sub(lambda found: f"(line {int(found[1]) + offset})", value[:MAX_ERROR_TEXT])
    return text.strip()


def error_status(name: str, value: str) -> tuple[str, str]:
    return ("out_of_memory" if name in OUT_OF_MEMORY else "notebook_error", f"{name}: {value}".rstrip(": "))


def flooding(limit: int) -> tuple[str, str]:
    return "output_limit", f"the notebook showed more than {limit} bytes of output"


async def watch(task: job.Job, client: Client, run: Run) -> None:
    """End the kernel as soon as the tree's memory or the output is over its limit."""
    while True:
        await asyncio.sleep(WATCH_INTERVAL)
        if memory.exceeds(task.memory):
            run.limit = ("out_of_memory", f"the notebook used more than {task.memory} bytes of memory")
        elif client.flooded:
            run.limit = flooding(task.output)
        if run.limit:
            await kill(client.manager)
            return


async def kill(manager: AsyncKernelManager) -> None:
    await manager.shutdown_kernel(now=True)


async def end(client: Client) -> None:
    """Stop the kernel and everything that it left behind, without giving it the time to object."""
    if client.kc is not None:
        client.kc.stop_channels()
    if client.manager.has_kernel:
        await kill(client.manager)
    for process in memory.tree():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
