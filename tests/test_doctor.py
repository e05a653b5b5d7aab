"""What `grader doctor` finds, on a machine as it should be and on one that lacks things."""

import shutil
from pathlib import Path

import pytest

from grader import doctor, reference, rubric
from grader.errors import GraderError
from grader.model import Rubric
from grader.sandbox import devices

ROOT = Path(__file__).parents[1]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "reference" / "data").mkdir(parents=True)
    shutil.copy(ROOT / "rubric.yaml", tmp_path)
    shutil.copy(ROOT / "reference" / "part1.ipynb", tmp_path / "reference")
    shutil.copytree(ROOT / "reference" / "recordings", tmp_path / "reference" / "recordings")
    (tmp_path / "reference" / "data" / "mnist.npz").symlink_to(ROOT / "reference" / "data" / "mnist.npz")
    return tmp_path


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> devices.Machine:
    """This machine as the recording found its own, without the seconds that importing TensorFlow takes."""
    recorded = reference.load(ROOT / "reference" / "recordings" / "part1.json").environment
    here = devices.Machine(recorded.versions, recorded.platform, recorded.cpu, ())
    monkeypatch.setattr(devices, "machine", lambda _: here)
    return here


def found(given: Rubric | None) -> dict[str, tuple[str, bool]]:
    return {finding.what: (finding.found, finding.well) for finding in doctor.findings(given)}


def load(course: Path) -> Rubric:
    return rubric.load(course / "rubric.yaml", require_reference=False, require_data=False)


def test_all_is_well_where_the_recording_is_of_what_is_there(course: Path) -> None:
    findings = found(load(course))
    assert all(well for _, well in findings.values())
    assert findings["tensorflow"] == ("2.21.0", True)
    assert findings["GPU"] == ("none that TensorFlow sees; notebooks run on the CPU", True)
    assert findings["mnist.npz"] == ("present", True)
    assert findings["recording of part1"] == ("16 seeds, on cpu", True)
    assert findings["recording of part1, up to date?"] == ("reference and data are as recorded", True)
    assert findings["recording of part1, made elsewhere?"] == ("made in an environment like this one", True)


def test_data_that_is_missing_is_named(course: Path) -> None:
    path = course / "reference" / "data" / "mnist.npz"
    path.unlink()
    assert found(load(course))["mnist.npz"] == (f"'{path}' is missing", False)


def test_a_reference_and_data_that_changed_since_they_were_recorded_are_named(course: Path) -> None:
    path = course / "reference" / "data" / "mnist.npz"
    path.unlink()
    path.write_bytes(b"other data")
    with (course / "reference" / "part1.ipynb").open("a") as file:
        file.write("\n")
    told, well = found(load(course))["recording of part1, up to date?"]
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
    assert found(load(course))["recording of part1, made elsewhere?"] == (
        "keras 3.15.1 was recorded, 3.20.0 is here",
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
