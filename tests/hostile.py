"""The set of hostile notebooks: one file of cells each, headed by what must become of it.

A file `tests/notebooks/hostile/<group>/<name>.py` opens with lines `# key: value`, its truth, decided before it
ever ran; cells begin with `# %%`, which may be followed by the cell's metadata as JSON. The keys:

    title      what the notebook does, in a few words
    status     the statuses that its row may have, any one of them
    shows      text that its executed notebook must show; may be repeated
    hides      text that its executed notebook must not show; may be repeated
    says       text that its row's message must hold; may be repeated
    score      its row's score, where only one is right
    limits     tight (the default) or roomy, which TensorFlow needs
    metadata   the notebook's metadata as JSON
    with       a file of `prelude/` that goes in as first cell; may be repeated

A condition in brackets, `status[landlock]: ...`, replaces the plain key where it holds; an empty value takes it
away. Conditions are the layers' names and `old`, for a Landlock that cannot scope signals. Every notebook ends
what it does by itself, and changes nothing outside that a test has not planted for it, so that the set could
run unconfined as an ordinary user. Words such as `@planted@` are replaced by what the run provides.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.model import Status

FOLDER = Path(__file__).parent / "notebooks" / "hostile"
PRELUDE = "prelude"
KEYS = {*("title", "status", "shows", "hides", "says", "score", "limits", "metadata", "with")}
LIMITS = {"tight", "roomy"}
PLACES = {  # what may stand between such marks
    *("planted", "needle", "marker", "name"),
    *("home", "rubric", "reference", "recording", "submissions", "out", "site_packages", "inside"),
    *("victim", "socket", "datagram", "abstract", "port", "udp", "too_many"),
}
_HEADER = re.compile(r"# ([a-z_]+)(?:\[([a-z]+)\])?:(?: (.*))?")
_CELL = re.compile(r"^# %%(?: (\{.*\}))?\n", re.MULTILINE)
_PLACE = re.compile(f"@({'|'.join(sorted(PLACES))})@")

Place = str | int


@dataclass(frozen=True, slots=True)
class Truth:
    """What must be found of one notebook under the conditions of one run."""

    statuses: frozenset[Status]
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    score: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a header; `when` is empty where it always holds."""

    key: str
    when: str
    value: str


@dataclass(frozen=True, slots=True)
class Cell:
    source: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hostile:
    """`name` is the student's too."""

    name: str
    header: tuple[Line, ...]
    cells: tuple[Cell, ...]

    def __str__(self) -> str:
        return self.name

    @property
    def group(self) -> str:
        return self.name.partition("-")[0]

    def values(self, key: str, conditions: Collection[str] = ()) -> tuple[str, ...]:
        """Those of the first condition that holds and has any, else the plain ones; empty values are none."""
        lines = [line for line in self.header if line.key == key]
        special = [line for line in lines if line.when in conditions]
        chosen = [line for line in special if line.when == special[0].when] if special else lines
        return tuple(line.value for line in chosen if line.value and (special or not line.when))


def load() -> tuple[Hostile, ...]:
    """All of the set, in order of name."""
    files = sorted(path for path in FOLDER.glob("*/*.py") if path.parent.name != PRELUDE)
    return tuple(_read(path) for path in files)


def _read(path: Path) -> Hostile:
    head, *pieces = _CELL.split(path.read_text("utf-8"))
    matches = [(line, _HEADER.fullmatch(line)) for line in head.splitlines()]
    strange = [line for line, match in matches if match is None or match[1] not in KEYS]
    if strange or not pieces:
        raise ValueError(f"'{path}': expected lines '# key: value' and then '# %%', found {strange}")
    header = tuple(Line(match[1], match[2] or "", match[3] or "") for _, match in matches if match)
    # Of every two pieces the first is the metadata that a cell's mark holds, or None.
    cells = tuple(
        Cell(source.removesuffix("\n"), json.loads(metadata or "{}"))
        for metadata, source in zip(pieces[::2], pieces[1::2], strict=True)
    )
    return Hostile(f"{path.parent.name}-{path.stem}", header, cells)


def truth(hostile: Hostile, conditions: Collection[str]) -> Truth:
    """ValueError where a status is none."""
    score = hostile.values("score", conditions)
    return Truth(
        statuses=frozenset(Status(word) for line in hostile.values("status", conditions) for word in line.split()),
        shows=hostile.values("shows", conditions),
        hides=hostile.values("hides", conditions),
        says=hostile.values("says", conditions),
        score=score[0] if score else None,
    )


def limits(hostile: Hostile) -> str:
    return (*hostile.values("limits"), "tight")[0]


def notebook(hostile: Hostile, places: Mapping[str, Place]) -> str:
    """The text of its .ipynb file; KeyError where it names a place that is not given."""
    preludes = [Cell((FOLDER / PRELUDE / f"{name}.py").read_text("utf-8"), {}) for name in hostile.values("with")]
    cells = [_code_cell(fill(cell.source, places), cell.metadata) for cell in (*preludes, *hostile.cells)]
    metadata = json.loads((*hostile.values("metadata"), "{}")[0])
    # Not by nbformat, which checks what it writes: some of these are wrong on purpose.
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}, indent=1)


def _code_cell(source: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    number = hashlib.sha256(source.encode()).hexdigest()[:16]
    facts: dict[str, Any] = {"cell_type": "code", "id": number, "execution_count": None, "outputs": []}
    return facts | {"metadata": metadata, "source": source}


def fill(source: str, places: Mapping[str, Place]) -> str:
    return _PLACE.sub(lambda match: str(places[match[1]]), source)
