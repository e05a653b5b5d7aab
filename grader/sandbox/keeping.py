"""Starts the keeper of a run, waits for its end, and sees to it that nothing of it is left."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from grader.errors import GraderError
from grader.model import SharedFit
from grader.sandbox import bubblewrap, describe, processes, view
from grader.sandbox.lines import Lines, Waits, lines
from grader.sandbox.task import START, Task
from grader.sandbox.view import View
from grader.sandbox.warm import Warm

GRACE = 240.0  # seconds that a run gets beyond the notebook's own time: the kernel may take 120 to start
LOOK = 60.0  # seconds between looks at the clock
LOG_TAIL = 16 * 1024
BLOCK = 1024


BEGUN = re.compile(rb"\x1e(\d{1,6})/(\d{1,6})\n")  # as the harness says it; student code can say it too

Watch = Callable[[int, int], None]
"""Told, in a thread of its own, which code cell begins, from 1, and how many there are."""


class Training(Protocol):
    """The shared trainer, as one run sees it."""

    def serve(
        self, requests: IO[bytes], replies: IO[bytes], waits: Waits, ended: threading.Event
    ) -> tuple[SharedFit, ...]:
        """Answer what comes out of one pipe through the other, until the first closes or the run has `ended`."""


@dataclass(frozen=True, slots=True)
class Aids:
    """What makes runs cheaper or seen, and changes nothing of what comes out of them."""

    warm: Warm | None = None
    training: Training | None = None
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """The files by which things go in and come out; the sandbox has them open too."""

    notebook: IO[bytes]
    evidence: IO[bytes]
    executed: IO[bytes]
    verdict: IO[bytes]

    def numbers(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name).fileno() for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Furnished:
    """A task with what it needs to begin: its scratch folder, whom to run as (None: as we do), and its files."""

    task: Task
    root: Path
    uid: int | None
    files: Channels

    @property
    def python(self) -> str:
        return self.task.execution.python or sys.executable

    @property
    def environment(self) -> dict[str, str]:
        return describe.environment(self.task, describe.place(self.task, self.root))

    def job(self, channels: dict[str, int]) -> dict[str, Any]:
        return describe.job(self.task, self.root, self.uid, self.view(), channels)

    def view(self) -> View:
        return view.of(self.python, self.task.device, self.task.execution, self.root)


@dataclass(frozen=True, slots=True)
class Kept:
    """How the keeper ended, the tail of what was printed, seconds that were waited, and what was served."""

    code: int
    log: str
    waited: float
    served: tuple[SharedFit, ...]


def keep(furnished: Furnished, aids: Aids) -> Kept:
    processes.adopt_orphans()
    with lines(training=aids.training is not None) as pipes, ExitStack() as stack:
        keeper = start(furnished, pipes, aids.warm)
        pipes.hand_over()
        waits = Waits(pipes.ours["lifeline"])  # which closes with the grader, however that ends
        stack.enter_context(_listed(waits))
        service = Service(aids.training, pipes, waits)
        tail: deque[bytes] = deque(maxlen=LOG_TAIL // BLOCK)
        reader = threading.Thread(target=drain, args=(pipes.ours["log"], tail, aids.watch), daemon=True)
        for thread in (reader, service):
            thread.start()
        try:
            attend(keeper, waits, furnished.task.execution.timeout + GRACE)
        finally:
            service.ended.set()
            waits.cut()
            processes.end(keeper)
            service.join()
        reader.join(timeout=1.0)
    code = keeper.returncode
    if code is None:
        raise GraderError("the sandbox did not end")
    log = BEGUN.sub(b"", b"".join(tail)).decode("utf-8", "replace")
    return Kept(code, log, waits.waited(), service.results())


_live: set[Waits] = set()
_lock = threading.Lock()


@contextmanager
def _listed(waits: Waits) -> Iterator[None]:
    with _lock:
        _live.add(waits)
    try:
        yield
    finally:
        with _lock:
            _live.discard(waits)


def interrupt() -> None:
    """End all runs that other threads wait for; what comes out of them is then of no worth."""
    with _lock:
        for waits in _live:
            waits.cut()


class Service(threading.Thread):
    """Answers one run's calls for the shared trainer; does nothing where there is none."""

    def __init__(self, training: Training | None, pipes: Lines, waits: Waits) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self._training, self._pipes, self._waits = training, pipes, waits
        self._served: tuple[SharedFit, ...] = ()
        self._trouble: BaseException | None = None

    def run(self) -> None:
        if self._training is None:
            return
        ours = self._pipes.ours
        try:
            self._served = self._training.serve(ours["requests"], ours["replies"], self._waits, self.ended)
        except BaseException as error:  # noqa: BLE001 - raised again where the run's result is taken
            self._trouble = error
        finally:
            ours["replies"].close()  # a kernel that still waits trains by itself

    def results(self) -> tuple[SharedFit, ...]:
        if self._trouble is not None:
            raise self._trouble
        return self._served


def start(furnished: Furnished, pipes: Lines, warm: Warm | None) -> processes.Process:
    """A fork of the warm process where that will do, or else a new interpreter."""
    log = pipes.theirs["log"].fileno()
    ways = {name: end.fileno() for name, end in pipes.theirs.items() if name != "log"}
    channels = furnished.files.numbers() | ways
    if warm is not None and warm.takes(furnished.task):
        job = furnished.job({name: place for place, name in enumerate(channels, 1)})
        begun = warm.begin(job, furnished.environment, furnished.root / "work", [log, *channels.values()])
        if begun is not None:
            return begun
    return _start(furnished, channels, log)


def _start(furnished: Furnished, channels: dict[str, int], log: int) -> subprocess.Popen[bytes]:
    command = [furnished.python, "-P", str(START), "keeper"]
    bwrap, uid = furnished.task.layer.bwrap, furnished.uid
    # bwrap is started as the user whom its child shall be; without it, the keeper changes by itself.
    user: dict[str, Any] = {"user": uid, "group": uid, "extra_groups": []} if uid is not None and bwrap else {}
    with TemporaryFile("w+") as job:
        json.dump(furnished.job(channels), job)
        job.seek(0)
        try:
            return subprocess.Popen(
                bubblewrap.command(bwrap, furnished.view(), command) if bwrap else command,
                cwd=furnished.root / "work",
                env=furnished.environment,
                stdin=job,
                stdout=log,
                stderr=log,
                pass_fds=list(channels.values()),
                start_new_session=True,
                **user,
            )
        except OSError as error:
            raise GraderError(
                f"'{furnished.python}' cannot be started: {error.strerror}. `execution.python` in the rubric names "
                "the interpreter that runs notebooks."
            ) from error


def attend(keeper: processes.Process, waits: Waits, seconds: float) -> None:
    """Wait for the end. The keeper ends by itself at the notebook's limits, and at the end of its lifeline.

    That it must be killed, after `seconds` that were no waits, would be a fault of ours.
    """
    until = time.monotonic() + seconds
    while not processes.ends_within(keeper.pid, min(LOOK, max(0.0, until + waits.waited() - time.monotonic()))):
        if time.monotonic() > until + waits.waited():
            raise GraderError(f"the sandbox did not end within {seconds:g} s")


def drain(printed: IO[bytes], tail: deque[bytes], watch: Watch | None) -> None:
    """Keep the last of what is printed; `watch` is told which cell begins."""
    rest = b""
    while block := printed.read(BLOCK):
        tail.append(block)
        if watch is None:
            continue
        whole, end, rest = (rest[-BLOCK:] + block).rpartition(b"\n")
        for number, total in BEGUN.findall(whole + end):
            watch(int(number), int(total))
