"""`grader check` as people start it: what it says, when, in which form, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from mnist_facts import ENVIRONMENT, RECORDING

from grader import reference, rubric
from grader.cli import main
from grader.model import Check, Grade, Status
from grader.selfcheck import running, static
from grader.selfcheck.report import Stage, Verdict, score_line

RUBRIC = """
assignment: small
title: Small
points: 3
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 1, check: executes, title: It runs}
      - {id: says, points: 2, check: code, pattern: "print('yes')", title: It says yes}
"""
COMPARING = """
assignment: compared
title: Compared
points: 3
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 1, check: executes, title: It runs}
      - {id: history, points: 2, check: history, title: The figures}
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notebook: Callable[..., Path]) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rubric.yaml").write_text(RUBRIC, "utf-8")
    for name, source in (("good", "print('yes')"), ("other", "print('no')"), ("broken", "print('yes'")):
        notebook(source).rename(tmp_path / f"{name}.ipynb")
    (tmp_path / "picture.ipynb").write_bytes(b"\x89PNG")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "code", "last"),
    [
        ("good", 0, "at most 3 of 3 points; nothing was run"),
        ("other", 1, "at most 1 of 3 points; nothing was run"),
        ("broken", 1, "at most 1 of 3 points; nothing was run"),
        ("picture", 1, "at most 3 of 3 points; nothing was run"),
    ],
)
def test_without_a_run_the_exit_code_says_whether_the_source_will_do(
    course: Path, capsys: pytest.CaptureFixture[str], name: str, code: int, last: str
) -> None:
    assert main(["check", "--static", f"{name}.ipynb"]) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_a_cell_that_cannot_be_read_is_named(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--static", "broken.ipynb"])
    assert "error: cell 1, line 1: Python cannot read this cell: '(' was never closed" in capsys.readouterr().out


def test_each_form_is_all_that_is_printed(course: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    told = {}
    for form in ("json", "junit", "github", "markdown"):
        assert main(["check", "--static", "--format", form, "other.ipynb"]) == 1
        told[form] = capfdbinary.readouterr().out.decode()
    assert json.loads(told["json"])["schema"] == "grader/check/v1"
    assert ET.fromstring(told["junit"]).get("failures") == "1"  # noqa: S314 - it is our own
    annotation = "::error file=other.ipynb,line=10,title=It says yes (cell 1%2C line 1)::0 of 2"
    assert told["github"].startswith(annotation)
    assert told["markdown"].startswith("### Small, part1: at most 1 of 3 points; nothing was run\n")


@pytest.mark.parametrize("option", [("--static",), ("--format", "json")])
def test_saved_outputs_are_told_as_text_alone(
    course: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    assert main(["check", "--saved", *option, "good.ipynb"]) == 2
    assert "leave out --format and --static" in capsys.readouterr().err


@pytest.mark.slow
def test_the_source_is_told_first_then_the_cells_and_then_the_result(course: Path) -> None:
    command = [sys.executable, "-m", "grader", "check", "good.ipynb"]
    root = str(Path(running.__file__).parents[2])
    both = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env={"PYTHONPATH": root}
    )
    assert both.returncode == 0
    head, patterns, starting, cell, ran, *checks, score = both.stdout.splitlines()
    assert head.startswith("good.ipynb, saved ")
    assert patterns == f"1 of 1 patterns found, {static.ONLY_SOURCE}"
    assert starting == "good.ipynb: starting"
    assert cell.startswith("cell 1 of 1 (")
    assert ran.startswith("good.ipynb: ran (")
    assert checks == ["✓ It runs  1/1", "✓ It says yes  2/2"]
    assert score.startswith("3 of 3 points in ")


# --- what comes of a grade ---------------------------------------------------------------------------------------

OUTSIDE = "loss is 0.9 in epoch 1, expected 0.2 to 0.3 (band of 5 seeds at 0.999)"
GRADE = Grade(
    student="good",
    part="part1",
    notebook="good.ipynb",
    status=Status.GRADED,
    score=1.0,
    max_score=3.0,
    checks=(
        Check("runs", "It runs", 1.0, 1.0),
        Check("history", "The figures", 0.0, 2.0, "0.2 to 0.3", "loss 0.9", OUTSIDE, "compare"),
    ),
    device="cpu",
    environment=ENVIRONMENT,
)


@pytest.mark.parametrize(
    ("keras", "verdict", "line", "passed"),
    [
        ("3.15.1", Verdict.FAILED, "1 of 3 points", False),
        ("3.99.0", Verdict.NOT_JUDGED, "1 of 3 points, at most 3", True),
    ],
)
def test_a_band_judges_where_it_was_recorded(
    course: Path, keras: str, verdict: Verdict, line: str, *, passed: bool
) -> None:
    (course / "rubric.yaml").write_text(COMPARING, "utf-8")
    assignment = rubric.load(course / "rubric.yaml", require_reference=False)
    part = assignment.parts[0]
    reference.store(reference.path_for(part), RECORDING)
    here = replace(ENVIRONMENT, versions={**ENVIRONMENT.versions, "keras": keras})
    before = static.examine(course / "good.ipynb", assignment, part)
    report = running.of_grade(before, replace(GRADE, environment=here), part)
    assert report.stage is Stage.RUN
    assert [one.verdict for one in report.items] == [Verdict.PASSED, verdict]
    assert (score_line(report), report.passed) == (line, passed)


def test_trouble_of_ours_is_no_score(course: Path) -> None:
    assignment = rubric.load(course / "rubric.yaml", require_reference=False)
    before = static.examine(course / "good.ipynb", assignment, assignment.parts[0])
    grade = replace(GRADE, status=Status.GRADER_ERROR, score=None, checks=(), reason="no disk")
    report = running.of_grade(before, grade, assignment.parts[0])
    assert (report.score, report.troubled, report.passed) == (None, True, False)
    assert score_line(report) == "no score of 3: grader error"


def test_programs_get_a_form_where_the_grader_itself_fails(
    course: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (course / "rubric.yaml").write_text(COMPARING, "utf-8")
    assert main(["check", "--format", "json", "good.ipynb"]) == 3
    told = json.loads(capfdbinary.readouterr().out)
    assert (told["status"], told["score"], told["passed"]) == ("grader_error", None, False)
    assert "is missing, so there is nothing to compare with" in told["reason"]
    assert [one["verdict"] for one in told["criteria"]] == ["not judged", "not judged"]
    assert main(["check", "good.ipynb"]) == 3
    assert "is missing, so there is nothing to compare with" in capfdbinary.readouterr().err.decode()
