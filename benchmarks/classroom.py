"""A class for Assignment 0: notebooks that train the same network in different dress, and a few that do not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dress import COMMENTS, Training, steps

EVERY = 4  # every fourth student is a variant until there are no more
FILE = "assignment0.ipynb"


@dataclass(frozen=True, slots=True)
class Student:
    name: str
    number: int
    training: Training


FAITHFUL = Training()
VARIANTS = (
    Training(optimizer="Adam", rate=0.001),
    Training(dropout=0.4),
    Training(scale=1),
    Training(batch=64),
    Training(deeper=True),
    Training(activation="tanh"),
)


def students(faithful: int, variants: Sequence[Training] = VARIANTS) -> tuple[Student, ...]:
    """A class in which every fourth trains something else, until each variant has been there once."""
    left = list(variants)
    total = faithful + len(left)
    trained = (left.pop(0) if left and number % EVERY == EVERY - 1 else FAITHFUL for number in range(total))
    return tuple(Student(f"s{number + 1:02}", number, training) for number, training in enumerate(trained))


def write(folder: Path, members: Sequence[Student], epochs: int = 12) -> None:
    """One folder a student, as a course's export has them."""
    for student in members:
        (folder / student.name).mkdir(parents=True)
        (folder / student.name / FILE).write_text(notebook(cells(student, epochs)), "utf-8")


def cells(student: Student, epochs: int = 12) -> list[tuple[str, str]]:
    """(kind, source) of each cell."""
    code = list(steps(student.number, student.training, epochs))
    comments = COMMENTS[student.number // 2 % len(COMMENTS)]
    match student.number % 3:
        case 0:
            return [("code", "\n\n".join([code[0], *_commented(code[1:], comments)]))]
        case 1:
            return [("code", step) for step in [code[0], *_commented(code[1:], comments)]]
        case _:
            titles = [("markdown", f"## {comment}") for comment in comments]
            told = [cell for title, step in zip(titles, code[1:], strict=False) for cell in (title, ("code", step))]
            return [("code", code[0]), *told, *(("code", step) for step in code[1 + len(comments) :])]


def _commented(code: Sequence[str], comments: Sequence[str]) -> list[str]:
    labelled = [f"# {comment}\n{step}" for comment, step in zip(comments, code, strict=False)]
    return [*labelled, *code[len(comments) :]]


def notebook(told: Sequence[tuple[str, str]]) -> str:
    """A file as Jupyter writes one, without outputs."""
    written: list[dict[str, object]] = [
        {"cell_type": kind, "id": f"cell{number}", "metadata": {}, "source": source}
        | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        for number, (kind, source) in enumerate(told)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": written, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
