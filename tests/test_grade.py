"""Running a notebook under the rubric's conditions, and again where these got in its way."""

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import grade, reference, rubric
from grader.grade import Assignment
from grader.model import Device, Outcome, Status, Submission
from grader.sandbox import Layer

ROOT = Path(__file__).parents[1]
TRAINING = """
import numpy as np, keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="sgd")
history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=3, verbose=0)
"""


@pytest.fixture
def assignment(layer: Layer) -> Assignment:
    shipped = rubric.load(ROOT / "rubric.yaml")
    part = shipped.parts[0]
    without_data = replace(shipped, datasets={})
    return Assignment(
        without_data, part, reference.load(reference.path_for(part)), Device.CPU, threads=2, layer=layer
    )


def notebook(folder: Path, *sources: str) -> Path:
    path = folder / "notebook.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


@pytest.mark.slow
def test_a_cell_that_needs_the_later_epochs_gets_them_in_a_second_run(
    assignment: Assignment, tmp_path: Path
) -> None:
    path = notebook(tmp_path, TRAINING, "print(history.history['loss'][2] >= 0)")
    attempt = grade.execute(grade.task_of(path, assignment))
    assert attempt.status is Status.GRADED
    assert attempt.evidence.observed.fits[0].epochs_trained == 3
    assert attempt.evidence.cells[1].text == "True\n"
    assert attempt.notes == ("run again with all its epochs: it needs more than the rubric trains",)


@pytest.mark.slow
def test_an_error_that_no_longer_training_could_avoid_is_judged_after_one_run(
    assignment: Assignment, tmp_path: Path
) -> None:
    path = notebook(tmp_path, TRAINING, "print(history_of_mine)")
    attempt = grade.execute(grade.task_of(path, assignment))
    assert attempt.status is Status.NOTEBOOK_ERROR
    assert attempt.evidence.observed.fits[0].epochs_trained == 1
    assert [cell.outcome for cell in attempt.evidence.cells] == [Outcome.RAN, Outcome.RAISED]
    assert attempt.notes == ()


def test_a_link_is_unreadable_and_earns_nothing(assignment: Assignment, tmp_path: Path) -> None:
    link = tmp_path / "link.ipynb"
    link.symlink_to(ROOT / "reference" / "part1.ipynb")
    graded = grade.grade(Submission("zoe", "part1", (link,)), assignment)
    assert graded.executed is None
    assert graded.grade.status is Status.UNREADABLE
    assert graded.grade.score == 0
    assert all(check.points == 0 for check in graded.grade.checks)
    assert graded.grade.message == "'link.ipynb' is a symbolic link; hand in the notebook itself"
