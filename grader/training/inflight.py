"""The trainings that somebody waits for: each once, a few at a time, the longest first.

Theory of operation. A job is held by everybody who waits for it, and by the worker while that is at it; it is
gone when nobody holds it any more. So a submission that ends while it waits takes nothing from those that joined
it, and what nobody waits for is not begun. A job stays joinable until its result is kept where later requests
find it: no moment lies between in which a second training of the same could begin.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from grader.errors import GraderError
from grader.training.channel import LOOK, CancelledError
from grader.training.results import Result


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result and the open file that holds it, or why there is none. `cached` is what an earlier run trained."""

    result: Result | None = None
    file: BinaryIO | None = None
    cached: bool = False
    failure: str = ""

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


@dataclass(eq=False, slots=True)
class Job:
    """`expected` is the training's length in seconds; `spool` holds its request."""

    key: str
    spool: BinaryIO
    expected: float
    holders: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    done: threading.Event = field(default_factory=threading.Event)

    def wait(self, cancelled: threading.Event) -> Outcome:
        """The outcome, whose file stays open as long as the job is held."""
        while not self.done.wait(LOOK / 1000):
            if cancelled.is_set():
                raise CancelledError("the run has ended")
        return self.outcome

    def end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.spool.close()
        self.done.set()


class InFlight:
    """`obtain` trains, from a spool that stands at its beginning; `keep` puts away what it gave."""

    def __init__(
        self, slots: int, obtain: Callable[[str, BinaryIO], Outcome], keep: Callable[[str, Outcome], None]
    ) -> None:
        self._obtain, self._keep = obtain, keep
        self._jobs: dict[str, Job] = {}
        self._waiting: list[Job] = []
        self._closed = False
        self._changed = threading.Condition()
        self._workers = [threading.Thread(target=self._labour, daemon=True) for _ in range(slots)]
        for worker in self._workers:
            worker.start()

    @contextmanager
    def hold(self, key: str, spool: BinaryIO | None, expected: float) -> Iterator[tuple[Job, bool] | None]:
        """The job of this key, and whether it was another's already. The spool is closed when it is done with.

        None without a spool, where there is no such job yet.
        """
        held = self._enter(key, spool, expected)
        try:
            yield held
        finally:
            if held is not None:
                self._leave(held[0])

    def close(self) -> None:
        """Begin no more trainings, and wait for the end of those that were begun."""
        with self._changed:
            self._closed = True
            for job in self._waiting:
                del self._jobs[job.key]
                job.end(Outcome(failure="the run is ending"))
            self._waiting.clear()
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()

    def _enter(self, key: str, spool: BinaryIO | None, expected: float) -> tuple[Job, bool] | None:
        with self._changed:
            job = self._jobs.get(key)
            joined = job is not None
            if job is None:
                if spool is None:
                    return None
                job = Job(key, spool, expected)
                self._queue(job)
            elif spool is not None:
                spool.close()
            job.holders += 1
            return job, joined

    def _queue(self, job: Job) -> None:
        if self._closed:
            job.end(Outcome(failure="the run is ending"))
            return
        self._jobs[job.key] = job
        self._waiting.append(job)
        self._changed.notify()

    def _leave(self, job: Job) -> None:
        with self._changed:
            job.holders -= 1
            if job.holders:
                return
            if job in self._waiting:
                self._waiting.remove(job)
                del self._jobs[job.key]
                job.end(Outcome(failure="nobody waits for it"))
            job.outcome.close()

    # --- the workers' side -----------------------------------------------------------------------------------

    def _labour(self) -> None:
        while (job := self._next()) is not None:
            job.end(self._outcome(job))
            self._keep(job.key, job.outcome)
            with self._changed:
                del self._jobs[job.key]
            self._leave(job)

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            job = max(self._waiting, key=lambda job: job.expected)
            self._waiting.remove(job)
            job.holders += 1
            return job

    def _outcome(self, job: Job) -> Outcome:
        try:
            return self._obtain(job.key, job.spool)
        except GraderError as error:
            return Outcome(failure=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must be told, and the next begun
            return Outcome(failure=f"{type(error).__name__}: {error}")
