"""The story of one submission: run it, read what it left behind, compare, and grade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from grader import evidence, reference, sandbox
from grader.checks import code, executes, history, subject, summary, training
from grader.errors import EvidenceError, GraderError
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import (
    Check,
    CodeCriterion,
    Comparing,
    Criterion,
    Device,
    Evidence,
    ExecutesCriterion,
    Grade,
    HistoryCriterion,
    Observations,
    Part,
    Recording,
    Rubric,
    Status,
    Submission,
    SummaryCriterion,
    TrainingCriterion,
)
from grader.repeat import cap_in_the_way, determinism_in_the_way

MAX_MESSAGE = 3_000  # characters; a spreadsheet's cell that can still be read


@dataclass(frozen=True, slots=True)
class Assignment:
    """What holds for every submission of one part in one run; a part that compares nothing has no recording."""

    rubric: Rubric
    part: Part
    recording: Recording | None
    device: Device
    threads: int
    layer: sandbox.Layer


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a notebook; `evidence` is empty where none came out, and `status` then says why."""

    status: Status
    reason: str
    evidence: Evidence
    executed: bytes | None
    seconds: float
    isolation: str
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade, and the executed notebook as it came out of the sandbox: hostile bytes."""

    grade: Grade
    executed: bytes | None = None


def grade(submission: Submission, assignment: Assignment) -> Graded:
    if len(submission.notebooks) != 1:
        return Graded(without_run(submission, assignment))
    attempt = execute(task_of(submission.notebooks[0], assignment))
    checks = judge(attempt, assignment)
    return Graded(assemble(submission, assignment, attempt, checks), attempt.executed)


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


def execute(task: sandbox.Task) -> Attempt:
    """Run it, and again where the conditions got in its way."""
    attempt = once(task)
    if determinism_in_the_way(attempt.evidence):
        task = replace(task, deterministic=False)
        attempt = _again(task, attempt, "run without deterministic operations: one has no such form on the GPU")
    if cap_in_the_way(attempt.evidence):
        task = replace(task, max_epochs=None)
        attempt = _again(task, attempt, "run again with all its epochs: it needs more than the rubric trains")
    return attempt


def _again(task: sandbox.Task, before: Attempt, note: str) -> Attempt:
    attempt = once(task)
    return replace(attempt, seconds=before.seconds + attempt.seconds, notes=(*before.notes, note))


def once(task: sandbox.Task) -> Attempt:
    left = sandbox.run(task)
    status, reason, found = left.ended, left.reason, _nothing(left.seconds)
    if left.evidence is None:
        status = status or Status.NO_EVIDENCE
        reason = reason or "the run ended without leaving evidence"
    else:
        try:
            found = evidence.decode(left.evidence)
        except EvidenceError as error:
            status, reason = status or Status.NO_EVIDENCE, reason or str(error)
    return Attempt(
        status=status or found.ended,
        reason=reason or found.reason,
        evidence=found,
        executed=left.executed,
        seconds=left.seconds,
        isolation=left.isolation,
        sha256=left.sha256,
    )


def _nothing(seconds: float) -> Evidence:
    return Evidence(Status.NO_EVIDENCE, "", (), Observations(), None, seconds)


# --- judging -----------------------------------------------------------------------------------------------


def judge(attempt: Attempt, assignment: Assignment) -> tuple[Check, ...]:
    """One check a criterion, in the rubric's order."""
    found = attempt.evidence
    patterns = [criterion for criterion in assignment.part.criteria if isinstance(criterion, CodeCriterion)]
    matched = {check.criterion: check for check in code.check_all(patterns, found.cells)}
    compare = comparison(found, assignment.recording) if assignment.recording else _nothing_recorded

    def check(criterion: Criterion) -> Check:
        match criterion:
            case ExecutesCriterion():
                return executes.check(criterion, found.cells)
            case CodeCriterion():
                return matched[criterion.id]
            case SummaryCriterion() | TrainingCriterion() | HistoryCriterion():
                return compare(criterion)
            case _:
                assert_never(criterion)

    return tuple(check(criterion) for criterion in assignment.part.criteria)


def comparison(found: Evidence, recording: Recording) -> Callable[[Comparing], Check]:
    """Hold the evidence against the recording; one model and one training are judged by all criteria."""
    chosen = subject.choose(found.observed, recording)
    tables = [table for cell in found.cells for table in summaries(cell.text)]
    figures = [figure for cell in found.cells for figure in histories(cell.text)]

    def check(criterion: Comparing) -> Check:
        match criterion:
            case SummaryCriterion():
                return summary.check(criterion, chosen, tables, found.observed, recording)
            case TrainingCriterion():
                return training.check(criterion, chosen, recording)
            case HistoryCriterion():
                bands = reference.intervals(recording, criterion)
                return history.check(criterion, chosen, found.observed, figures, bands)
            case _:
                assert_never(criterion)

    return check


def _nothing_recorded(criterion: Comparing) -> Check:
    raise GraderError(f"'{criterion.id}' needs a recording: run `grader reference record`")


# --- the grade ---------------------------------------------------------------------------------------------


def assemble(submission: Submission, assignment: Assignment, attempt: Attempt, checks: tuple[Check, ...]) -> Grade:
    return Grade(
        student=submission.student,
        part=assignment.part.id,
        notebook=submission.notebooks[0].name,
        status=attempt.status,
        score=round(sum(check.points for check in checks), 4),
        max_score=assignment.part.points,
        checks=checks,
        flags=tuple(dict.fromkeys(flag for check in checks for flag in check.flags)),
        reason=attempt.reason,
        message=_message(attempt, assignment, checks),
        seconds=attempt.seconds,
        trained="kernel" if any(fit.epochs_trained for fit in attempt.evidence.observed.fits) else "none",
        device=assignment.device.value,
        isolation=attempt.isolation,
        sha256=attempt.sha256 or submission.sha256,
        environment=attempt.evidence.environment,
    )


def without_run(submission: Submission, assignment: Assignment) -> Grade:
    """The row of a student whose notebook is missing or not the only one."""
    status = Status.AMBIGUOUS if submission.notebooks else Status.MISSING
    return Grade(
        student=submission.student,
        part=assignment.part.id,
        notebook="; ".join(notebook.name for notebook in submission.notebooks),
        status=status,
        score=0.0,
        max_score=assignment.part.points,
        checks=tuple(
            Check(criterion.id, criterion.title, 0.0, criterion.points, why=submission.reason)
            for criterion in assignment.part.criteria
        ),
        reason=submission.reason,
        message=submission.reason,
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


def _message(attempt: Attempt, assignment: Assignment, checks: tuple[Check, ...]) -> str:
    """The reason of the status, what each failed check found, and under which conditions it was run."""
    told = any(attempt.reason in check.why for check in checks)  # the `executes` check quotes a cell's error
    reason = [attempt.reason] if attempt.reason and not told else []
    say_all = attempt.evidence.cells or not attempt.reason
    judged = zip(assignment.part.criteria, checks, strict=True) if say_all else ()
    failed = [_said(criterion, check) for criterion, check in judged if not check.passed]
    text = "; ".join("; ".join(reason + failed + list(attempt.notes)).splitlines())
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _said(criterion: Criterion, check: Check) -> str:
    """A pattern's failure says little without the pattern."""
    if isinstance(criterion, CodeCriterion):
        return f"{check.criterion}: looked for {check.expected}: {check.why}; found {check.found}"
    return f"{check.criterion}: {check.why}"
