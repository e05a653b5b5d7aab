"""The commands, started as people start them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml

from grader import __version__
from grader.cli import main
from grader.training import Store

ROOT = Path(__file__).parents[1]


def grader(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def test_the_version_is_told() -> None:
    done = grader("--version")
    assert (done.returncode, done.stdout) == (0, f"grader {__version__}\n")


def test_without_a_command_the_usage_is_told_and_the_exit_code_is_2() -> None:
    done = grader()
    assert done.returncode == 2
    assert "usage: grader" in done.stderr


def test_the_schema_accepts_the_shipped_rubric() -> None:
    done = grader("rubric", "schema")
    assert done.returncode == 0
    jsonschema.validate(yaml.safe_load((ROOT / "rubric.yaml").read_text("utf-8")), json.loads(done.stdout))


def test_the_recorded_bands_are_printed_as_a_table() -> None:
    done = grader("reference", "show")
    assert done.returncode == 0
    assert "part1 (mnist_cnn): 32 seeds on cpu" in done.stdout
    for metric in ("accuracy", "loss", "val_accuracy", "val_loss"):
        assert f"  1       {metric} " in done.stdout
    assert "shift down   shift up" in done.stdout


def test_what_is_kept_of_trainings_is_told_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(tmp_path / "fits")
    for key in ("a" * 64, "b" * 64):
        (tmp_path / "result").write_bytes(key.encode() * 2**14)
        with (tmp_path / "result").open("rb") as file:
            store.put(key, file)
    places = ["--cache", str(tmp_path / "fits")]
    assert [main(["cache", action, *places]) for action in ("show", "clear", "show")] == [0, 0, 0]
    assert capsys.readouterr().out.splitlines() == [
        f"'{tmp_path}/fits' holds 2 trainings, 2.0 of at most 4096 MiB; `grader cache clear` removes them",
        f"removed 2 trainings, 2.0 MiB, from '{tmp_path}/fits'",
        f"'{tmp_path}/fits' holds 0 trainings, 0.0 of at most 4096 MiB; `grader cache clear` removes them",
    ]


def test_a_cache_that_others_may_write_to_is_a_usage_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits").chmod(0o777)
    assert main(["cache", "show", "--cache", str(tmp_path / "fits")]) == 2
    assert "may be written to by other users" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--audit", "101%"), "'101%' is not a share such as 5% or 0.05"),
        (("--audit", "nan"), "'nan' is not a share such as 5% or 0.05"),
        (("--jobs", "0"), "'0' is not a number from 1"),
    ],
)
def test_a_number_that_is_none_is_a_usage_fault(
    option: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["grade", *option])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The shipped rubric and reference, without data worth mentioning."""
    (tmp_path / "reference" / "data").mkdir(parents=True)
    (tmp_path / "reference" / "data" / "mnist.npz").write_bytes(b"data")
    for notebook in (ROOT / "reference").glob("*.ipynb"):
        shutil.copy(notebook, tmp_path / "reference")
    shutil.copytree(ROOT / "reference" / "recordings", tmp_path / "reference" / "recordings")
    shutil.copy(ROOT / "rubric.yaml", tmp_path)
    (tmp_path / "submissions").mkdir()
    return tmp_path


def test_all_faults_of_a_rubric_are_told_at_once_without_a_traceback(course: Path) -> None:
    text = (course / "rubric.yaml").read_text("utf-8")
    text = text.replace("points: 150", "points: 99").replace("id: seeded", "id: numpy_first")
    text = text.replace("check: training", "check: trainings").replace("adjacent: true", "adjacant: true")
    text = text.replace("$HISTORY = $MODEL.fit($$$)", "$HISTORY = $MODEL.fit(")
    (course / "rubric.yaml").write_text(text, "utf-8")
    (course / "reference" / "part1.ipynb").unlink()
    done = grader("grade", cwd=course)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    faults = done.stderr.splitlines()
    for fragment in ("'99'", "numpy_first", "'trainings'", "adjacant", "part1.ipynb", "fit("):
        assert any(fragment.strip("'") in line and "rubric.yaml:" in line for line in faults), fragment


def test_a_folder_without_submissions_is_a_usage_fault(course: Path) -> None:
    done = grader("grade", cwd=course)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "grader: no submission in 'submissions': expected <student>/<notebook>.ipynb or <student>.ipynb, "
        "or the download of a system that docs/lms.md lists\n"
    )


def test_a_gpu_that_is_asked_for_and_absent_stops_the_run_with_exit_code_3(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.sandbox import devices

    nothing = devices.Machine({}, "", "", ())
    monkeypatch.setattr(devices, "machine", lambda _: nothing)
    monkeypatch.chdir(course)
    shutil.copy(ROOT / "submissions" / "bao.ipynb", course / "submissions")
    assert main(["grade", "--device", "gpu"]) == 3
    assert capsys.readouterr().err.startswith("grader: no GPU is seen by TensorFlow here, and `gpu` asks for one.")


def test_a_missing_recording_is_named_with_the_command_that_makes_it(course: Path) -> None:
    shutil.rmtree(course / "reference" / "recordings")
    done = grader("reference", "show", cwd=course)
    assert done.returncode == 3
    assert "part1-mnist_cnn.json" in done.stderr
    assert "grader reference record" in done.stderr


def test_an_unknown_part_is_answered_with_the_known_ones(course: Path) -> None:
    done = grader("reference", "show", "--part", "part9", cwd=course)
    assert (done.returncode, done.stderr) == (
        2,
        "grader: --part 'part9' is not in the rubric, which has 'part1', 'part2'; name one of these\n",
    )


def test_who_is_who_can_be_said_on_the_command_line(course: Path) -> None:
    (course / "submissions" / "x.ipynb").write_text("{}", "utf-8")
    (course / "who.csv").write_text("file,student\n", "utf-8")
    done = grader("grade", "--pattern", "(.*)", cwd=course)
    assert (done.returncode, done.stderr.split(": ", 2)[1]) == (2, "--pattern '(.*)'")
    done = grader("grade", "--students", "gone.csv", cwd=course)
    assert (done.returncode, done.stderr.split(";")[0]) == (
        2,
        "grader: the mapping 'gone.csv' cannot be read, or holds more than 16 MiB",
    )
