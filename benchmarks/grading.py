"""`grader grade` on a folder, timed, and what its tables and notebooks say came of it."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clock import Timed, timed
from benchmarks.course import Course

GRADER = Path(sys.executable).with_name("grader")


@dataclass(frozen=True, slots=True)
class Graded:
    """`scores` by student; the others count rows of scores.csv, and the lines of figures that notebooks printed."""

    seconds: float
    scores: dict[str, float | None]
    statuses: Counter[str]
    trained: Counter[str]
    histories: Counter[str]


def grade(course: Course, submissions: Path, out: Path, *options: str, cache: Path | None = None) -> Graded:
    """Into a new folder, and with a cache that is empty unless one is given."""
    places: list[str | Path] = ["--rubric", course.rubric, "--out", out, "--cache", cache or cache_of(out)]
    command: list[str | Path] = [GRADER, "grade", submissions, *places, "--device", "cpu", *options]
    done = timed(command, course.folder)
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Graded(
        seconds=done.seconds,
        scores={row["student"]: float(row["score"]) if row["score"] else None for row in rows},
        statuses=Counter(row["status"] for row in rows),
        trained=Counter(row["trained"] for row in rows),
        histories=Counter(printed(path) for path in sorted((out / "notebooks").glob("*/*.ipynb"))),
    )


def cache_of(out: Path) -> Path:
    return out.with_name(f"{out.name}-cache")


def record(course: Course, seeds: int) -> Timed:
    """The recording that criteria compare with, made on the data at hand."""
    conditions = ["--seeds", str(seeds), "--device", "cpu"]
    return timed([GRADER, "reference", "record", "--rubric", course.rubric, *conditions], course.folder)


def counted(counter: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counter.most_common())


def printed(notebook: Path) -> str:
    """The line with the first epoch's figures, or what there is instead."""
    lines = [line for line in _lines(notebook) if line.startswith("[('")]
    return lines[-1] if lines else "no history"


def _lines(notebook: Path) -> Iterator[str]:
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            yield from "".join(output.get("text", "")).splitlines()
