"""The shipped course in a folder of its own, as it is or with less data, fewer criteria or other conditions."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks import classroom

ROOT = Path(__file__).parents[1]
COMPARING = ("model_summary", "training", "history")  # the checks that need a recording

Condition = str | int | None


@dataclass(frozen=True, slots=True)
class Course:
    folder: Path

    @property
    def rubric(self) -> Path:
        return self.folder / "rubric.yaml"

    @property
    def mnist(self) -> Path:
        return self.folder / "reference" / "data" / "mnist.npz"


def shipped(folder: Path, images: tuple[int, int] | None) -> Course:
    """Rubric, reference, recording and data; `images` are those for training and testing that are kept.

    Of the first part and its first reference alone, which the classes here were made from.
    """
    shutil.copytree(ROOT / "reference", folder / "reference")
    shutil.copy(ROOT / "rubric.yaml", folder)
    course = Course(folder)
    _change(course.rubric, _with_first_reference)
    if images is not None:
        _reduce(course.mnist, *images)
    return course


def _with_first_reference(rubric: dict[str, Any]) -> None:
    name, part = next(iter(rubric["parts"].items()))
    first, *_ = part["references"]
    part["references"] = {first: part["references"][first]}
    part["criteria"] = [one for one in part["criteria"] if one.pop("program", first) == first]
    rubric["parts"] = {name: part}
    rubric["points"] = sum(one["points"] for one in part["criteria"])


def without_recording(course: Course, execution: Mapping[str, Condition]) -> None:
    """Leave the criteria that look at the notebook alone; None removes a condition of the execution."""

    def change(rubric: dict[str, Any]) -> None:
        conditions = rubric["execution"] | execution
        rubric["execution"] = {name: value for name, value in conditions.items() if value is not None}
        for part in rubric["parts"].values():
            part["criteria"] = [one for one in part["criteria"] if one["check"] not in COMPARING]
        criteria = [one for part in rubric["parts"].values() for one in part["criteria"]]
        rubric["points"] = sum(one["points"] for one in criteria)

    _change(course.rubric, change)


def trivial(folder: Path, source: str) -> Course:
    """One criterion: the notebook runs. Its reference is one cell."""
    (folder / "reference").mkdir(parents=True)
    (folder / "reference" / "part1.ipynb").write_text(classroom.notebook([("code", source)]), "utf-8")
    criteria = [{"id": "runs", "points": 10, "check": "executes", "title": "The notebook runs"}]
    rubric = {
        "assignment": "trivial",
        "title": "A notebook that imports Keras",
        "points": 10,
        "execution": {"device": "cpu", "timeout": "5 min"},
        "parts": {"part1": {"reference": "reference/part1.ipynb", "criteria": criteria}},
    }
    course = Course(folder)
    course.rubric.write_text(yaml.safe_dump(rubric, sort_keys=False), "utf-8")
    return course


def _change(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    rubric = yaml.safe_load(path.read_text("utf-8"))
    change(rubric)
    path.write_text(yaml.safe_dump(rubric, sort_keys=False), "utf-8")


def _reduce(mnist: Path, train: int, test: int) -> None:
    """The first images of each set."""
    with np.load(mnist) as full:
        kept = {name: full[name][: train if name.endswith("train") else test] for name in full.files}
    np.savez_compressed(mnist, allow_pickle=False, **kept)
