"""Runs a notebook of one's own on systems that have none of the walls: Windows and macOS.

Theory of operation. There is no keeper, and nothing is forked or confined: the harness is a new interpreter, which
watches over the limits by itself, and the files by which things go in and come out lie in the run's folder, by
their names, as Windows hands no others on. What the harness has for standard input is its lifeline. That nothing of
a run is left is seen to twice: by the harness, and here, as that may have been killed.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from grader.errors import GraderError
from grader.model import Isolation, Status
from grader.sandbox import describe, scratch
from grader.sandbox.keeping import BEGUN, BLOCK, GRACE, LOG_TAIL, Watch, drain
from grader.sandbox.outcome import MAX_EXECUTED, NO_KERNEL, Exit
from grader.sandbox.task import START, Task

FOLDERS = ("work", "home", "tmp", "run")
FILES = ("notebook", "evidence", "executed")
LOOK = 1.0  # seconds between looks at what the notebook has started
PATIENCE = 10.0  # seconds for the harness to end what there is
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows': no console opens, and Ctrl-C stays with us

Files = Mapping[str, Path]


def run(task: Task, watch: Watch | None = None) -> Exit:
    began = time.monotonic()
    with TemporaryDirectory(prefix=scratch.PREFIX, ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()  # the folder for temporary files may be named by a link, or in short
        for name in FOLDERS:
            (root / name).mkdir()
        files = {name: root / "run" / name for name in FILES}
        try:
            with files["notebook"].open("xb") as copy:
                digest = scratch.copy_notebook(task.notebook, copy)
        except scratch.NotAFileError as error:
            return Exit(ended=Status.UNREADABLE, reason=str(error))
        scratch.place_data(task.datasets, root / "work")
        ended, reason = _ended(*_kept(task, root, files, watch))
        return Exit(
            evidence=_read(files["evidence"], task.execution.evidence),
            executed=_read(files["executed"], MAX_EXECUTED),
            ended=ended,
            reason=reason,
            sha256=digest,
            seconds=time.monotonic() - began,
            isolation=Isolation.NONE.value,
        )


def _ended(code: int, log: str) -> tuple[Status | None, str]:
    """GraderError where the trouble is ours; a limit that was passed is in the evidence."""
    if code > 0:
        failed = "the kernel did not start" if code == NO_KERNEL else "the process that runs the notebook failed"
        raise GraderError(f"{failed} (exit code {code}); it printed last:\n{log[-2000:]}")
    if code < 0:
        return Status.NO_EVIDENCE, "the process that watches over the notebook was killed while it ran"
    return None, ""


def _read(path: Path, limit: int) -> bytes | None:
    with contextlib.suppress(FileNotFoundError), path.open("rb") as stream:
        return scratch.read_bounded(stream, limit)
    return None


def _kept(task: Task, root: Path, files: Files, watch: Watch | None) -> tuple[int, str]:
    """The harness' exit code, and the last of what it has printed."""
    tail: deque[bytes] = deque(maxlen=LOG_TAIL // BLOCK)
    with _started(task, root, files) as harness:
        reader = threading.Thread(target=drain, args=(harness.stdout, tail, watch), daemon=True)
        reader.start()
        _attend(harness, task.execution.timeout + GRACE)
        reader.join(timeout=1.0)
    return harness.returncode, BEGUN.sub(b"", b"".join(tail)).decode("utf-8", "replace")


@contextmanager
def _started(task: Task, root: Path, files: Files) -> Iterator[subprocess.Popen[bytes]]:
    python = task.execution.python or sys.executable
    try:
        harness = subprocess.Popen(
            [python, "-P", str(START), "unwalled"],
            cwd=root / "work",
            env=environment(task, root),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            creationflags=NO_WINDOW,
        )
    except OSError as error:
        raise GraderError(
            f"'{python}' cannot be started: {error.strerror}. `execution.python` in the rubric names the "
            "interpreter that runs notebooks."
        ) from error
    with harness:
        if harness.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has ended already, and its exit code tells
                harness.stdin.write(json.dumps(_job(task, root, files)).encode() + b"\n")
        yield harness


def _job(task: Task, root: Path, files: Files) -> dict[str, Any]:
    """The keys are those of the inside package's Job, but that the channels are paths."""
    return describe.asked(task, root.as_posix()) | {
        "walled": False,
        "confinement": {
            "layer": Isolation.NONE.value,
            "born": False,
            "uid": None,
            "others": 0,
            "staging": "",
            "view": {},
        },
        "channels": {name: str(path) for name, path in files.items()},
    }


def environment(task: Task, root: Path) -> dict[str, str]:
    """With the names that Windows has for home and temporary files, and in UTF-8, as notebooks are graded."""
    home, temporary = str(root / "home"), str(root / "tmp")
    return describe.environment(task, root.as_posix()) | {
        "APPDATA": home,
        "LOCALAPPDATA": home,
        "USERPROFILE": home,
        "TEMP": temporary,
        "TMP": temporary,
        "PYTHONUTF8": "1",
    }


def _attend(harness: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for the end, and see to it that nothing is left."""
    until = time.monotonic() + seconds
    seen: set[psutil.Process] = set()
    try:
        while harness.poll() is None:
            seen |= _below(harness.pid)
            if time.monotonic() > until:
                raise GraderError(f"the process that runs the notebook did not end within {seconds:g} s")
            with contextlib.suppress(subprocess.TimeoutExpired):
                harness.wait(LOOK)
    finally:
        if harness.stdin is not None:
            harness.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            harness.wait(PATIENCE)
        harness.kill()
        _end(seen)


def _below(pid: int) -> set[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return set(psutil.Process(pid).children(recursive=True))
    return set()


def _end(seen: set[psutil.Process]) -> None:
    for process in seen:
        with contextlib.suppress(psutil.Error):  # as a rule it has ended; psutil knows it from others of its number
            process.kill()
    psutil.wait_procs(list(seen), timeout=PATIENCE)
