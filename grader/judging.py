"""What evidence is worth: one check a criterion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from grader import bands
from grader.checks import causes, code, executes, flags, history, loops, saved, strength, subject, summary, training
from grader.checks.subject import Subject
from grader.errors import GraderError
from grader.extract import refused
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import (
    Check,
    CodeCriterion,
    Comparing,
    Criterion,
    Evaluated,
    Evidence,
    ExecutesCriterion,
    Fit,
    HistoryCriterion,
    ModelSummary,
    Observations,
    Part,
    PrintedHistory,
    Recording,
    SharedFit,
    SummaryCriterion,
    TrainingCriterion,
    canonical_metric,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """`fit` is the training that was judged; None where nothing was trained, or nothing is compared.

    `flags` are those that belong to no criterion, `notes` facts that nobody needs to look at.
    """

    checks: tuple[Check, ...]
    fit: Fit | None
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What one run left behind, and what the grader itself trained and evaluated for it."""

    evidence: Evidence
    served: tuple[SharedFit, ...] = ()
    evaluated: tuple[Evaluated, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What was read from the text that the cells showed."""

    summaries: tuple[ModelSummary, ...]
    histories: tuple[PrintedHistory, ...]


def judge(known: Known, part: Part, recording: Recording | None) -> Judged:
    """One check a criterion, in the rubric's order; one model and one training are judged by all of them."""
    found = known.evidence
    patterns = [criterion for criterion in part.criteria if isinstance(criterion, CodeCriterion)]
    matched = {check.criterion: check for check in code.check_all(patterns, found.cells)}
    chosen = subject_of(known, recording) if recording else Subject()
    shown = _shown(found) if recording else Shown((), ())
    compare = comparison(found.observed, shown, chosen, recording) if recording else _nothing_recorded

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

    judged = (_explained(check(criterion), found) for criterion in part.criteria)
    checks = tuple(
        replace(one, hidden=criterion.hidden) for one, criterion in zip(judged, part.criteria, strict=True)
    )
    if recording is None:
        return Judged(checks, chosen.fit)
    metrics = _metrics(recording)
    both = [cell for cell in found.cells if cell.saved and cell.text]
    note = saved.note(((list(histories(cell.saved)), list(histories(cell.text))) for cell in both), metrics)
    notes = tuple(filter(None, (loops.note(found.cells, found.observed), note)))
    return Judged(checks, chosen.fit, flags.raised(found, shown.histories, metrics, chosen.behind), notes)


def subject_of(known: Known, recording: Recording) -> Subject:
    """The model and the training that all criteria judge."""
    observed = known.evidence.observed
    chosen = subject.choose(observed, recording)
    behind = strength.of(chosen.fit, observed, known.served, known.evaluated)
    return replace(chosen, behind=behind, cause=causes.likely(chosen.fit, chosen.snapshot, recording))


def _shown(found: Evidence) -> Shown:
    return Shown(
        tuple(table for cell in found.cells for table in summaries(cell.text)),
        tuple(figure for cell in found.cells for figure in histories(cell.text)),
    )


def _explained(check: Check, found: Evidence) -> Check:
    """Where nothing was printed that can be read, the reason why what was printed cannot be."""
    reasons = {summary.NOT_PRINTED: refused.summaries, history.NOT_PRINTED: refused.histories}.get(check.why)
    why = next((why for cell in found.cells for why in reasons(cell.text)), "") if reasons else ""
    return replace(check, why=f"{check.why}: {why}") if why else check


def _metrics(recording: Recording) -> Sequence[str]:
    return sorted({canonical_metric(name) for run in recording.runs for name in run.history})


def comparison(
    observed: Observations, shown: Shown, chosen: Subject, recording: Recording
) -> Callable[[Comparing], Check]:
    """Hold the evidence against the recording."""

    def check(criterion: Comparing) -> Check:
        match criterion:
            case SummaryCriterion():
                return summary.check(criterion, chosen, shown.summaries, observed, recording)
            case TrainingCriterion():
                return training.check(criterion, chosen, recording)
            case HistoryCriterion():
                intervals = bands.intervals(recording, criterion)
                return history.check(criterion, chosen, observed, shown.histories, intervals)
            case _:
                assert_never(criterion)

    return check


def must_answer(part: Part, recording: Recording) -> None:
    """Raises `GraderError` where a criterion asks for what was not recorded: better now than before a class."""
    for criterion in part.criteria:
        if isinstance(criterion, TrainingCriterion):
            training.check(criterion, Subject(), recording)
        if isinstance(criterion, HistoryCriterion):
            bands.intervals(recording, criterion)


def _nothing_recorded(criterion: Comparing) -> Check:
    raise GraderError(f"'{criterion.id}' needs a recording: run `grader reference record`")
