"""The probe's lines -> the "observed" part of the evidence."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .events import MAX_BYTES

Facts = dict[str, Any]

# No system has all of these; Windows has only the last, which keeps it from changing what it reads.
WARILY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
MAX_NAME = 300  # characters
MAX_EVALUATED = 5_000  # figures
MAX_ADAPTED = 50  # the kernel tells no more
MAX_DEPTH = 8  # a layer's settings are the deepest, at 6

NO_SETTINGS: Facts = {
    "compiled": {"optimizer": "", "learning_rate": None, "loss": "", "metrics": []},
    "batch_size": None,
    "epochs": 0,
    "initial_epoch": 0,
    "cap": None,
    "samples": None,
    "validation_samples": None,
    "validation_split": 0.0,
    "arrays": {},
}  # of a fit whose arguments the probe could not read


def read(path: str) -> list[Facts]:
    """The lines that are whole; the last one may be cut where the kernel was killed.

    None where the notebook has put something else in the file's place: a link, a pipe, a folder.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | WARILY)
    except OSError:
        return []
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        return list(_events(file.read(MAX_BYTES))) if stat.S_ISREG(os.fstat(descriptor).st_mode) else []


def _events(data: bytes) -> Iterator[Facts]:
    for line in data.split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue  # a cut line, or one that the notebook wrote itself
        if isinstance(event, dict) and isinstance(event.get("request"), str) and not _too_deep(event):
            yield event


def _too_deep(event: Facts) -> bool:
    """Whether the event nests deeper than any of the probe's, which cannot be told by writing it out again."""
    level: list[Any] = [event]
    for _ in range(MAX_DEPTH):
        level = [part for whole in level for part in _parts(whole)]
    return bool(level)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def observations(events: list[Facts], numbers: Mapping[str, int]) -> Facts:
    """`numbers` maps the message ids of execute requests to the numbers of code cells."""

    def of_kind(kind: str) -> list[Facts]:
        return [event for event in events if event.get("event") == kind]

    def words(kind: str) -> list[str]:
        return list(dict.fromkeys(str(event.get("what"))[:MAX_NAME] for event in of_kind(kind)))

    def cell(event: Facts) -> Facts:
        return {"cell": numbers.get(event["request"], 0)}

    fits = {str(event.get("fit")): NO_SETTINGS | _facts(event) | cell(event) for event in of_kind("fit")}
    return {
        "snapshots": [_facts(event) for event in of_kind("snapshot")],
        "summaries": [_facts(event) | cell(event) for event in of_kind("summary")],
        "compiles": [_facts(event) for event in of_kind("compile")],
        "fits": list(fits.values()),  # the last word about each fit
        "evaluations": _figures(of_kind("evaluation")),
        "stepped": bool(of_kind("stepped")),
        "replaced": words("replaced"),
        "adapted": words("adapted")[:MAX_ADAPTED],
    }


def _figures(events: list[Facts]) -> list[float]:
    values = [value for event in events for value in _parts(event.get("figures"))]
    return [value for value in values if type(value) in (int, float)][:MAX_EVALUATED]


def _facts(event: Facts) -> Facts:
    return {key: value for key, value in event.items() if key not in {"event", "request", "fit"}}
