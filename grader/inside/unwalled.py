"""The harness without a keeper, on systems that have no walls for it: Windows and macOS.

Theory of operation. Here somebody runs a notebook of their own, with their own rights, and there is nobody to be
walled off. The harness is started by the grader itself and keeps the watch in two threads. One looks at the limits
as a keeper does, by psutil, and where one is passed it kills all that the notebook has started. The other waits for
the end of standard input, which comes with the grader's own end, however that ends. A process that was started and
lost its parent between two looks is not seen, and not ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import psutil

from . import harness, job, room
from .verdicts import Clock, Verdict, too_full, too_heavy, too_many

INTERVAL = 0.5  # seconds between looks at the limits; a list of all processes takes a while on Windows
ROUNDS = 20  # of stopping; what forks without pause is met again in the next look
LAST_WORDS = 30.0  # seconds that the harness gets to write its evidence after the kernel was killed
PATIENCE = 3.0  # seconds; giving gigabytes back takes a while
BINARY: int = getattr(os, "O_BINARY", 0)  # Windows changes what is read and written without it
WAYS = {"notebook": os.O_RDONLY, "evidence": os.O_WRONLY | os.O_CREAT, "executed": os.O_WRONLY | os.O_CREAT}
GRADER_GONE = 74  # exit code, as of a keeper


@dataclass
class Watch:
    """`seen` are all processes of the notebook that were ever seen, `doubt` what the last look found too much."""

    task: job.Job
    clock: Clock = field(default_factory=Clock)
    seen: set[psutil.Process] = field(default_factory=set)
    doubt: Verdict | None = None
    passed: Verdict | None = None
    looking: threading.Lock = field(default_factory=threading.Lock)

    def begins(self, number: int) -> None:
        """Once all cells have ended the kernel is about to, and what it has started to lose its parent."""
        self.clock.hear(f"{number}\n".encode())
        if number == 0:
            self.living()

    def verdict(self) -> list[str] | None:
        return list(self.passed) if self.passed else None

    def look_on(self) -> None:
        """Without end; the harness is ended where it does not end by itself once the kernel is dead."""
        until = float("inf")
        while time.monotonic() < until:
            time.sleep(INTERVAL)
            living = self.living()
            if self.passed is None:
                self.passed = self.clock.over(self.task.limits) or self._twice(self._measured(living))
                until = time.monotonic() + LAST_WORDS if self.passed else until
            if self.passed is not None:
                self.end(living)
        os._exit(1)

    def await_grader(self) -> None:
        while os.read(sys.stdin.fileno(), 1):
            continue
        self.sweep()
        os._exit(GRADER_GONE)

    def sweep(self) -> None:
        until = time.monotonic() + PATIENCE
        while (living := self.living()) and time.monotonic() < until:
            self.end(living)
            psutil.wait_procs(living, timeout=INTERVAL)

    def end(self, living: list[psutil.Process]) -> None:
        """Stopped first, with all that they were about to start: what is stopped starts nothing more."""
        stopped: set[psutil.Process] = set()
        for _ in range(ROUNDS):
            each_do(psutil.Process.suspend, living)
            stopped.update(living)
            living = [each for each in self.living() if each not in stopped]
            if not living:
                break
        each_do(psutil.Process.kill, stopped)

    def living(self) -> list[psutil.Process]:
        """All that the harness has started, and what those have whose own parents are gone."""
        with self.looking:
            for each in (psutil.Process(), *self.seen):
                with contextlib.suppress(psutil.Error):
                    self.seen.update(each.children(recursive=True))
            return [each for each in self.seen if lives(each)]

    def _twice(self, found: Verdict | None) -> Verdict | None:
        """One look can meet what is soon over: a child that is being started, a file that is being removed."""
        before, self.doubt = self.doubt, found
        return found if found and before and found[0] == before[0] else None

    def _measured(self, living: list[psutil.Process]) -> Verdict | None:
        limits = self.task.limits
        if weighs(living) > limits.memory:
            return too_heavy(limits)
        return too_many(sum(map(threads, living)), limits) or too_full(
            room.of_folder(self.task.root, limits.scratch_files), limits
        )


def main() -> NoReturn:
    """The job is the first line of standard input; its channels are paths."""
    task = opened(json.loads(sys.stdin.buffer.readline()))
    watch = Watch(task)
    for work in (watch.look_on, watch.await_grader):
        threading.Thread(target=work, daemon=True).start()
    code = 1
    try:
        harness.main(task, watch)
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, what the notebook has started must be ended first
        traceback.print_exc()
    watch.sweep()
    sys.stderr.flush()
    os._exit(code)  # the threads wait on


def opened(facts: Mapping[str, Any]) -> job.Job:
    ways = {name: os.open(facts["channels"][name], way | BINARY, 0o600) for name, way in WAYS.items()}
    return job.of({**facts, "channels": {**ways, "verdict": -1, "lifeline": sys.stdin.fileno()}})


def lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def each_do(what: Callable[[psutil.Process], object], processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            what(process)


def threads(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.num_threads())
    return 0


def weighs(processes: list[psutil.Process]) -> int:
    """Bytes of memory; what several share counts in each of them."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total
