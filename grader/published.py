"""A published output as what submissions are compared with: one summary and one history, read from its text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from grader.checks import digits, unobserved
from grader.errors import UsageError
from grader.extract import refused
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import UNREADABLE, Device, Environment, Published, Recording, SeedRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from grader.model import ModelSummary, Part, PrintedHistory
    from grader.notebook_file import Saved

THREADS = 2  # of the runs that are compared with it, as where nothing was recorded
WANTED = "expected the output that was published"


def recording(saved: Saved, path: Path, part: Part) -> Recording:
    """Of what the file at `path` shows. Raises `UsageError` where that is no summary and history."""
    table, printed = _table(saved, path), _history(saved, path)
    return Recording(
        part=part.title,
        reference_sha256="",
        max_epochs=None,
        datasets={},
        layers=table.layers,
        fit=None,
        runs=(SeedRun(0, _figures(path, printed)),),
        environment=Environment({}, "imported", "", Device.CPU, threads=THREADS),
        published=Published(path.name, saved.sha256, table.total),
    )


def remarks(saved: Saved, recording: Recording) -> Iterator[str]:
    """Which figures were not taken, and what in the output contradicts itself."""
    names = [name for one in _told(saved)[-1:] for name in unobserved.averages(one)]
    if names:
        yield f"left out: {', '.join(names)}, which stand {unobserved.AVERAGES}"
    total, added = unobserved.total(recording), sum(layer.parameters for layer in recording.layers)
    if total is not None and total != added:
        yield f"its layers have {added:,} parameters together, and it prints a total of {total:,}"


def _table(saved: Saved, path: Path) -> ModelSummary:
    """The last one."""
    tables = [table for text in saved.texts for table in summaries(text) if table.layers]
    if not tables:
        raise _nothing(path, "model summary", saved, refused.summaries)
    table = tables[-1]
    if any(layer.parameters == UNREADABLE for layer in table.layers):
        raise UsageError(f"'{path}' holds a summary that cut off a number of parameters; print it on a wider page")
    if all(layer.output_shape == "?" for layer in table.layers):
        raise UsageError(f"'{path}' holds a summary of a model that was not built yet; print it with its shapes")
    return table


def _history(saved: Saved, path: Path) -> PrintedHistory:
    found = _told(saved)
    if not found:
        raise _nothing(path, "history", saved, refused.histories)
    return found[-1]


def _told(saved: Saved) -> list[PrintedHistory]:
    return unobserved.tellings(one for text in saved.texts for one in histories(text))


def _nothing(path: Path, what: str, saved: Saved, reasons: Callable[[str], tuple[str, ...]]) -> UsageError:
    if not any(saved.texts):
        return UsageError(f"'{path}' shows nothing: no output is saved in it; {WANTED}")
    reason = next((why for text in saved.texts for why in reasons(text)), "")
    told = f" ({reason})" if reason else ""
    return UsageError(f"'{path}' holds no {what} that can be read{told}; {WANTED}")


def _figures(path: Path, printed: PrintedHistory) -> dict[str, tuple[float, ...]]:
    """Without those that only a bar shows where it may tell a running average."""
    averages = unobserved.averages(printed)
    read_ = {name: list(map(digits.read, texts)) for name, texts in printed.metrics.items() if name not in averages}
    found = {name: tuple(one.value for one in each if one is not None) for name, each in read_.items()}
    if not found:
        raise UsageError(f"'{path}' shows its figures {unobserved.AVERAGES}; print those of `history.history`")
    if any(
        len(found[name]) < len(each) or not all(map(math.isfinite, found[name])) for name, each in read_.items()
    ):
        raise UsageError(
            f"'{path}' holds a figure that is no finite number; expected those of a training: name another output"
        )
    return dict(sorted(found.items()))


def described(recording: Recording) -> str:
    figures = ", ".join(f"{name} {values[0]:g}" for name, values in recording.runs[0].history.items())
    return f"{len(recording.layers)} layers and the figures {figures}"
