"""Trainings that call no `fit`: what the code shows of them, since nothing of them is observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Cell, Observations

# What the sources name, in the order in which it is told.
MARKS = ("GradientTape", "train_on_batch", "train_step")
NOTE = "a training loop of its own ({mark} in cell {cell}) is not observed: it leaves printed figures only"


def note(cells: Sequence[Cell], observed: Observations) -> str:
    """For the row's message; empty where `fit` was called, or nothing looks like a training."""
    if any(fit.epochs_trained for fit in observed.fits):
        return ""
    ran = [cell for cell in cells if cell.outcome is not Outcome.NOT_RUN]
    found = ((mark, cell.number) for mark in MARKS for cell in ran if _names(cell.source, mark))
    first = next(found, None)
    return NOTE.format(mark=first[0], cell=first[1]) if first else ""


def _names(source: str, mark: str) -> bool:
    """Elsewhere than in a comment."""
    return mark in source and any(mark in line.partition("#")[0] for line in source.splitlines())
