"""Printed training histories to `PrintedHistory`.

One module finds those that are printed as Python values, one those shown as a table, one those printed as progress.
"""

from __future__ import annotations

from itertools import islice

from grader.extract import frame, literal, progress
from grader.extract.metric import MOST_HISTORIES, is_telling
from grader.extract.terminal import plain
from grader.model import PrintedHistory


def histories(text: str) -> tuple[PrintedHistory, ...]:
    """Every printed history in `text`, in order of appearance; of one printed in two ways, both.

    A history has a metric that a training prints: a loss, an accuracy or an error. What `evaluate` returns with
    `return_dict=True` looks the same and is taken too; the lines that it prints are not.
    """
    shown = plain(text)
    ways = (literal.histories(shown), frame.histories(shown), progress.histories(shown))
    found = sorted((place for way in ways for place in islice(way, MOST_HISTORIES)), key=lambda place: place[0])
    return tuple(history for _, history in found if any(map(is_telling, history.metrics)))
