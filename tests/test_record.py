"""Recording a reference under several seeds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from mnist_facts import FIT, OBSERVED
from nbformat.v4 import new_code_cell, new_notebook

from grader import record, reference, rubric, strata
from grader.errors import GraderError, UsageError
from grader.model import Device, Evidence, Status
from grader.progress import Progress
from grader.sandbox import devices, layers

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
        self.notes: list[str] = []

    def note(self, item: str, what: str) -> None:
        self.notes.append(what)

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
def test_seeds_added_here_are_none_of_those_that_were_there(tmp_path: Path) -> None:
    given = session(tmp_path, SEEDED)
    record.record(given, 2, Progress())
    found = reference.load(record.add(given, 1, Progress()))
    assert (found.others, [run.seed for run in found.runs]) == ((), [0, 1, 2])
    assert len({run.history["loss"] for run in found.runs}) == 3


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
    assert len(found.runs) == 32
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


# --- adding to what was recorded ---------------------------------------------------------------------------------

HERE = devices.Machine({"keras": "3.15.1", "python": "3.11.7"}, "Linux", "Some CPU", ())


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[devices.Machine], list[int]]:
    """Stands in for the kernel, on the machine that is given; returns the seeds that are run there."""

    def become(here: devices.Machine) -> list[int]:
        ran = []

        def run(given: record.Session, number: int) -> Evidence:
            ran.append(number)
            fit = replace(FIT, history={"loss": (1.0 + number, 0.5)})
            there = devices.environment(here, given.device, given.threads)
            return Evidence(Status.GRADED, "", (), replace(OBSERVED, fits=(fit,)), there, 1.0)

        monkeypatch.setattr(devices, "machine", lambda *_, **__: here)
        monkeypatch.setattr(record, "_run", run)
        return ran

    return become


Becoming = Callable[[devices.Machine], list[int]]


def strata_of(path: Path) -> list[tuple[str, list[int]]]:
    """The version of Keras and the seeds of each."""
    found = strata.each(reference.load(path))
    return [(one.environment.versions["keras"], [run.seed for run in one.runs]) for one in found]


def test_seeds_that_are_added_where_it_was_recorded_go_on_from_its_last_one(
    tmp_path: Path, machine: Becoming
) -> None:
    given = session(tmp_path, "")
    ran = machine(HERE)
    record.record(given, 2, Progress())
    told = Told()
    path = record.add(given, 3, told)
    assert (ran, told.items) == ([0, 1, 2, 3, 4], ["seed 2", "seed 3", "seed 4"])
    assert strata_of(path) == [("3.15.1", [0, 1, 2, 3, 4])]
    assert [run.history["loss"] for run in reference.load(path).runs] == [(1.0 + n, 0.5) for n in range(5)]


def test_what_is_added_elsewhere_is_a_stratum_of_its_own(tmp_path: Path, machine: Becoming) -> None:
    given = session(tmp_path, "")
    machine(HERE)
    record.record(given, 2, Progress())
    machine(replace(HERE, versions={"keras": "3.20.0", "python": "3.11.7"}))
    record.add(given, 2, Progress())
    machine(HERE)
    path = record.add(given, 1, Progress())
    assert strata_of(path) == [("3.15.1", [0, 1, 2]), ("3.20.0", [0, 1])]


def test_nothing_is_added_to_a_recording_of_something_else(tmp_path: Path, machine: Becoming) -> None:
    given = session(tmp_path, "")
    ran = machine(HERE)
    path = record.record(given, 2, Progress())
    before = path.read_bytes()
    ran.clear()
    with (tmp_path / "reference.ipynb").open("a") as file:
        file.write("\n")
    with pytest.raises(UsageError) as caught:
        record.add(given, 2, Progress())
    assert str(caught.value) == (
        f"nothing can be added to '{path}': 'reference.ipynb' is not the file that was recorded; "
        "record it anew, without --add"
    )
    assert (ran, path.read_bytes()) == ([], before)


def test_a_stratum_that_would_make_no_band_is_refused_before_it_is_run(tmp_path: Path, machine: Becoming) -> None:
    given = session(tmp_path, "")
    ran = machine(HERE)
    record.record(given, 2, Progress())
    ran.clear()
    (tmp_path / "rubric.yaml").write_text(RUBRIC.replace("{rtol: 0.5}", "band"), "utf-8")
    loaded = rubric.load(tmp_path / "rubric.yaml")
    banded = replace(given, rubric=loaded, part=loaded.parts[0])
    record.add(banded, 1, Progress())  # the third here
    machine(replace(HERE, cpu="Other CPU"))
    with pytest.raises(UsageError, match="2 seeds make no band for part1; expected at least 3: give --seeds 16"):
        record.add(banded, 2, Progress())
    assert ran == [2]


def test_recording_anew_says_that_it_replaces_what_was_recorded_elsewhere(
    tmp_path: Path, machine: Becoming
) -> None:
    given = session(tmp_path, "")
    for cpu in ("One CPU", "Other CPU"):
        machine(replace(HERE, cpu=cpu))
        (record.add if cpu == "Other CPU" else record.record)(given, 2, Progress())
    told = Told()
    path = record.record(given, 2, told)
    assert told.notes == ["this will replace what was recorded in 2 environments; --add would keep it"]
    assert strata_of(path) == [("3.15.1", [0, 1])]


def test_as_many_threads_are_used_as_were_recorded_on_the_device(tmp_path: Path, machine: Becoming) -> None:
    given = session(tmp_path, "")
    machine(HERE)
    record.record(replace(given, threads=5), 2, Progress())
    machine(replace(HERE, gpus=("Some GPU",)))
    record.add(replace(given, device=Device.GPU, threads=3), 2, Progress())
    assert [record.threads_of(given.part, device) for device in (Device.CPU, Device.GPU)] == [5, 3]
