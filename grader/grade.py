"""The story of one submission: run it, read what it left behind, compare, and grade.

What running gave is one value, an `Attempt`, and what is thought of it another: `score` runs nothing, so that an
attempt that was kept can be judged again by another rubric.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grader import evidence, sandbox
from grader.checks import ending, strength
from grader.checks.wording import shown
from grader.errors import EvidenceError
from grader.judging import Judged, Known, judge
from grader.model import (
    Attempt,
    Check,
    CodeCriterion,
    Criterion,
    Device,
    Evidence,
    Fit,
    Grade,
    Observations,
    Part,
    Recording,
    Rubric,
    Status,
    Submission,
)
from grader.repeat import cap_in_the_way, determinism_in_the_way

MOST_QUOTED = 60  # characters of a reason by which it is told from others
MAX_ADAPTED = 12  # that are listed
MAX_MESSAGE = 3_000  # characters; a spreadsheet's cell that can still be read
Runner = Callable[[sandbox.Task], sandbox.Exit]


@dataclass(frozen=True, slots=True)
class Assignment:
    """What holds for every submission of one part in one run; a part that compares nothing has no recording.

    `others` are the same for the other references that the part accepts.
    """

    rubric: Rubric
    part: Part
    recording: Recording | None
    device: Device
    threads: int
    layer: sandbox.Layer
    others: tuple[Assignment, ...] = ()

    @property
    def accepted(self) -> tuple[Assignment, ...]:
        """Each by itself."""
        return (replace(self, others=()), *self.others)


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade, what it was made of (None where nothing was run), and the executed notebook: hostile bytes."""

    grade: Grade
    executed: bytes | None = None
    attempt: Attempt | None = None


def grade(submission: Submission, assignment: Assignment, runner: Runner | None = None) -> Graded:
    """`runner` runs a task in a sandbox; None is `sandbox.run`, which starts cold and shares nothing."""
    if len(submission.notebooks) != 1:
        return Graded(without_run(submission, assignment))
    attempt = execute(task_of(submission.notebooks[0], assignment), runner)
    return Graded(score(submission, assignment, attempt), attempt.executed, attempt)


# --- running -----------------------------------------------------------------------------------------------


def task_of(notebook: Path, assignment: Assignment) -> sandbox.Task:
    """The rubric's conditions."""
    execution = assignment.rubric.execution
    return sandbox.Task(
        notebook=notebook,
        datasets=assignment.rubric.datasets,
        execution=execution,
        device=assignment.device,
        threads=assignment.threads,
        seed=execution.seed,
        layer=assignment.layer,
        max_epochs=execution.max_epochs,
    )


def execute(task: sandbox.Task, runner: Runner | None = None) -> Attempt:
    """Run it, and again where the conditions got in its way."""
    run = runner or sandbox.run
    attempt = once(task, run)
    if determinism_in_the_way(attempt.evidence):
        task = replace(task, deterministic=False)
        note = "run without deterministic operations: one has no such form on the GPU"
        attempt = _after(attempt, once(task, run), note)
    if cap_in_the_way(attempt.evidence):
        task = replace(task, max_epochs=None)
        note = "run again with all its epochs: it needs more than the rubric trains"
        attempt = _after(attempt, once(task, run), note)
    return attempt


def _after(before: Attempt, attempt: Attempt, note: str) -> Attempt:
    return replace(attempt, seconds=before.seconds + attempt.seconds, notes=(*before.notes, note))


def once(task: sandbox.Task, run: Runner) -> Attempt:
    left = run(task)
    found, fault = decoded(left.evidence, left.seconds)
    return Attempt(
        status=left.ended or found.ended,
        reason=left.reason or fault or found.reason,
        evidence=found,
        executed=left.executed,
        seconds=left.seconds,
        isolation=left.isolation,
        sha256=left.sha256,
        raw=left.evidence,
        served=left.served,
        evaluated=left.evaluated,
    )


def decoded(raw: bytes | None, seconds: float) -> tuple[Evidence, str]:
    """The evidence, and no fault; or evidence of nothing, and why nothing can be read."""
    if raw is None:
        return _nothing(seconds), "the run ended without leaving evidence"
    try:
        return evidence.decode(raw), ""
    except EvidenceError as error:
        return _nothing(seconds), str(error)


def _nothing(seconds: float) -> Evidence:
    return Evidence(Status.NO_EVIDENCE, "", (), Observations(), None, seconds)


# --- the grade ---------------------------------------------------------------------------------------------


def score(submission: Submission, assignment: Assignment, attempt: Attempt) -> Grade:
    """Judge what running the submission gave; the same for the same attempt, whenever that was made.

    Of several accepted references the one judges that gives most points; of equal ones the first.
    """
    known = Known(attempt.evidence, attempt.served, attempt.evaluated)
    every = [(each, judge(known, each.part, each.recording)) for each in assignment.accepted]
    assignment, judged = max(every, key=lambda pair: _points(pair[1]))
    checks = judged.checks
    return Grade(
        student=submission.student,
        part=assignment.part.id,
        notebook=submission.notebooks[0].name,
        status=attempt.status,
        score=_points(judged),
        max_score=assignment.part.points,
        checks=checks,
        flags=tuple(dict.fromkeys([*(flag for check in checks for flag in check.flags), *judged.flags])),
        reason=ending.told(attempt.status, attempt.reason),
        message=_message(attempt, assignment, judged),
        seconds=attempt.seconds,
        reference=assignment.part.program if attempt.evidence.cells else "",
        trained=_trained(attempt, judged.fit),
        device=assignment.device.value,
        isolation=attempt.isolation,
        sha256=attempt.sha256 or submission.sha256,
        environment=attempt.evidence.environment,
    )


def _points(judged: Judged) -> float:
    return round(sum(check.points for check in judged.checks), 4)


def _trained(attempt: Attempt, judged: Fit | None) -> str:
    """Where the judged training came from; where nothing is compared with a recording, the last one."""
    trainings = [fit for fit in attempt.evidence.observed.fits if fit.epochs_trained]
    if not trainings:
        return "none"
    return "shared" if strength.is_served(judged or trainings[-1], attempt.served) else "kernel"


def without_run(submission: Submission, assignment: Assignment) -> Grade:
    """The row of a student whose notebook is missing or not the only one."""
    status = Status.AMBIGUOUS if submission.notebooks else Status.MISSING
    reason, step = ending.told(status, submission.reason), ending.STEPS[status]
    return Grade(
        student=submission.student,
        part=assignment.part.id,
        notebook="; ".join(notebook.name for notebook in submission.notebooks),
        status=status,
        score=0.0,
        max_score=assignment.part.points,
        checks=tuple(
            Check(criterion.id, criterion.title, 0.0, criterion.points, why=submission.reason, next_step=step)
            for criterion in assignment.part.criteria
        ),
        reason=reason,
        message=reason,
    )


def own_trouble(submission: Submission, assignment: Assignment, reason: str) -> Grade:
    """The row where the grader failed: blank, never 0."""
    return Grade(
        student=submission.student,
        part=assignment.part.id,
        notebook="; ".join(notebook.name for notebook in submission.notebooks),
        status=Status.GRADER_ERROR,
        score=None,
        max_score=assignment.part.points,
        reason=reason[:MAX_MESSAGE],
        message=reason[:MAX_MESSAGE],
        device=assignment.device.value,
        sha256=submission.sha256,
    )


def _message(attempt: Attempt, assignment: Assignment, judged: Judged) -> str:
    """The reason of the status, what each failed check found, and under which conditions it was run."""
    checks = judged.checks
    first = attempt.reason.partition("\n")[0][:MOST_QUOTED]
    told = any(first in check.why for check in checks)  # the `executes` check quotes a cell's error, cut off
    reason = [ending.told(attempt.status, attempt.reason)] if attempt.reason and not told else []
    say_all = attempt.evidence.cells or not attempt.reason
    pairs = zip(assignment.part.criteria, checks, strict=True) if say_all else ()
    failed = [_said(criterion, check) for criterion, check in pairs if not check.passed]
    adapted = _adapted(attempt.evidence.observed.adapted) if assignment.rubric.execution.compat else []
    text = "; ".join("; ".join([*reason, *failed, *attempt.notes, *judged.notes, *adapted]).splitlines())
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _adapted(told: tuple[str, ...]) -> list[str]:
    """What `compat` has adapted, for who wonders why an old notebook runs; the words come from the kernel."""
    if not told:
        return []
    rest = len(told) - MAX_ADAPTED
    more = [f"and {rest} more"] if rest > 0 else []
    return [f"adapted to today's Keras: {', '.join([*map(shown, told[:MAX_ADAPTED]), *more])}"]


def _said(criterion: Criterion, check: Check) -> str:
    """A pattern's failure says little without the pattern."""
    if isinstance(criterion, CodeCriterion):
        return f"{check.criterion}: looked for {check.expected}: {check.why}; found {check.found}"
    return f"{check.criterion}: {check.why}"
