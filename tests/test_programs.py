"""A part that accepts several references: one of them judges a submission, wholly, and the row says which."""

import csv
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import rubric
from grader.cli import main
from grader.grade import Assignment, score
from grader.model import Attempt, Cell, Device, Evidence, Isolation, Observations, Outcome, Status, Submission
from grader.sandbox import Layer

RUBRIC = """\
assignment: greeting
points: 10
parts:
  only:
    references:
      short: reference/short.ipynb
      polite: reference/polite.ipynb
    criteria:
      - {id: runs, points: 2, check: executes}
      - {id: greets, points: 8, check: code, pattern: "print('hello')", program: short}
      - {id: greets, points: 3, check: code, pattern: "print('good morning')", program: polite}
      - {id: thanks, points: 5, check: code, pattern: "print('thank you')", program: polite}
"""
SHORT, POLITE = "print('hello')", "print('good morning')\nprint('thank you')"


def notebook(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rubric.yaml").write_text(RUBRIC, "utf-8")
    notebook(tmp_path / "reference" / "short.ipynb", SHORT)
    notebook(tmp_path / "reference" / "polite.ipynb", POLITE)
    return tmp_path


def attempt(source: str) -> Attempt:
    cells = (Cell(1, source, Outcome.RAN, ""),)
    found = Evidence(Status.GRADED, "", cells, Observations(), None, 1.0)
    return Attempt(Status.GRADED, "", found, None, 1.0, "landlock", "a1" * 32)


@pytest.mark.parametrize(
    ("source", "reference", "points"),
    [
        (SHORT, "short", {"runs": 2, "greets": 8}),
        (POLITE, "polite", {"runs": 2, "greets": 3, "thanks": 5}),
        ("print('thank you')", "polite", {"runs": 2, "greets": 0, "thanks": 5}),
        (f"{SHORT}\nprint('thank you')", "short", {"runs": 2, "greets": 8}),  # never a mixture of both
        ("print('goodbye')", "short", {"runs": 2, "greets": 0}),  # of equal ones the first
    ],
)
def test_the_reference_that_gives_most_judges_the_whole_submission(
    course: Path, source: str, reference: str, points: dict[str, float]
) -> None:
    loaded = rubric.load(course / "rubric.yaml")
    first, *others = (
        Assignment(loaded, part, None, Device.CPU, 2, Layer(Isolation.LANDLOCK))
        for part in loaded.parts[0].accepted
    )
    assignment = Assignment(loaded, first.part, None, Device.CPU, 2, first.layer, tuple(others))
    found = score(Submission("ann", "only", (Path("ann.ipynb"),), "a1" * 32), assignment, attempt(source))
    assert (found.reference, {check.criterion: check.points for check in found.checks}) == (reference, points)
    assert (found.score, found.max_score) == (sum(points.values()), 10)


@pytest.mark.slow
def test_rows_name_the_reference_and_leave_blank_what_it_does_not_ask_for(course: Path) -> None:
    notebook(course / "submissions" / "ann.ipynb", POLITE)
    notebook(course / "submissions" / "ben.ipynb", SHORT)
    assert main(["grade", "--cache", "cache"]) == 0
    with (course / "grades" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("student", "score", "max_score", "runs", "greets", "thanks", "reference")
    assert [[row[name] for name in names] for row in rows] == [
        ["ann", "10", "10", "2", "3", "5", "polite"],
        ["ben", "10", "10", "2", "8", "", "short"],
    ]


@pytest.mark.slow
def test_each_reference_must_earn_full_points_by_its_own_criteria(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook(course / "reference" / "polite.ipynb", SHORT)
    notebook(course / "submissions" / "ann.ipynb", SHORT)
    assert main(["grade", "--cache", "cache"]) == 3
    told = capsys.readouterr().err
    assert "the reference 'polite.ipynb' does not pass its own rubric here (graded)." in told
    assert "No submission was graded." in told
    assert "  greets: 0 of 3 points: no statement that ran matches" in told
    assert "recorded" not in told  # nothing is, in this course


@pytest.mark.slow
def test_a_self_check_says_what_it_compared_with(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook(course / "ann.ipynb", POLITE)
    assert main(["check", "ann.ipynb", "--cache", "cache"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(", compared with polite")
