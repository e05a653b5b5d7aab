"""A course as small as a rubric allows: no data, no comparison, one criterion."""

import csv
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.cli import main
from grader.sandbox import Layer

RUBRIC = """\
assignment: hello
title: Say hello
points: 3
execution: {timeout: 2 min}
datasets: {}
parts:
  part1:
    notebook: ["*"]
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 1, check: executes}
      - {id: says, points: 2, check: code, pattern: "print('hello')"}
"""


def notebook(path: Path, *sources: str) -> None:
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rubric.yaml").write_text(RUBRIC, "utf-8")
    notebook(tmp_path / "reference.ipynb", "print('hello')")
    notebook(tmp_path / "submissions" / "ann.ipynb", 'print("hello")  # good morning')
    notebook(tmp_path / "submissions" / "=bob.ipynb", "1 / 0", "print('hello')")
    return tmp_path


@pytest.mark.slow
def test_a_course_without_data_or_comparisons_is_graded_without_a_recording(course: Path, layer: Layer) -> None:
    assert main(["grade", "--cache", "cache"]) == 0
    with (course / "grades" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)]
    walls = layer.isolation.value
    common = {
        "part": "",
        "max_score": "3",
        "flags": "",
        "trained": "none",
        "evidence": "",
        "reference": "",
        "device": "cpu",
        "isolation": walls,
        **dict.fromkeys(("late", "late_penalty", "adjusted"), ""),
    }
    assert [(row.pop("sha256") != "", row) for row in rows] == [
        (
            True,
            common
            | {
                "student": "'=bob",
                "notebook": "'=bob.ipynb",
                "status": "notebook_error",
                "score": "0",
                "final": "0",
                "runs": "0",
                "says": "0",
                "message": (
                    "runs: cell 1, line 1: `1 / 0` raised ZeroDivisionError: division by zero; "
                    "1 of 2 code cells did not run; "
                    "says: looked for `print('hello')`: only code that ran counts; "
                    "found cell 2, line 1: `print('hello')`, in a cell that did not run"
                ),
            },
        ),
        (
            True,
            common
            | {
                "student": "ann",
                "notebook": "ann.ipynb",
                "status": "graded",
                "score": "3",
                "final": "3",
                "runs": "1",
                "says": "2",
                "message": "",
            },
        ),
    ]
    assert (course / "grades" / "totals.csv").read_text("utf-8").splitlines() == [
        "student,score,max_score,status,flags,late,late_penalty,adjusted,final",
        "'=bob,0,3,notebook_error,,,,,0",
        "ann,3,3,graded,,,,,3",
    ]
    executed = sorted(path.name for path in (course / "grades" / "notebooks" / "ann").iterdir())
    assert executed == ["part1.html", "part1.ipynb"]


@pytest.mark.slow
def test_one_notebook_of_such_a_course_is_checked_without_a_recording(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "reference.ipynb").unlink()
    assert main(["check", "submissions/ann.ipynb"]) == 0
    assert capsys.readouterr().out.splitlines()[2:4] == ["✓ runs  1/1", "✓ says  2/2"]
    assert main(["check", "submissions/=bob.ipynb"]) == 1
    assert main(["reference", "show"]) == 2


# --- runs that are stopped ---------------------------------------------------------------------------------------


def begun(course: Path, *options: str) -> subprocess.Popen[str]:
    """`grader grade`, which prints a line for each notebook that is done."""
    command = [sys.executable, "-P", "-m", "grader", "grade", "--jobs", "1", "--cold", "--no-sharing", *options]
    return subprocess.Popen(command, cwd=course, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def until(grader: subprocess.Popen[str], word: str) -> list[str]:
    assert grader.stdout is not None
    lines = []
    for line in grader.stdout:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"ended without '{word}': {lines}")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=lambda number: number.name)
def test_the_same_command_goes_on_where_it_was_stopped(number: signal.Signals, course: Path) -> None:
    (course / "submissions" / "=bob.ipynb").unlink()
    for student in ("bob", "cem"):
        notebook(course / "submissions" / f"{student}.ipynb", "import time; time.sleep(2)", "print('hello')")
    grader = begun(course)
    until(grader, "ann")
    grader.send_signal(number)
    grader.communicate()
    assert grader.returncode == (130 if number is signal.SIGINT else -number)
    assert (set(scores(course)), scores(course)["cem"]) == ({"ann", "bob", "cem"}, "")
    again = begun(course)
    printed, _ = again.communicate()
    assert again.returncode == 0, printed
    assert "1 finished by an earlier run, and kept" in " ".join(printed.split())
    assert scores(course) == {"ann": "3", "bob": "3", "cem": "3"}


def scores(course: Path) -> dict[str, str]:
    with (course / "grades" / "scores.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row["score"] for row in csv.DictReader(file)}
