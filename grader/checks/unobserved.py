"""A training and a model of which only printed text is known: nothing was run, so nothing was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.alignment import UNKNOWN_SHAPE, of_one_sample, without_inputs
from grader.checks.claims import is_explicit
from grader.checks.wording import count, layer_facts
from grader.model import UNREADABLE, HistoryForm, may_be_alike, may_be_running

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.model import Layer, ModelSummary, PrintedHistory, Recording

AVERAGES = "in progress bars alone, where they may be running averages"
UNBUILT = "its output shapes were not known when it was printed"


def tellings(printed: Iterable[PrintedHistory]) -> list[PrintedHistory]:
    """Those that are a training's, as far as text can tell, in order.

    A history that was validated goes before one that was not, which may be what `evaluate` gave; what the program
    printed itself before bars, whose training figures then count for nothing.
    """

    def rank(one: PrintedHistory) -> tuple[bool, bool]:
        return any(name.startswith("val_") for name in one.metrics), is_explicit(one)

    every = list(printed)
    best = max(map(rank, every), default=None)
    return [one for one in every if rank(one) == best]


def figure_of(printed: PrintedHistory, metric: str, epoch: int) -> str | None:
    """A single figure that the program's own code printed is that of the epoch asked for."""
    texts = printed.metrics.get(metric, ())
    if len(texts) == 1 and printed.form is not HistoryForm.PROGRESS:
        return texts[0]
    return texts[epoch - 1] if len(texts) >= epoch else None


def averages(printed: PrintedHistory) -> tuple[str, ...]:
    """The metrics of which at least one figure may be none of the history's."""
    return tuple(name for name in sorted(printed.metrics) if may_be_running(printed, name, 1))


# --- the model ---------------------------------------------------------------------------------------------


def objection(table: ModelSummary, recording: Recording) -> str:
    """Why the table is not that of the recorded model; empty where it is. Settings do not show in tables."""
    rows, layers = without_inputs(table.layers), without_inputs(recording.layers)
    if rows and all(row.output_shape == UNKNOWN_SHAPE for row in rows):
        return UNBUILT
    for number, (row, layer) in enumerate(zip(rows, layers, strict=False), start=1):
        if not _is_alike(row, layer):
            return f"layer {number}: expected {layer_facts(layer)} parameters; printed {layer_facts(row)}"
    if len(rows) != len(layers):
        return f"printed with {len(rows)} layers; expected {len(layers)}"
    wanted = total(recording)
    if table.total is None or wanted is None or table.total == wanted:
        return ""
    return f"its layers are the reference's, but its total is {count(table.total)}, expected {count(wanted)}"


def _is_alike(row: Layer, layer: Layer) -> bool:
    """By what is left of either, where it was cut; names depend on what ran before, and are not compared."""
    same_shape = may_be_alike(_shape(row), _shape(layer))
    return (
        may_be_alike(row.kind, layer.kind)
        and (same_shape or row.output_shape == UNKNOWN_SHAPE)
        and (row.parameters in (layer.parameters, UNREADABLE))
    )


def _shape(layer: Layer) -> str:
    """TensorFlow put an only shape into a list, whose end may have been cut off."""
    return of_one_sample(layer.output_shape.removeprefix("["))


def total(recording: Recording) -> int | None:
    """Of all parameters; None where the text that was imported did not say."""
    if recording.published:
        return recording.published.total
    return sum(layer.parameters for layer in recording.layers)
