"""Histories printed as the progress of `fit`: its bars (verbose=1), or its one line an epoch (verbose=2).

    Epoch 1/12
    469/469 ━━━━━━━━━━━━━━━━━━━━ 38s 79ms/step - accuracy: 0.7981 - loss: 0.6231 - val_accuracy: 0.9801
    469/469 [==============================] - 10s 16ms/step - loss: 0.2544 - acc: 0.9212 - val_loss: 0.0560
    469/469 - 4s - 12ms/step - accuracy: 0.9928 - loss: 0.0243
     - 22s - loss: 0.6418 - acc: 0.8002

`evaluate` and `predict` draw the same bars, and Keras may draw the last state of a bar twice, so which bar is
an epoch's has to be told from what stands around it:

- An "Epoch 1/12" header opens an epoch; the first finished bar (steps n/n, no "ETA") after it has its figures.
- A later bar replaces it if it has all of its metrics and more (those of the validation), or if it repeats them
  after a callback's "Epoch 1: ..." line, before which Keras leaves the bar half drawn. A new bar's beginning
  (steps 1/n) ends that.
- Keras prints no header where there is a single epoch. A finished bar without one is such an epoch if it has a
  metric named `val_...`, which `evaluate` never prints; a single epoch without validation looks like `evaluate`.
- A header belongs to the same call of `fit` as the header before if it counts one further to the same end; any
  other begins a new one. So two calls look like one where the second goes on (`initial_epoch`) from where
  the first was stopped, with the same `epochs`.
- An epoch without figures ends its fit's list, lest later figures be read as an earlier epoch's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

from grader.extract.metric import MOST_HISTORIES, NUMBER, canonical
from grader.model import HistoryForm, PrintedHistory

_HEADER = re.compile(r"Epoch (?P<epoch>[0-9]{1,9})/(?P<epochs>[0-9]{1,9})\Z")
_HEADER_LENGTH = 60  # at the end of its line: what a student's code left before it does not matter
_LONGEST_BAR = 100_000  # characters: a thousand metrics, with long names
_CALLBACK = re.compile(r"Epoch [0-9]{1,9}: (?!early stopping)")
_STEPS = re.compile(r"\s*+(?P<done>[0-9]{1,12})/(?P<steps>[0-9]{1,12})(?: ━++| \[[=>.]*+\]|(?= - ))")
_SECONDS = re.compile(r"\s*+(?:- )?[0-9]{1,9}s(?: [0-9]{1,9}[a-zµ]{1,2}/[a-z]{1,9})?(?= - )")
_METRIC = re.compile(rf"\s*+(?P<name>\w{{1,100}}+): (?P<number>{NUMBER})(?:(?<=[0-9.])|(?![a-z]))")


@dataclass(frozen=True, slots=True)
class _Header:
    epoch: int
    epochs: int


@dataclass(frozen=True, slots=True)
class _Bar:
    """`steps` is empty where the line does not tell."""

    finished: bool
    steps: str
    metrics: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _Epoch:
    """`redraw` is set after a callback's line, `closed` once another bar has begun."""

    header: _Header | None
    bar: _Bar | None = None
    redraw: bool = False
    closed: bool = False

    def take(self, bar: _Bar) -> bool:
        """Whether the bar is this epoch's; its figures are then the epoch's."""
        if self.closed or not (self.bar is None or self._is_replaced_by(bar)):
            return False
        self.bar, self.redraw = bar, False
        return True

    def _is_replaced_by(self, bar: _Bar) -> bool:
        old, new = (self.bar.metrics.keys() if self.bar else set()), bar.metrics.keys()
        repeats = self.bar is not None and self.bar.steps == bar.steps and old == new
        return old < new or (self.redraw and repeats)


@dataclass(slots=True)
class _Fit:
    start: int
    epochs: list[_Epoch] = field(default_factory=list)

    def goes_on(self, header: _Header) -> bool:
        last = self.epochs[-1].header
        return last is not None and (last.epoch + 1, last.epochs) == (header.epoch, header.epochs)

    def metrics(self) -> dict[str, tuple[str, ...]]:
        """A number an epoch; a metric may have fewer than others (`validation_freq`)."""
        numbers: dict[str, list[str]] = {}
        for epoch in self.epochs:
            if epoch.bar is None:
                break
            for name, values in epoch.bar.metrics.items():
                numbers.setdefault(name, []).extend(values)
        return {name: tuple(values) for name, values in numbers.items()}


def histories(text: str) -> Iterator[tuple[int, PrintedHistory]]:
    """One history for every call of `fit`, with the place in `text` where it begins."""
    for fit in _fits(text):
        metrics = fit.metrics()
        if metrics:
            yield fit.start, PrintedHistory(HistoryForm.PROGRESS, metrics)


def _fits(text: str) -> list[_Fit]:
    fits: list[_Fit] = []
    start = 0
    for line in StringIO(text, newline="\n"):  # reads line by line, and ends lines at "\n" only
        if len(fits) > MOST_HISTORIES:
            break
        header = _header(line)
        if header:
            if not (fits and fits[-1].goes_on(header)):
                fits.append(_Fit(start))
            fits[-1].epochs.append(_Epoch(header))
        else:
            bar = _bar(line)
            if bar and not _is_taken(bar, fits) and _is_single_epoch(bar):
                fits.append(_Fit(start, [_Epoch(None, bar, closed=True)]))
            if fits and _CALLBACK.search(line):
                fits[-1].epochs[-1].redraw = True
        start += len(line)
    return fits


def _is_taken(bar: _Bar, fits: list[_Fit]) -> bool:
    """Offer the bar to the epoch that is open."""
    if not fits:
        return False
    epoch = fits[-1].epochs[-1]
    if not bar.finished:
        epoch.closed = epoch.bar is not None
    return bar.finished and bool(bar.metrics) and epoch.take(bar)


def _is_single_epoch(bar: _Bar) -> bool:
    return bar.finished and any(name.startswith("val_") for name in bar.metrics)


def _header(line: str) -> _Header | None:
    line = line.rstrip()
    found = _HEADER.search(line, max(0, len(line) - _HEADER_LENGTH))
    return _Header(int(found["epoch"]), int(found["epochs"])) if found else None


def _bar(line: str) -> _Bar | None:
    steps = _STEPS.match(line)
    opening = steps or _SECONDS.match(line)
    if opening is None:
        return None
    parts = line[opening.end() : opening.end() + _LONGEST_BAR].split(" - ")
    waits = any(part.lstrip().startswith("ETA:") for part in parts)
    if steps is None:
        return _Bar(not waits, "", canonical(_figures(parts)))
    finished = int(steps["done"]) == int(steps["steps"]) and not waits
    return _Bar(finished, steps["steps"], canonical(_figures(parts)))


def _figures(parts: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The "name: number" parts, up to the first that other text got stuck to: what follows is not the bar's."""
    for part in parts:
        found = _METRIC.match(part)
        if found:
            yield found["name"], (found["number"],)
            if part[found.end() :].strip():
                return
