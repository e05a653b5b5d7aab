"""Figures that the handed-in file showed and running it did not give: worth a note, as no seed was kept there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.digits import read
from grader.checks.wording import shown
from grader.model import HistoryForm, may_be_running

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from grader.model import PrintedHistory

DIFFERS = "the outputs saved in the file are not those of this run"


def note(
    cells: Iterable[tuple[Sequence[PrintedHistory], Sequence[PrintedHistory]]], metrics: Collection[str]
) -> str:
    """The first figure that differs, of the histories saved and shown by one cell; empty where none does."""
    for saved, shown_here in cells:
        before, now = _figures(saved), _figures(shown_here)
        for metric in metrics:
            was, found = before.get(metric), now.get(metric)
            if was and found and _differ(was, found):
                return f"{DIFFERS}: {metric} was saved as {shown(was)} and is {shown(found)} here"
    return ""


def _figures(printed: Iterable[PrintedHistory]) -> Mapping[str, str]:
    """The first figure of each metric: the program's own print, else a bar's, if that is the history's."""
    found: dict[str, str] = {}
    for each in sorted(printed, key=lambda one: one.form is HistoryForm.PROGRESS):
        for metric, texts in each.metrics.items():
            if texts and not may_be_running(each, metric, 1):
                found.setdefault(metric, texts[0])
    return found


def _differ(was: str, found: str) -> bool:
    """To the digits that both have."""
    one, other = read(was), read(found)
    if one is None or other is None:
        return was != found
    return not (one.stands_for(other.value) or other.stands_for(one.value))
