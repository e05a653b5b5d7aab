"""Trainings alone, each in a fresh Python without kernel or grader: what no grader can do without."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.classroom import FILE, Student
from benchmarks.clock import timed
from benchmarks.course import Course

PLAIN = Path(__file__).with_name("plain.py")


@dataclass(frozen=True, slots=True)
class Trained:
    """`seconds` of `Model.fit` by itself; imports and data are not in it."""

    seconds: float
    digest: str


def train(course: Course, submissions: Path, students: Iterable[Student], epochs: int) -> list[Trained]:
    """One after the other, each with all the cores, as plain Keras takes them."""
    return [_one(course, submissions / student.name / FILE, epochs) for student in students]


def _one(course: Course, notebook: Path, epochs: int) -> Trained:
    done = timed([sys.executable, PLAIN, str(notebook), str(course.mnist), str(epochs)], course.folder)
    told = json.loads(done.output.splitlines()[-1])
    return Trained(told["seconds"], told["digest"])
