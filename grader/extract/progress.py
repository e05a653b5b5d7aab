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
- Where the number of steps is not known yet ("11/Unknown"), a bar is finished only once it was validated.
- Keras 0 counted "Epoch 0", to no end. That is a header only where no other kind is, and only for bars of its
  time, which tell no time per step: people print such lines themselves.

What is printed by other text in the place of a header or bar (tqdm's bars, "Epoch 1:" of callbacks) is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO

from grader.extract import bars
from grader.extract.metric import MOST_HISTORIES
from grader.model import HistoryForm, PrintedHistory


@dataclass(slots=True)
class _Epoch:
    """`redraw` is set after a callback's line, `closed` once another bar has begun."""

    header: bars.Header | None
    bar: bars.Bar | None = None
    redraw: bool = False
    closed: bool = False

    def take(self, bar: bars.Bar) -> bool:
        """Whether the bar is this epoch's; its figures are then the epoch's."""
        is_older = self.header is not None and not self.header.epochs
        if self.closed or (is_older and bar.timed) or not (self.bar is None or self._is_replaced_by(bar)):
            return False
        self.bar, self.redraw = bar, False
        return True

    def _is_replaced_by(self, bar: bars.Bar) -> bool:
        old, new = (self.bar.metrics.keys() if self.bar else set()), bar.metrics.keys()
        repeats = self.bar is not None and self.bar.steps == bar.steps and old == new
        return old < new or (self.redraw and repeats)


@dataclass(slots=True)
class _Fit:
    start: int
    epochs: list[_Epoch] = field(default_factory=list)
    samples: bool = False

    def goes_on(self, header: bars.Header) -> bool:
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

    def running(self) -> int:
        first = self.epochs[0].bar
        match first.era if first else bars.Era.SAMPLES:
            case bars.Era.SAMPLES:
                return 0
            case bars.Era.STEPS:
                return 0 if self.samples else 1
            case bars.Era.KERAS_3:
                return len(self.epochs)


def histories(text: str) -> Iterator[tuple[int, PrintedHistory]]:
    """One history for every call of `fit`, with the place in `text` where it begins."""
    for fit in _fits(text):
        metrics = fit.metrics()
        if metrics:
            yield fit.start, PrintedHistory(HistoryForm.PROGRESS, metrics, fit.running())


def _fits(text: str) -> list[_Fit]:
    fits: list[_Fit] = []
    start = 0
    samples = False
    pattern = bars.HEADER if bars.COUNTED.search(text) else bars.UNCOUNTED
    for line in StringIO(text, newline="\n"):  # reads line by line, and ends lines at "\n" only
        if len(fits) > MOST_HISTORIES:
            break
        _take_bar(line, fits, start)
        samples = samples or bars.SAMPLES.match(line) is not None
        header = bars.header(line, pattern)
        if header and (header.epochs or header.epoch == 0 or (fits and fits[-1].goes_on(header))):
            if not (fits and fits[-1].goes_on(header)):
                fits.append(_Fit(start, samples=samples))
                samples = False
            fits[-1].epochs.append(_Epoch(header))
        start += len(line)
    return fits


def _take_bar(line: str, fits: list[_Fit], start: int) -> None:
    bar = bars.bar(line)
    if bar and not _is_taken(bar, fits) and _is_single_epoch(bar):
        fits.append(_Fit(start, [_Epoch(None, bar, closed=True)]))
    if fits and bars.CALLBACK.search(line):
        fits[-1].epochs[-1].redraw = True


def _is_taken(bar: bars.Bar, fits: list[_Fit]) -> bool:
    """Offer the bar to the epoch that is open."""
    if not fits:
        return False
    epoch = fits[-1].epochs[-1]
    if not bar.finished:
        epoch.closed = epoch.bar is not None
    return bar.finished and bool(bar.metrics) and epoch.take(bar)


def _is_single_epoch(bar: bars.Bar) -> bool:
    return bar.finished and any(name.startswith("val_") for name in bar.metrics)
