"""A published output as what submissions are compared with: one summary and one history, read from text."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

from grader import bands
from grader.checks import digits, training
from grader.checks.subject import Subject
from grader.errors import UsageError
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import (
    Device,
    Environment,
    HistoryCriterion,
    HistoryForm,
    Published,
    Recording,
    SeedRun,
    TrainingCriterion,
)

if TYPE_CHECKING:
    from pathlib import Path

    from grader.model import Part, PrintedHistory

MAX_BYTES = 8 * 1024**2
THREADS = 2  # of the runs that are compared with it, as where nothing was recorded


def read(path: Path, part: Part) -> Recording:
    """Raises `UsageError` where the file holds no summary with its figures."""
    content = _content(path)
    text = content.decode("utf-8", "replace")
    tables, printed = summaries(text), histories(text)
    if not tables or not printed:
        missing = "model summary" if not tables else "history"
        raise UsageError(f"'{path}' holds no {missing} that can be read; expected the output that was published")
    return Recording(
        part=part.title,
        reference_sha256="",
        max_epochs=None,
        datasets={},
        layers=tables[-1].layers,
        fit=None,
        runs=(SeedRun(0, _figures(path, _own(printed))),),
        environment=Environment({}, "imported", "", Device.CPU, threads=THREADS),
        published=Published(path.name, hashlib.sha256(content).hexdigest()),
    )


def _content(path: Path) -> bytes:
    if path.suffix.lower() == ".ipynb":
        raise UsageError(f"'{path}' is a notebook; expected its output as text")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UsageError(f"'{path}' is larger than {MAX_BYTES:,} bytes; expected the output that was published")
    return content


def _own(printed: tuple[PrintedHistory, ...]) -> PrintedHistory:
    """What the program's own code printed goes before Keras' progress."""
    explicit = [each for each in printed if each.form is not HistoryForm.PROGRESS]
    return (explicit or list(printed))[-1]


def _figures(path: Path, printed: PrintedHistory) -> dict[str, tuple[float, ...]]:
    read_ = {name: [digits.read(text) for text in texts] for name, texts in printed.metrics.items()}
    found = {name: tuple(one.value for one in each if one is not None) for name, each in read_.items()}
    if any(
        len(found[name]) < len(each) or not all(map(math.isfinite, found[name])) for name, each in read_.items()
    ):
        raise UsageError(f"'{path}' holds a figure that is no finite number; expected those of a training")
    return dict(sorted(found.items()))


def described(recording: Recording) -> str:
    figures = ", ".join(f"{name} {values[0]:g}" for name, values in recording.runs[0].history.items())
    return f"{len(recording.layers)} layers and the figures {figures}"


def must_answer(recording: Recording, part: Part) -> None:
    """Raises `GraderError` where a criterion asks for what no text shows: better now than with a class waiting."""
    for criterion in part.criteria:
        if isinstance(criterion, TrainingCriterion):
            training.check(criterion, Subject(), recording)
        if isinstance(criterion, HistoryCriterion):
            bands.intervals(recording, criterion)
