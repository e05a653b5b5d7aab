"""Recording a reference under several seeds."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import record, reference, rubric
from grader.errors import GraderError
from grader.model import Device
from grader.progress import Progress
from grader.sandbox import layers

ROOT = Path(__file__).parents[1]
RUBRIC = """\
assignment: tiny
title: Tiny
points: 1
execution: {max_epochs: 2, timeout: 5 min}
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: history, points: 1, check: history, epoch: 2, evidence: observed, tolerance: {rtol: 0.5}}
"""
SEEDED = """\
import numpy as np, keras
np.random.seed(7)
keras.utils.set_random_seed(7)
x, y = np.random.rand(64, 3), np.random.rand(64, 1)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="sgd")
model.fit(x, y, epochs=3)
"""
FIXED = """\
import numpy as np, keras
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="ones")])
model.compile(loss="mse", optimizer="sgd")
model.fit(np.ones((64, 3)), np.ones((64, 1)), epochs=2)
"""


def session(folder: Path, source: str) -> record.Session:
    (folder / "rubric.yaml").write_text(RUBRIC, "utf-8")
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), folder / "reference.ipynb")
    loaded = rubric.load(folder / "rubric.yaml")
    return record.Session(
        loaded, loaded.parts[0], Device.CPU, threads=1, layer=layers.choose(None, loaded.execution, trusted=True)
    )


class Told(Progress):
    def __init__(self) -> None:
        self.items: list[str] = []

    def done(self, item: str, outcome: str) -> None:
        self.items.append(item)


@pytest.mark.slow
def test_seed_calls_of_the_notebook_do_not_keep_the_seeds_from_spreading(tmp_path: Path) -> None:
    told = Told()
    path = record.record(session(tmp_path, SEEDED), 2, told)
    found = reference.load(path)
    assert path == tmp_path / "recordings" / "part1.json"
    assert told.items == ["seed 0", "seed 1"]
    assert [run.seed for run in found.runs] == [0, 1]
    assert [len(run.history["loss"]) for run in found.runs] == [2, 2]
    assert found.runs[0].history != found.runs[1].history
    assert found.fit is not None
    assert (found.fit.epochs, found.fit.epochs_trained, found.fit.history) == (3, 2, {})
    assert [layer.kind for layer in found.layers] == ["Dense", "Dense"]
    assert found.environment.threads == 1
    assert found.max_epochs == 2


@pytest.mark.slow
def test_histories_that_do_not_change_with_the_seed_stop_the_recording(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="gave the same history under different seeds"):
        record.record(session(tmp_path, FIXED), 2, Progress())
    assert not (tmp_path / "recordings").exists()


@pytest.mark.slow
def test_a_reference_that_does_not_run_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"does not run under seed 0: notebook_error: ZeroDivisionError"):
        record.record(session(tmp_path, "1 / 0"), 2, Progress())


def test_the_shipped_recording_is_of_the_shipped_reference_and_data() -> None:
    shipped = rubric.load(ROOT / "rubric.yaml")
    found = reference.load(reference.path_for(shipped.parts[0]))
    assert found.reference_sha256 == reference.digest(shipped.parts[0].reference)
    assert found.datasets == {name: reference.digest(path) for name, path in shipped.datasets.items()}
    assert len(found.runs) == 16
    assert sum(layer.parameters for layer in found.layers) == 1_199_882


BUILDS_ONLY = """\
import keras
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
"""


@pytest.mark.slow
def test_a_reference_that_trains_nothing_is_recorded_where_only_its_model_counts(tmp_path: Path) -> None:
    given = session(tmp_path, BUILDS_ONLY)
    told = RUBRIC.replace(
        "check: history, epoch: 2, evidence: observed, tolerance: {rtol: 0.5}", "check: model_summary"
    )
    (tmp_path / "rubric.yaml").write_text(told, "utf-8")
    loaded = rubric.load(tmp_path / "rubric.yaml")
    path = record.record(
        record.Session(loaded, loaded.parts[0], given.device, given.threads, given.layer), 1, Progress()
    )
    found = reference.load(path)
    assert (found.fit, [layer.kind for layer in found.layers]) == (None, ["Dense"])
    assert [dict(run.history) for run in found.runs] == [{}]
