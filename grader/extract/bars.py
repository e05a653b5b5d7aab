"""One line of Keras' progress: an epoch's header, or a bar with its figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from grader.extract.metric import NUMBER, canonical

HEADER = re.compile(r"Epoch (?P<epoch>[0-9]{1,9})/(?P<epochs>[0-9]{1,9})\Z")
COUNTED = re.compile(r"Epoch [0-9]{1,9}/[0-9]{1,9}")
UNCOUNTED = re.compile(r"Epoch (?P<epoch>[0-9]{1,9})\Z")
_HEADER_LENGTH = 60  # at the end of its line: what a student's code left before it does not matter
_LONGEST_BAR = 100_000  # characters: a thousand metrics, with long names
CALLBACK = re.compile(r"Epoch [0-9]{1,9}: (?!early stopping)")
_STEPS = re.compile(
    r"\s*+(?P<done>[0-9]{1,12})/(?P<steps>[0-9]{1,12}|Unknown)(?: ━++| \[[=>.]*+\]|(?= - )|(?<=n)(?= [0-9]))"
)
_DRAWN = re.compile(r"(?<![0-9])[0-9]{1,12}/(?:[0-9]{1,12} [\[━]|Unknown )")
_UNKNOWN = "Unknown"
_SECONDS = re.compile(r"\s*+(?:- )?[0-9]{1,9}s(?: [0-9]{1,9}[a-zµ]{1,2}/[a-z]{1,9})?(?= - )")
# Keras prints four decimals: any further digit belongs to text that got stuck to the number.
_FOUR = r"[-+]?[0-9]{1,320}+\.[0-9]{4}(?:e[-+][0-9]{2,3})?"
_METRIC = re.compile(rf"\s*+(?P<name>\w{{1,100}}+): (?P<number>{_FOUR}|{NUMBER})(?:(?<=[0-9.])|(?![a-z]))")
_PER_UNIT = re.compile(r"[0-9](?:[mnuµ]?s)/(?P<unit>step|sample|epoch)")
_TIME_FIRST = re.compile(r" - [0-9]{1,9}s - [0-9]{1,9}[mnuµ]?s/step")
SAMPLES = re.compile(r"Train (?:on|for) [0-9]")


class Era(Enum):
    """How far a bar's training figures are the history's: all of them, but for the first epoch's, or none."""

    SAMPLES = auto()
    STEPS = auto()
    KERAS_3 = auto()


@dataclass(frozen=True, slots=True)
class Header:
    """`epochs` is 0 where the line does not tell."""

    epoch: int
    epochs: int


@dataclass(frozen=True, slots=True)
class Bar:
    """`steps` is empty where the line does not tell; `timed` where it tells the time per step."""

    finished: bool
    steps: str
    metrics: Mapping[str, tuple[str, ...]]
    era: Era
    timed: bool


def header(line: str, pattern: re.Pattern[str]) -> Header | None:
    line = line.rstrip()
    if pattern is UNCOUNTED:
        alone = pattern.match(line)
        return Header(int(alone["epoch"]), 0) if alone else None
    found = pattern.search(line, max(0, len(line) - _HEADER_LENGTH))
    return Header(int(found["epoch"]), int(found["epochs"])) if found else None


def bar(line: str) -> Bar | None:
    if f"/{_UNKNOWN}" in line:
        line = _last_drawn(line)
    steps = _STEPS.match(line)
    opening = steps or _SECONDS.match(line)
    if opening is None:
        return None
    rest = line[opening.end() : opening.end() + _LONGEST_BAR]
    parts = rest.split(" - ")
    waits = any(part.lstrip().startswith("ETA:") for part in parts)
    metrics = canonical(_figures(parts))
    timed = _PER_UNIT.search(opening[0]) or _PER_UNIT.search(rest)
    if steps is None:
        return Bar(not waits, "", metrics, Era.SAMPLES, timed is not None)
    whole = _is_whole(steps, metrics) and not waits
    return Bar(whole, steps["steps"], metrics, _era(steps, rest, timed), timed is not None)


def _last_drawn(line: str) -> str:
    """TensorFlow 2 may draw such bars one after the other on one line."""
    starts = [found.start() for found in _DRAWN.finditer(line)]
    return line[starts[-1] :] if starts else line


def _is_whole(steps: re.Match[str], metrics: Mapping[str, object]) -> bool:
    if steps["steps"] == _UNKNOWN:
        return any(name.startswith("val_") for name in metrics)
    return int(steps["done"]) == int(steps["steps"])


def _era(steps: re.Match[str], rest: str, timed: re.Match[str] | None) -> Era:
    if "━" in steps[0] or _TIME_FIRST.match(rest):
        return Era.KERAS_3
    if timed:
        return Era.SAMPLES if timed["unit"] == "sample" else Era.STEPS
    return Era.SAMPLES if "[" in steps[0] else Era.STEPS


def _figures(parts: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The "name: number" parts, up to the first that other text got stuck to: what follows is not the bar's."""
    for part in parts:
        found = _METRIC.match(part)
        if found:
            yield found["name"], (found["number"],)
            if part[found.end() :].strip():
                return
