"""What a notebook's saved outputs, or a text, show by themselves. Nothing is run, so nothing here is a grade."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from grader import bands
from grader.checks import code, digits, unobserved
from grader.checks.wording import figure, listed, shown
from grader.extract import refused
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import (
    CodeCriterion,
    EvidenceKind,
    ExecutesCriterion,
    HistoryCriterion,
    Outcome,
    SummaryCriterion,
    TrainingCriterion,
    may_be_running,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grader.model import Check, Criterion, Interval, ModelSummary, Part, PrintedHistory, Recording
    from grader.notebook_file import Saved

MAX_PRINTS = 50  # of summaries, and of histories; the last ones are looked at
ONLY = "only the saved outputs were judged; nothing was run, and this is no grade"


class Word(StrEnum):
    MATCH = "match"
    IN_PART = "match in part"
    DIFFERS = "does not match"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Verdict:
    criterion: Criterion
    word: Word
    why: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict a criterion, in the rubric's order, by the reference that `program` names."""

    program: str
    verdicts: tuple[Verdict, ...]

    @property
    def matches(self) -> tuple[int, int]:
        """How much of it matches, in full and in part."""
        words = [one.word for one in self.verdicts]
        return words.count(Word.MATCH), words.count(Word.IN_PART)


@dataclass(frozen=True, slots=True)
class _Printed:
    """What was read of the texts; `no_table` and `no_history` say why there is none, where that is known."""

    tables: Sequence[ModelSummary]
    histories: Sequence[PrintedHistory]
    no_table: str = ""
    no_history: str = ""


_Told = tuple[Word, str]


def judge(saved: Saved, accepted: Sequence[tuple[Part, Recording | None]]) -> Judged:
    """By the one of the part's references with which most of it matches, the first of equal ones."""
    printed = _shown(saved)
    every = [_judged(saved, printed, part, recording) for part, recording in accepted]
    return max(every, key=lambda one: one.matches)


def _judged(saved: Saved, printed: _Printed, part: Part, recording: Recording | None) -> Judged:
    coded = _coded(saved, [one for one in part.criteria if isinstance(one, CodeCriterion)])

    def judge_one(criterion: Criterion) -> _Told:
        match criterion:
            case ExecutesCriterion():
                return _executes(saved)
            case CodeCriterion():
                return coded[criterion.id]
            case TrainingCriterion():
                return Word.NOT_JUDGED, "needs a run"
            case SummaryCriterion() | HistoryCriterion() if recording is None or not any(saved.texts):
                return Word.NOT_JUDGED, "needs a run: no output is saved" if recording else "nothing is recorded"
            case SummaryCriterion():
                return _summary(criterion, printed, recording)
            case HistoryCriterion():
                return _history(criterion, printed, recording)
            case _:
                assert_never(criterion)

    return Judged(part.program, tuple(Verdict(one, *judge_one(one)) for one in part.criteria))


def _shown(saved: Saved) -> _Printed:
    tables = [table for text in saved.texts for table in summaries(text)][-MAX_PRINTS:]
    printed = unobserved.tellings(one for text in saved.texts for one in histories(text))[-MAX_PRINTS:]
    return _Printed(
        tables,
        printed,
        "" if tables else _reason(saved, refused.summaries),
        "" if printed else _reason(saved, refused.histories),
    )


def _reason(saved: Saved, reasons: Callable[[str], tuple[str, ...]]) -> str:
    return next((f": {why}" for text in saved.texts for why in reasons(text)), "")


def _executes(saved: Saved) -> _Told:
    if saved.cells is None:
        return Word.NOT_JUDGED, "needs a run: a text holds no code"
    cells = [cell for cell in saved.cells if cell.source.strip()]
    raised = next((cell for cell in cells if cell.outcome is Outcome.RAISED), None)
    if raised:
        return Word.DIFFERS, f"cell {raised.number} has a saved error"
    if not cells or any(cell.outcome is Outcome.NOT_RUN for cell in cells):
        return Word.NOT_JUDGED, "needs a run: not every cell has a saved count or output"
    return Word.IN_PART, "no error is saved; whether it runs from top to bottom needs a run"


def _coded(saved: Saved, criteria: Sequence[CodeCriterion]) -> dict[str, _Told]:
    """By the cells' source alone: which of it ran is not known. Names are settled over all criteria together."""
    if saved.cells is None:
        return {one.id: (Word.NOT_JUDGED, "a text holds no code") for one in criteria}
    checks = code.check_all(criteria, [replace(cell, outcome=Outcome.RAN) for cell in saved.cells])
    return {one.criterion: (Word.MATCH, "") if one.passed else (Word.DIFFERS, _missing(one)) for one in checks}


def _missing(check: Check) -> str:
    return f"{check.why}; looked for {check.expected}; found {check.found}"


# --- what was printed --------------------------------------------------------------------------------------


def _summary(criterion: SummaryCriterion, printed: _Printed, recording: Recording) -> _Told:
    if not printed.tables:
        return _nothing(criterion, f"no model summary is printed{printed.no_table}")
    objections = [unobserved.objection(table, recording) for table in printed.tables]
    if "" not in objections:
        return Word.DIFFERS, objections[-1]
    return Word.MATCH, "printed" if len(objections) == 1 else f"one of {len(objections)} printed summaries"


def _history(criterion: HistoryCriterion, printed: _Printed, recording: Recording) -> _Told:
    if not printed.histories:
        return _nothing(criterion, f"no history is printed{printed.no_history}")
    intervals = bands.intervals(recording, criterion)
    told = [_figures(one, intervals) for one in printed.histories]
    matching = next((one for one in told if one[0] is Word.MATCH), None)
    if matching is None or len(told) == 1:
        return matching or told[-1]
    return Word.MATCH, f"one of {len(told)} printed histories"


def _nothing(criterion: SummaryCriterion | HistoryCriterion, what: str) -> _Told:
    """It matters only where the assignment asks for a print."""
    if criterion.evidence is EvidenceKind.PRINTED:
        return Word.DIFFERS, what
    return Word.NOT_JUDGED, f"needs a run: {what}"


def _figures(printed: PrintedHistory, intervals: Mapping[int, Mapping[str, Interval]]) -> _Told:
    """All that is compared, of one printed history; what a bar may tell otherwise is left out, and named."""
    judged, averages = [], []
    for epoch, metric in ((epoch, metric) for epoch, each in intervals.items() for metric in each):
        if may_be_running(printed, metric, epoch):
            averages.append(metric)
            continue
        judged.append(metric)
        why = _objection(printed, metric, epoch, intervals[epoch][metric])
        if why:
            return Word.DIFFERS, why
    left_out = f"{_names(averages)} not judged: {unobserved.AVERAGES}"
    if not averages:
        return Word.MATCH, "printed"
    return (Word.IN_PART, f"{_names(judged)} printed; {left_out}") if judged else (Word.NOT_JUDGED, left_out)


def _objection(printed: PrintedHistory, metric: str, epoch: int, interval: Interval) -> str:
    text = unobserved.figure_of(printed, metric, epoch)
    if text is None:
        return f"{metric} is not printed for epoch {epoch}"
    number = digits.read(text)
    if number is not None and interval.low <= number.value <= interval.high:
        return ""
    wanted = f"{figure(interval.low, interval.high)} to {figure(interval.high, interval.low)}"
    return f"{metric} is printed as {shown(text)} for epoch {epoch}, expected {wanted} ({interval.how})"


def _names(metrics: Sequence[str]) -> str:
    return listed(dict.fromkeys(metrics))
