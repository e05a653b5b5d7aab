"""What students get of an assignment: enough to check with, and nothing of what is hidden."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path

import pytest
import yaml
from test_commandline import SOLVED, notebook

from grader.cli import main

ROOT = Path(__file__).parents[1]
RUBRIC = """\
# the answer is a sigmoid
assignment: small
title: Small
points: 10
execution: {timeout: 2 min}
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 2, check: executes}
      - {id: layers, points: 3, check: model_summary}
      - {id: secret, points: 1, check: code, pattern: '$MODEL.compile("sgd", $$$)', title: The zebra, hidden: true}
      - {id: settings, points: 1, check: training, hidden: true}
      - {id: figures, points: 3, check: history, epoch: 1}
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("courses") / "course"
    for name in ("reference.ipynb", "handed_in.ipynb"):
        notebook(folder / name, SOLVED)
    (folder / "rubric.yaml").write_text(RUBRIC, "utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert main(["reference", "record", "--seeds", "4"]) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def course(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (recorded / "rubric.yaml").write_text(RUBRIC, "utf-8")
    monkeypatch.chdir(recorded)
    return recorded


def made(to: Path) -> dict[str, bytes]:
    assert main(["bundle", "--to", str(to)]) == 0
    return {str(path.relative_to(to)): path.read_bytes() for path in to.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_the_rubric_is_without_what_is_hidden(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = made(tmp_path / "student")
    assert sorted(found) == ["recordings/part1.json", "rubric.yaml"]
    text = found["rubric.yaml"].decode()
    assert text.startswith(
        "# Made by `grader bundle`. Check a notebook with: grader check NOTEBOOK\n"
        "# 8 of the assignment's 10 points can be checked with it.\n"
    )
    whole = yaml.safe_load(RUBRIC)
    whole["points"] = 8
    criteria = whole["parts"]["part1"]["criteria"]
    whole["parts"]["part1"]["criteria"] = [criteria[0], criteria[1], criteria[4]]
    assert yaml.safe_load(text) == whole
    assert capsys.readouterr().out.endswith(
        "student (2 files, 0.0 MiB): give it to students, who check their notebooks with it; 8 of 10 points can be "
        "checked\n"
    )
    assert course.is_dir()


@pytest.mark.slow
def test_a_recording_is_without_what_only_hidden_criteria_compare_with(course: Path, tmp_path: Path) -> None:
    whole = json.loads((course / "recordings" / "part1.json").read_text("utf-8"))
    whole["fit"] |= {
        "compiled": {"optimizer": "", "learning_rate": None, "loss": "", "metrics": []},
        "batch_size": None,
        "epochs": 0,
        "validation_split": 0.0,
        "arrays": {},
    }
    assert json.loads(made(tmp_path / "one")["recordings/part1.json"]) == whole
    swapped = RUBRIC.replace("check: model_summary}", "check: model_summary, hidden: true}")
    swapped = swapped.replace("check: history, epoch: 1}", "check: history, epoch: 1, hidden: true}")
    (course / "rubric.yaml").write_text(
        swapped.replace("check: training, hidden: true}", "check: training}"), "utf-8"
    )
    other = json.loads(made(tmp_path / "two")["recordings/part1.json"])
    assert other["layers"] == []
    assert other["fit"]["compiled"]["optimizer"] == "SGD"
    assert [run["history"] for run in other["runs"]] == [{}] * 4


@pytest.mark.slow
def test_nothing_of_the_solution_or_the_hidden_criteria_is_in_any_file(course: Path, tmp_path: Path) -> None:
    everything = b"\n".join(made(tmp_path / "student").values())
    lines = {line.strip() for line in SOLVED.splitlines()}
    hidden = {"zebra", "secret", "settings\n", "keras.Input", "the answer is", "binary_crossentropy"}
    assert [word for word in lines | hidden if word.encode() in everything] == []
    assert course.is_dir()


@pytest.mark.slow
def test_a_notebook_checked_with_it_gets_the_points_of_the_course(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bundle", "--to", str(tmp_path / "b.zip")]) == 0
    zipfile.ZipFile(tmp_path / "b.zip").extractall(tmp_path / "student")
    points = {}
    for folder in (course, tmp_path / "student"):
        monkeypatch.chdir(folder)
        capsys.readouterr()
        command = ["check", str(course / "handed_in.ipynb"), "--part", "part1", "--format", "json", "--cache", "c"]
        assert main(command) == 0
        told = json.loads(capsys.readouterr().out)
        points[folder] = {each["id"]: each["points"] for each in told["criteria"]}
    shown = {name: value for name, value in points[course].items() if name not in ("secret", "settings")}
    assert points[tmp_path / "student"] == shown
    assert sum(shown.values()) == 8


@pytest.mark.slow
def test_the_same_assignment_gives_the_same_bytes(course: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        assert main(["bundle", "--to", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert course.is_dir()


@pytest.mark.slow
def test_a_rubric_that_hides_everything_is_refused(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = re.sub(r"(, hidden: true)?}$", ", hidden: true}", RUBRIC, flags=re.MULTILINE)
    text = text.replace("{timeout: 2 min, hidden: true}", "{timeout: 2 min}")
    (course / "rubric.yaml").write_text(text, "utf-8")
    assert main(["bundle", "--to", str(tmp_path / "b.zip")]) == 2
    told = capsys.readouterr().err
    assert told.endswith("hides every criterion; expected one that students may see: unhide one\n")
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.slow
def test_a_folder_that_holds_something_is_left_alone(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    assert main(["bundle", "--to", str(tmp_path)]) == 2
    assert (
        "is there already; expected a new name or an empty folder: name another with --to"
        in capsys.readouterr().err
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert course.is_dir()


def test_the_shipped_assignment_is_whole_but_for_its_references(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    found = made(tmp_path / "student")
    assert sorted(found) == [
        "reference/data/mnist.npz",
        "reference/recordings/part1-mnist_cnn.json",
        "reference/recordings/part1-mnist_convnet.json",
        "reference/recordings/part2.json",
        "rubric.yaml",
    ]
    monkeypatch.chdir(tmp_path / "student")
    shipped = ROOT / "submissions" / "alex" / "assignment0.ipynb"
    assert main(["check", "--static", str(shipped), "--part", "part1"]) == 0
