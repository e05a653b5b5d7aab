"""The sample class, graded from end to end: once on a few hundred images, once as it ships."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from grader import batch, record, reference, rubric
from grader.model import Device
from grader.progress import Progress
from grader.sandbox import Layer

ROOT = Path(__file__).parents[1]
TRAINED_OTHERWISE = ("charlie", "deniz", "kiran")
SEEDS = 5
TRAIN, TEST = 600, 300  # images of the reduced form


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, layer: Layer) -> Path:
    """The shipped course on a few hundred images, its reference recorded on them."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "submissions", folder / "submissions")
    (folder / "reference" / "data").mkdir(parents=True)
    shutil.copy(ROOT / "reference" / "part1.ipynb", folder / "reference")
    shutil.copy(ROOT / "rubric.yaml", folder)
    with np.load(ROOT / "reference" / "data" / "mnist.npz") as full:
        reduced = {
            name: full[name][: TRAIN if name.endswith("train") else TEST]
            for name in ("x_train", "y_train", "x_test", "y_test")
        }
    np.savez_compressed(folder / "reference" / "data" / "mnist.npz", allow_pickle=False, **reduced)
    assignment = rubric.load(folder / "rubric.yaml")
    session = record.Session(assignment, assignment.parts[0], Device.CPU, threads=2, layer=layer)
    record.record(session, SEEDS, Progress())
    return folder


@pytest.mark.slow
def test_every_row_of_the_reduced_class_is_as_its_notebook_deserves(course: Path) -> None:
    run = batch.grade_all(
        rubric.load(course / "rubric.yaml"),
        course / "submissions",
        course / "grades",
        batch.Wanted(),
        Progress(),
    )
    assert run.interrupted is False
    rows = pd.read_csv(course / "grades" / "scores.csv", keep_default_na=False, dtype=str)
    expected = json.loads((Path(__file__).parent / "expected" / "reduced_class.json").read_text("utf-8"))
    assert [comparable(row) for row in rows.to_dict("records")] == expected


def comparable(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """A row without what differs from machine to machine: times, and trained figures in messages."""
    masked = re.sub(r"-?\d+\.\d+(e-?\d+)?", "#", row["message"])
    walls = "sandboxed" if row["isolation"] in ("bubblewrap", "landlock") else row["isolation"]
    seconds = "positive" if float(row["seconds"]) > 0 else "none"
    return dict(row) | {"seconds": seconds, "message": masked, "isolation": walls}


@pytest.mark.long
def test_the_class_as_it_ships_is_graded_on_all_of_mnist(tmp_path: Path) -> None:
    run = batch.grade_all(
        rubric.load(ROOT / "rubric.yaml"), ROOT / "submissions", tmp_path / "grades", batch.Wanted(), Progress()
    )
    points = {grade.student: {check.criterion: check.points for check in grade.checks} for grade in run.grades}
    expected = json.loads((Path(__file__).parent / "expected" / "shipped_class.json").read_text("utf-8"))
    for student in TRAINED_OTHERWISE:  # how far their figures leave the band is the processor's business too
        del points[student]["history"]
    assert points == expected
    assert [grade.student for grade in run.grades if grade.flags] == ["sasha"]


def test_the_shipped_band_contains_the_published_figures() -> None:
    assignment = rubric.load(ROOT / "rubric.yaml")
    part = assignment.parts[0]
    criterion = part.criteria[-1]
    assert criterion.id == "history"
    bands = reference.intervals(reference.load(reference.path_for(part)), criterion)  # type: ignore[arg-type]
    published = {"loss": 0.2544, "accuracy": 0.9212, "val_loss": 0.0560, "val_accuracy": 0.9823}
    assert {
        name: bands[name].low <= value <= bands[name].high for name, value in published.items()
    } == dict.fromkeys(published, True)
