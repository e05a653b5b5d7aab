"""What a notebook's saved outputs, or a text, show by themselves. Nothing is run, so nothing here is a grade."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never

from grader import bands
from grader.checks import code, digits, summary
from grader.errors import UsageError
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import (
    Cell,
    CodeCriterion,
    ExecutesCriterion,
    HistoryCriterion,
    HistoryForm,
    ModelSnapshot,
    ModelSummary,
    Outcome,
    SummaryCriterion,
    TrainingCriterion,
)

if TYPE_CHECKING:
    from pathlib import Path

    from grader.model import Criterion, Part, Recording

MAX_BYTES = 8 * 1024**2


class Word(StrEnum):
    MATCH = "match"
    DIFFERS = "does not match"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Verdict:
    criterion: Criterion
    word: Word
    why: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """`cells` is None where the file is a text, which has none."""

    text: str
    cells: tuple[Cell, ...] | None = None


def read(path: Path) -> Saved:
    """Raises `UsageError` for whatever cannot be read."""
    if not path.is_file():
        raise UsageError(f"'{path}' is not a file; expected a notebook, or a text")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UsageError(f"'{path}' is larger than {MAX_BYTES:,} bytes; clear its outputs and run it again")
    if path.suffix.lower() != ".ipynb":
        return Saved(content.decode("utf-8", "replace"))
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise UsageError(f"'{path}' is not a notebook: its JSON cannot be read; save it again") from None
    listed = _items(document.get("cells") if isinstance(document, dict) else None)
    cells = tuple(_cell(n, one) for n, one in enumerate((o for o in listed if o.get("cell_type") == "code"), 1))
    return Saved("\n".join(cell.text for cell in cells), cells)


def _items(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str)).encode("utf-8", "replace").decode("utf-8")


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    outputs = _items(cell.get("outputs"))
    raised = any(one.get("output_type") == "error" for one in outputs)
    ran = isinstance(cell.get("execution_count"), int) or bool(outputs)
    outcome = Outcome.RAISED if raised else Outcome.RAN if ran else Outcome.NOT_RUN
    return Cell(number, _text(cell.get("source")), outcome, "".join(map(_shown, outputs)))


def _shown(output: dict[str, Any]) -> str:
    if output.get("output_type") == "stream":
        return _text(output.get("text")) if output.get("name") == "stdout" else ""
    data = output.get("data")
    return _text(data.get("text/plain")) + "\n" if isinstance(data, dict) else ""


def judge(saved: Saved, part: Part, recording: Recording | None) -> tuple[Verdict, ...]:
    """One verdict a criterion, in the rubric's order."""
    return tuple(Verdict(one, *_judge(one, saved, recording)) for one in part.criteria)


def _judge(criterion: Criterion, saved: Saved, recording: Recording | None) -> tuple[Word, str]:
    match criterion:
        case ExecutesCriterion():
            return _executes(saved)
        case CodeCriterion():
            return _code(criterion, saved)
        case TrainingCriterion():
            return Word.NOT_JUDGED, "needs a run"
        case SummaryCriterion() | HistoryCriterion() if recording is None:
            return Word.NOT_JUDGED, "nothing is recorded"
        case SummaryCriterion():
            return _summary(saved, recording)
        case HistoryCriterion():
            return _history(criterion, saved, recording)
        case _:
            assert_never(criterion)


def _executes(saved: Saved) -> tuple[Word, str]:
    cells = [cell for cell in saved.cells or () if cell.source.strip()]
    raised = next((cell for cell in cells if cell.outcome is Outcome.RAISED), None)
    if raised:
        return Word.DIFFERS, f"cell {raised.number} has a saved error"
    if not cells or any(cell.outcome is Outcome.NOT_RUN for cell in cells):
        return Word.NOT_JUDGED, "needs a run: not every cell has a saved count or output"
    return Word.MATCH, "no error is saved; whether it runs from top to bottom needs a run"


def _code(criterion: CodeCriterion, saved: Saved) -> tuple[Word, str]:
    if saved.cells is None:
        return Word.NOT_JUDGED, "a text holds no code"
    (check,) = code.check_all([criterion], saved.cells)
    return (Word.MATCH, "") if check.passed else (Word.DIFFERS, check.why)


def _summary(saved: Saved, recording: Recording) -> tuple[Word, str]:
    wanted, whole = ModelSummary(recording.layers), ModelSnapshot(0, "", recording.layers)
    tables = summaries(saved.text)
    for table in tables:
        built = all(layer.output_shape != "?" for layer in table.layers)
        found = ModelSnapshot(0, "", table.layers)
        if built and (summary.shows(table, whole) or summary.shows(wanted, found)):
            return Word.MATCH, "printed"
    return Word.DIFFERS, "no printed summary has the reference's layers" if tables else "no summary is printed"


def _history(criterion: HistoryCriterion, saved: Saved, recording: Recording) -> tuple[Word, str]:
    printed = histories(saved.text)
    own = [one for one in printed if one.form is not HistoryForm.PROGRESS] or list(printed)
    if not own:
        return Word.DIFFERS, "no history is printed"
    for epoch, intervals in bands.intervals(recording, criterion).items():
        for metric, interval in intervals.items():
            texts = own[-1].metrics.get(metric, ())
            if len(texts) < epoch:
                return Word.DIFFERS, f"{metric} is not printed for epoch {epoch}"
            value = digits.read(texts[epoch - 1])
            if value is None or not interval.low <= value.value <= interval.high:
                return (
                    Word.DIFFERS,
                    f"{metric} of epoch {epoch} is outside {interval.low:.4g} to {interval.high:.4g}",
                )
    return Word.MATCH, "printed"


def matches(told: tuple[Verdict, ...]) -> int:
    """How much of it matches."""
    return sum(one.word is Word.MATCH for one in told)
