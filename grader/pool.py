"""Runs the submissions of a session, some at a time, and those again alone that ran into a limit beside others."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from grader import sandbox
from grader.grade import Graded, grade
from grader.lanes import Lane
from grader.model import Grade, Status, Submission
from grader.progress import Progress
from grader.report.executed import Pages
from grader.runner import Runner
from grader.session import Session, guarded

# What the load of the machine may have brought about.
DOUBTFUL = {Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.KERNEL_DIED, Status.NO_EVIDENCE}


@dataclass(slots=True)
class Pool:
    """`doubtful` are the places of those that are to be run once more, alone."""

    session: Session
    runner: Runner
    pages: Pages
    progress: Progress
    doubtful: list[int] = field(default_factory=list)
    audited: list[tuple[str, bool]] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, places: Iterable[int]) -> None:
        """All of these, begun in this order; what would stop the others too is raised, so is KeyboardInterrupt."""
        self._all(places, alone=False)
        again, self.doubtful = sorted(self.doubtful), []
        self._all(again, alone=True)

    def _all(self, places: Iterable[int], *, alone: bool) -> None:
        with ThreadPoolExecutor(self.runner.lanes.most_alive, thread_name_prefix="submission") as executor:
            futures = []
            try:
                for place in places:
                    lane = self.runner.lanes.enter(alone=alone)
                    futures.append(executor.submit(self._one, place, lane, alone=alone))
                _await(futures)
            except BaseException:
                self._stopping.set()
                sandbox.interrupt()
                raise

    def _one(self, place: int, lane: Lane, *, alone: bool) -> None:
        try:
            if not self._stopping.is_set():
                self._grade(place, lane, alone=alone)
        except BaseException:
            self._stopping.set()
            raise
        finally:
            lane.leave()

    def _grade(self, place: int, lane: Lane, *, alone: bool) -> None:
        submission = self.session.found[place]
        self.progress.running(submission.student)
        crowd = self.runner.lanes.crowd()
        graded = self._graded(submission, lane)
        if self._stopping.is_set():
            return  # it may have been ended with the run
        beside = not alone and (crowd[1] > 1 or self.runner.lanes.crowd() != crowd)
        if beside and graded.grade.status in DOUBTFUL:
            self.doubtful.append(place)
            self.progress.note(submission.student, f"{graded.grade.status.value} beside others; runs again, alone")
            return
        if graded.attempt is not None:
            name = _name(submission)
            self.audited += [(submission.student, same) for _, same in self.runner.audit_of(name, graded.attempt)]
        self.progress.done(submission.student, outcome(self.session.finish(place, graded, self.pages)))

    def _graded(self, submission: Submission, lane: Lane) -> Graded:
        assignment = self.session.assignments[submission.part]

        def run(task: sandbox.Task) -> sandbox.Exit:
            return self.runner.run(task, lane, _name(submission))

        return guarded(submission, assignment, lambda: grade(submission, assignment, run))

    def audit(self) -> list[str]:
        """What came of the trainings that were done again; nothing where none was to be."""
        if not self.runner.audit:
            return []
        different = sorted({student for student, same in self.audited if not same})
        found = f"not as shared for {', '.join(different)}" if different else "each exactly as shared"
        return [f"audit: {len(self.audited)} shared trainings were done again by their own kernels, {found}"]


def _name(submission: Submission) -> str:
    return f"{submission.student}\0{submission.part}"


def _await(futures: list[Future[None]]) -> None:
    for future in as_completed(futures):
        future.result()


def outcome(result: Grade) -> str:
    if result.score is None:
        return result.status.value
    return f"{result.status.value}, {result.score:g} of {result.max_score:g}"
