"""What `grader doctor` finds, on a machine as it should be and on one that lacks things."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader import doctor, reference, rubric
from grader.errors import GraderError
from grader.model import Isolation, Rubric, Stratum
from grader.sandbox import Layer, devices, layers

ROOT = Path(__file__).parents[1]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "reference" / "data").mkdir(parents=True)
    shutil.copy(ROOT / "rubric.yaml", tmp_path)
    for notebook in (ROOT / "reference").glob("*.ipynb"):
        shutil.copy(notebook, tmp_path / "reference")
    shutil.copytree(ROOT / "reference" / "recordings", tmp_path / "reference" / "recordings")
    (tmp_path / "reference" / "data" / "mnist.npz").symlink_to(ROOT / "reference" / "data" / "mnist.npz")
    return tmp_path


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> devices.Machine:
    """This machine as the recording found its own, without the seconds that importing TensorFlow takes."""
    recorded = reference.load(ROOT / "reference" / "recordings" / "part1-mnist_cnn.json").environment
    here = devices.Machine(recorded.versions, recorded.platform, recorded.cpu, ())
    monkeypatch.setattr(devices, "machine", lambda _: here)
    return here


def found(given: Rubric | None) -> dict[str, tuple[str, bool | None]]:
    return {finding.what: (finding.found, finding.well) for finding in doctor.findings(given)}


def load(course: Path) -> Rubric:
    return rubric.load(course / "rubric.yaml", require_reference=False, require_data=False)


def test_all_is_well_where_the_recording_is_of_what_is_there(course: Path) -> None:
    findings = found(load(course))
    assert all(well is not False for _, well in findings.values())
    assert findings["tensorflow"] == ("2.21.0", True)
    assert findings["GPU"] == ("none that TensorFlow sees; notebooks run on the CPU", True)
    assert findings["mnist.npz"] == ("present", True)
    assert findings["recording of part1 (mnist_cnn)"] == ("32 seeds, on cpu", True)
    assert findings["recording of part1 (mnist_cnn), up to date?"] == ("reference and data are as recorded", True)
    assert findings["recording of part1 (mnist_cnn), made elsewhere?"] == (
        "made in an environment like this one",
        True,
    )


def test_data_that_is_missing_is_named(course: Path) -> None:
    path = course / "reference" / "data" / "mnist.npz"
    path.unlink()
    assert found(load(course))["mnist.npz"] == (f"'{path}' is missing; put it there", False)


def test_a_reference_and_data_that_changed_since_they_were_recorded_are_named(course: Path) -> None:
    path = course / "reference" / "data" / "mnist.npz"
    path.unlink()
    path.write_bytes(b"other data")
    with (course / "reference" / "part1.ipynb").open("a") as file:
        file.write("\n")
    told, well = found(load(course))["recording of part1 (mnist_cnn), up to date?"]
    assert not well
    assert told.split("; ") == [
        "'part1.ipynb' is not the file that was recorded",
        "'mnist.npz' is not the file that was recorded",
        "run `grader reference record`",
    ]


def test_another_environment_is_told_and_no_fault(
    course: Path, machine: devices.Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = devices.Machine(dict(machine.versions) | {"keras": "3.20.0"}, machine.platform, machine.cpu, ())
    monkeypatch.setattr(devices, "machine", lambda _: other)
    assert found(load(course))["recording of part1 (mnist_cnn), made elsewhere?"] == (
        "keras 3.15.1 was recorded, 3.20.0 is here; `grader reference record --add` records here",
        True,
    )


def test_the_stratum_of_this_environment_is_the_one_that_is_compared(
    course: Path, machine: devices.Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = course / "reference" / "recordings" / "part1-mnist_cnn.json"
    recording = reference.load(path)
    newer = replace(recording.environment, versions={**machine.versions, "keras": "3.20.0"})
    reference.store(path, replace(recording, others=(Stratum(newer, recording.runs[:4]),)))
    other = devices.Machine(newer.versions, machine.platform, machine.cpu, ())
    monkeypatch.setattr(devices, "machine", lambda _: other)
    findings = found(load(course))
    assert findings["recording of part1 (mnist_cnn)"] == ("32 seeds, on cpu; 4 seeds, on cpu", True)
    assert findings["recording of part1 (mnist_cnn), made elsewhere?"] == (
        "made in an environment like this one",
        True,
    )


def test_an_interpreter_that_cannot_be_asked_is_the_last_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str | None) -> devices.Machine:
        raise GraderError("'python9' could not be asked what it has")

    monkeypatch.setattr(devices, "machine", fails)
    assert list(found(None))[-1] == "notebooks' interpreter"
    assert found(None)["notebooks' interpreter"] == ("'python9' could not be asked what it has", False)


def test_without_a_rubric_only_the_machine_is_examined() -> None:
    assert found(None)["rubric"] == ("none was found; name one with --rubric", False)


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (("", "", ""), [("used", True), ("works here too", True), ("works here too", True)]),
        (("no", "", ""), [("no", None), ("used", True), ("works here too", True)]),
        (("no", "not", ""), [("no", False), ("not", False), ("used", True)]),
    ],
)
def test_a_layer_that_is_missing_is_a_fault_where_none_but_one_s_own_rights_are_left(
    monkeypatch: pytest.MonkeyPatch, faults: tuple[str, ...], expected: list[tuple[str, bool | None]]
) -> None:
    tried = [
        layers.Trial(Layer(isolation), "a way", fault) for isolation, fault in zip(Isolation, faults, strict=True)
    ]
    monkeypatch.setattr(layers, "trials", lambda _: iter(tried))
    findings = [finding for finding in doctor.findings(None) if finding.what.startswith("isolation")]
    told = [(finding.found.removeprefix("a way: "), finding.well) for finding in findings[:3]]
    assert told == expected
    only_own_rights = [finding.well for finding in findings[3:]]
    assert only_own_rights == ([False] if faults[1] else [])
