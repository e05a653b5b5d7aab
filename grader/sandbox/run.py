"""Runs one notebook in a process of its own, and takes out nothing but bounded bytes."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import GraderError
from grader.model import Device, Execution, Status
from grader.sandbox import processes, scratch

START = Path(__file__).parents[1] / "inside" / "start.py"
ISOLATION = "none"
GRACE = 240.0  # seconds that the harness gets beyond the notebook's own time: the kernel may take 120 to start
MAX_EVIDENCE = 32 * 1024**2
MAX_EXECUTED = 64 * 1024**2
LOG_TAIL = 16 * 1024
NO_KERNEL = 75  # exit code of a harness whose kernel did not start
SPOILT = 73  # exit code of a harness whose place for evidence the notebook has spoilt


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook and the conditions under which it runs.

    `mix` is 0 for a submission; a recording mixes it into the notebook's own seed calls. `max_epochs` and
    `deterministic` are what this attempt uses, whatever the rubric says.
    """

    notebook: Path
    datasets: Mapping[str, Path]
    execution: Execution
    device: Device
    threads: int
    seed: int
    mix: int = 0
    max_epochs: int | None = None
    deterministic: bool = True


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
    isolation: str = field(default=ISOLATION)


def run(task: Task) -> Exit:
    began = time.monotonic()
    with scratch.scratch() as root:
        try:
            digest = scratch.place_notebook(task.notebook, root / "work" / "notebook.ipynb")
        except scratch.NotAFileError as error:
            return Exit(ended=Status.UNREADABLE, reason=str(error))
        job = _job(task, root)
        processes.adopt_orphans()
        ours = processes.descendants()
        try:
            ended, reason = _attend(_start(task, root, job), task.execution.timeout + GRACE)
        finally:
            processes.sweep(ours)
        # A killed harness did not write what lies there now.
        trusted = ended is not Status.NO_EVIDENCE
        return Exit(
            evidence=scratch.read_bounded(root / "out" / "evidence.json", MAX_EVIDENCE) if trusted else None,
            executed=scratch.read_bounded(root / "out" / "executed.ipynb", MAX_EXECUTED),
            ended=ended,
            reason=reason,
            sha256=digest,
            seconds=time.monotonic() - began,
        )


def _job(task: Task, root: Path) -> Path:
    """The job file; its keys are those of the inside package's Job."""
    job = {
        "notebook": str(root / "work" / "notebook.ipynb"),
        "work": str(root / "work"),
        "evidence": str(root / "out" / "evidence.json"),
        "executed": str(root / "out" / "executed.ipynb"),
        "observed": str(root / "out" / "observed.jsonl"),
        "data": scratch.place_data(task.datasets, root / "work"),
        "seed": task.seed,
        "mix": task.mix,
        "threads": task.threads,
        "device": task.device.value,
        "deterministic": task.deterministic,
        "max_epochs": task.max_epochs,
        **{key: dataclasses.asdict(task.execution)[key] for key in ("timeout", "memory", "output")},
    }
    path = root / "out" / "job.json"
    path.write_text(json.dumps(job), "utf-8")
    return path


def _start(task: Task, root: Path, job: Path) -> subprocess.Popen[bytes]:
    python = task.execution.python or sys.executable
    try:
        return subprocess.Popen(
            [python, "-P", str(START), "harness", str(job)],
            cwd=root / "work",
            env=_environment(task, root),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise GraderError(
            f"'{python}' cannot be started: {error.strerror}. `execution.python` in the rubric names the "
            "interpreter that runs notebooks."
        ) from error


def inherited(device: Device) -> dict[str, str]:
    """Nothing but the path to programs and, on a GPU, to its libraries."""
    kept = ["PATH"] + (["LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"] if device is Device.GPU else [])
    return {name: os.environ[name] for name in kept if name in os.environ}


def _environment(task: Task, root: Path) -> dict[str, str]:
    environment = inherited(task.device)
    if task.device is Device.CPU:
        environment["CUDA_VISIBLE_DEVICES"] = "-1"
    threads = str(task.threads)
    return environment | {
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "IPYTHONDIR": str(root / "home" / ".ipython"),
        "JUPYTER_RUNTIME_DIR": str(root / "home" / "runtime"),
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": str(task.seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "COLUMNS": "120",  # wide enough for Keras' summary table
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
    }


def _attend(process: subprocess.Popen[bytes], seconds: float) -> tuple[Status | None, str]:
    """Wait for the end, or bring it about; the tail of what the harness printed is kept for our own log."""
    tail: deque[bytes] = deque(maxlen=LOG_TAIL // 1024)
    reader = threading.Thread(target=_drain, args=(process, tail), daemon=True)
    reader.start()
    ended, reason = None, ""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        ended, reason = Status.TIMEOUT, "the notebook did not end within its time, nor when it was told to"
    finally:
        processes.kill_group(process)
    reader.join(timeout=1.0)
    log = b"".join(tail).decode("utf-8", "replace")
    if process.returncode > 0 and process.returncode != SPOILT:
        failed = "the kernel did not start" if process.returncode == NO_KERNEL else "the harness failed"
        raise GraderError(f"{failed} (exit code {process.returncode}); it printed last:\n{log[-2000:]}")
    if process.returncode < 0 and ended is None:
        ended, reason = Status.NO_EVIDENCE, "the process that watches over the notebook was killed while it ran"
    return ended, reason


def _drain(process: subprocess.Popen[bytes], tail: deque[bytes]) -> None:
    if process.stdout is not None:
        while block := os.read(process.stdout.fileno(), 1024):
            tail.append(block)
