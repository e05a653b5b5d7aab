"""What evidence is worth: one check a criterion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from grader import bands
from grader.checks import code, executes, history, subject, summary, training
from grader.checks.subject import Subject
from grader.errors import GraderError
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import (
    Check,
    CodeCriterion,
    Comparing,
    Criterion,
    Evidence,
    ExecutesCriterion,
    Fit,
    HistoryCriterion,
    Part,
    Recording,
    SummaryCriterion,
    TrainingCriterion,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """`fit` is the training that was judged; None where nothing was trained, or nothing is compared."""

    checks: tuple[Check, ...]
    fit: Fit | None


def judge(found: Evidence, part: Part, recording: Recording | None) -> Judged:
    """One check a criterion, in the rubric's order; one model and one training are judged by all of them."""
    patterns = [criterion for criterion in part.criteria if isinstance(criterion, CodeCriterion)]
    matched = {check.criterion: check for check in code.check_all(patterns, found.cells)}
    chosen = subject.choose(found.observed, recording) if recording else Subject()
    compare = comparison(found, chosen, recording) if recording else _nothing_recorded

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

    return Judged(tuple(check(criterion) for criterion in part.criteria), chosen.fit)


def comparison(found: Evidence, chosen: Subject, recording: Recording) -> Callable[[Comparing], Check]:
    """Hold the evidence against the recording."""
    tables = [table for cell in found.cells for table in summaries(cell.text)]
    figures = [figure for cell in found.cells for figure in histories(cell.text)]

    def check(criterion: Comparing) -> Check:
        match criterion:
            case SummaryCriterion():
                return summary.check(criterion, chosen, tables, found.observed, recording)
            case TrainingCriterion():
                return training.check(criterion, chosen, recording)
            case HistoryCriterion():
                intervals = bands.intervals(recording, criterion)
                return history.check(criterion, chosen, found.observed, figures, intervals)
            case _:
                assert_never(criterion)

    return check


def _nothing_recorded(criterion: Comparing) -> Check:
    raise GraderError(f"'{criterion.id}' needs a recording: run `grader reference record`")
