"""One run of `grader grade`: who is in it, what is finished already, and where finished grades go.

A finished grade is in the ledger before anybody hears of it. The tables are written again and again meanwhile, so
that whoever looks sees a row for everybody, and so that what cannot be written is known before a night is spent.
"""

from __future__ import annotations

import errno
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from grader import durable, reference, resume
from grader.errors import GraderError
from grader.finished import NOT_YET
from grader.grade import Assignment, Graded, own_trouble, without_run
from grader.ledger import Ledger, entry_of
from grader.model import Grade, Part, Result, Rubric, Submission
from grader.outputs import notebooks, scores
from grader.report.executed import Pages
from grader.resume import Step

SHARE = 20  # of the time, at most one part in so many goes into writing tables
FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(slots=True)
class Session:
    """`grades` has one for each of `found`, in their order; those that are not `finished` say so.

    `beside` says what dates and people made of a grade.
    """

    rubric: Rubric
    assignments: Mapping[str, Assignment]
    found: Sequence[Submission]
    out: Path
    ledger: Ledger
    conditions: resume.Conditions
    beside: Callable[[Grade], Result] = Result
    grades: list[Grade] = field(default_factory=list)
    kept: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next_table: float = 0.0
    _judging: dict[tuple[str, str], str] = field(default_factory=dict)  # by part and program

    def plan(self) -> list[int]:
        """The places of those that must be run, longest first where that is known; the others are finished.

        Who handed in nothing that can be run has a grade at once; `kept` counts those of an earlier run.
        """
        everybody = (*self.found, *(reference_of(one) for one in self.references()))
        self.ledger.forget_others({(one.student, one.part) for one in everybody})
        self.grades = [own_trouble(one, self.assignments[one.part], NOT_YET) for one in self.found]
        again = []
        for place, submission in enumerate(self.found):
            assignment = self.assignments[submission.part]
            finished = self.finished(submission)
            if len(submission.notebooks) != 1:
                self.grades[place] = without_run(submission, assignment)
                self.keep(submission, Graded(self.grades[place]), assignment)
            elif finished is None:
                entry = self.ledger.entry(submission.student, submission.part)
                again.append((-(entry.grade.seconds if entry else 0.0), place))
            else:
                self.grades[place] = finished
                self.kept += 1
        return [place for _, place in sorted(again)]

    def references(self) -> list[Assignment]:
        """Each reference that can be run, as what is asked of it: to earn full points by its own criteria."""
        return [one for each in self.assignments.values() for one in each.accepted if one.part.runnable]

    def finished(self, submission: Submission, assignment: Assignment | None = None) -> Grade | None:
        """The grade that an earlier run left, judged again where only the judging has changed."""
        assignment = assignment or self.assignments[submission.part]
        run, judging = self.fingerprints(submission, assignment)
        entry = self.ledger.entry(submission.student, submission.part)
        step = resume.plan(submission, entry, run, judging)
        if entry is None or step is Step.AGAIN:
            return None
        if step is Step.KEEP:
            return entry.grade
        grade = resume.rescore(entry, submission, assignment)
        self.ledger.put(replace(entry, grade=grade, judging=judging, finished=datetime.now(UTC)))
        return grade

    def fingerprints(self, submission: Submission, assignment: Assignment) -> tuple[str, str]:
        name = (submission.part, ", ".join(one.part.program for one in assignment.accepted))
        if name not in self._judging:
            self._judging[name] = resume.of_judging(assignment)
        return resume.of_run(submission, assignment, self.conditions), self._judging[name]

    def keep(self, submission: Submission, graded: Graded, assignment: Assignment) -> None:
        """On the disk on return."""
        self.ledger.put(entry_of(graded.grade, graded.attempt, *self.fingerprints(submission, assignment)))

    def finish(self, place: int, graded: Graded, pages: Pages) -> Grade:
        """Keep the grade and the executed notebook, which changes no grade."""
        grade = store_executed(graded, self.out, pages)
        submission = self.found[place]
        self.keep(submission, replace(graded, grade=grade), self.assignments[submission.part])
        self.grades[place] = grade
        self.write_tables(now=False)
        return grade

    def write_tables(self, *, now: bool = True) -> None:
        with self._lock:
            began = time.monotonic()
            if not now and began < self._next_table:
                return
            scores.write_scores(self.out, self.rubric, self.grades, self.beside)
            scores.write_totals(self.out, self.rubric, self.grades, self.beside)
            self._next_table = time.monotonic() + SHARE * (time.monotonic() - began)


def reference_of(assignment: Assignment) -> Submission:
    part = assignment.part
    return Submission(reference_name(part), part.id, (part.reference,), reference.digest(part.reference))


def reference_name(part: Part) -> str:
    """As a submission: one that no folder or file can have."""
    return f"\0reference {part.program}".rstrip()


def guarded(submission: Submission, assignment: Assignment, grading: Callable[[], Graded]) -> Graded:
    """Our own trouble with one submission costs it its row's score, never the row, nor the rest of the class."""
    try:
        return grading()
    except DiskFullError:
        raise
    except GraderError as error:
        reason = str(error)
    except OSError as error:
        stop_if_full(error)
        reason = f"'{error.filename or 'a file'}': {error.strerror or error}"
    except Exception as error:  # noqa: BLE001 - a fault in the grader must not take the night's run with it
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}, line {where.lineno}"
        reason = f"a fault in the grader: {type(error).__name__} in {place}: {error}"
    return Graded(own_trouble(submission, assignment, reason))


def stop_if_full(error: OSError) -> None:
    """A full disk would fail all that follow in the same way."""
    if error.errno in FULL:
        raise DiskFullError(
            f"'{error.filename or 'a temporary file'}': {error.strerror}. What is finished is kept; free some "
            "space, and give the same command again"
        ) from error


class DiskFullError(GraderError):
    """The run cannot go on."""


def store_executed(graded: Graded, out: Path, pages: Pages) -> Grade:
    """Store the executed notebook as it came out, and as a page that is safe to open."""
    if graded.executed is None:
        return graded.grade
    path = notebooks.path_for(out, graded.grade)
    page = path.with_suffix(".html")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        page.unlink(missing_ok=True)
        durable.replace(path, graded.executed)
        reason = pages.render(path, page)
    except OSError as error:
        stop_if_full(error)
        reason = f"{error.filename or path}: {error.strerror or error}"
    if not reason:
        return graded.grade
    note = f"the executed notebook could not be kept as a page: {reason}"
    return replace(graded.grade, message="; ".join(filter(None, (graded.grade.message, note))))
