"""What is said of mutants and variants, and with which exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from references import ADDS, one_cell

from grader import batch
from grader.cli import main
from grader.errors import ReferenceFailsError
from grader.model import Check, Grade, Rubric, Status
from grader.progress import Progress
from grader.terminal import show_verifications
from grader.verify import form, notebook
from grader.verify.claims import Claims
from grader.verify.outcome import Outcome, Verdict, judged

RUBRIC = """\
assignment: small
title: Small
points: 10
execution: {max_epochs: 1}
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 2, check: executes}
      - {id: seeded, points: 3, check: code, pattern: "np.random.seed(0)"}
      - {id: printed, points: 5, check: code, pattern: "print($H.history['loss'][0])"}
"""
LOST = {"no-seed-1": "seeded", "last-value-1": "printed", "history-not-kept-1": "runs"}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rubric.yaml").write_text(RUBRIC, "utf-8")
    notebook.write(tmp_path / "reference.ipynb", one_cell(ADDS))
    return tmp_path


def graded(
    monkeypatch: pytest.MonkeyPatch,
    lost: Mapping[str, str],
    flagged: Sequence[str] = (),
    troubled: Sequence[str] = (),
    *,
    interrupted: bool = False,
) -> None:
    """Stand in for running a class: who is named loses a criterion's points, gets a flag, or is our trouble."""

    def grade_all(rubric: Rubric, folder: Path, out: Path, wanted: batch.Wanted, progress: Progress) -> batch.Run:
        (part,) = rubric.parts
        grades = []
        for student in sorted(path.name for path in folder.iterdir()):
            checks = tuple(
                Check(
                    one.id,
                    "",
                    0.0 if lost.get(student) == one.id else one.points,
                    one.points,
                    why="it is not there",
                )
                if lost.get(student) == one.id
                else Check(one.id, "", one.points, one.points)
                for one in part.criteria
            )
            status = Status.GRADER_ERROR if student in troubled else Status.GRADED
            flags = ("the figures differ",) if student in flagged else ()
            message = "no room" if student in troubled else ""
            grades.append(Grade(student, part.id, "n.ipynb", status, 10.0, 10.0, checks, flags, message=message))
        return batch.Run(tuple(grades), ("a remark",), interrupted)

    monkeypatch.setattr(batch, "grade_all", grade_all)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[list[str]]]:
    """Title -> rows of the table under it, cells that were broken over lines left out."""
    titles: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in capsys.readouterr().out.splitlines():
        cells = [cell.strip() for cell in line.split("  ") if cell.strip()]
        if line.startswith(("Mutants", "Variants", "What", "Not")):
            rows = titles.setdefault(line.strip(), [])
        elif cells and not line.startswith(" ─"):
            rows.append(cells)
    return titles


def test_what_no_criterion_asks_for_is_named_with_the_reason(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    graded(monkeypatch, LOST)
    assert main(["verify"]) == 0
    found = told(capsys)
    beyond = found["Mutants beyond the rubric's criteria"]
    no_room = found["What this reference leaves no room for"]
    assert ["dropout-rate", "no layer is given `rate` in a form that can be changed"] in no_room
    assert ["adds", "it has no Sequential that is given a list of layers"] in no_room
    assert ["input-layer", "no `input_shape` is given to its first layer"] in no_room
    assert len({row[-1] for row in no_room}) == len(no_room)
    assert beyond[1] == [
        "layer-left-out-1",
        "Conv2D left out (cell 1, line 12)",
        "no criterion of the rubric compares it; `check: model_summary` compares layers and their settings",
    ]
    caught = found["Mutants that were caught"]
    assert caught[1] == ["no-seed-1", "no np.random.seed(0) (cell 1, line 6)", "seeded", "3"]
    assert "Mutants that survived" not in found
    assert list(found) == [
        "Mutants beyond the rubric's criteria",
        "Mutants that were caught",
        "What this reference leaves no room for",
    ]


def test_a_survivor_comes_first_and_is_exit_code_1(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    graded(monkeypatch, {name: lost for name, lost in LOST.items() if name != "no-seed-1"})
    assert main(["verify"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].strip() == "Mutants that survived"
    assert out[4].split("  ")[1:] != []
    assert "seeded should have; `check: code` with a pattern for that statement" in "\n".join(out[:6])
    counted = "2 of 24 mutants were caught, 1 survived, 21 beyond the criteria"
    kept = "35 of 35 variants kept all points, unflagged"
    assert out[-2:] == ["note: a remark", f"part1: {counted}; {kept}"]


@pytest.mark.parametrize(("lost", "flagged"), [({"split": "runs"}, ()), ({}, ("split",))], ids=["points", "flag"])
def test_a_variant_that_loses_points_or_is_flagged_is_exit_code_1(
    lost: dict[str, str],
    flagged: tuple[str, ...],
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    graded(monkeypatch, LOST | lost, flagged)
    assert main(["verify"]) == 1
    reason = "runs: 2: it is not there" if lost else "flag: the figures differ"
    assert told(capsys)["Variants that lost something"][1] == ["split", "a cell for each statement", reason]


def test_our_own_trouble_is_exit_code_3(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    graded(monkeypatch, LOST, troubled=("split", "filters-1"))
    assert main(["verify", "--format", "json"]) == 3
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    assert [one["id"] for one in part["mutants"] if one["verdict"] == "not graded"] == ["filters-1"]
    assert [(one["id"], one["trouble"]) for one in part["variants"] if one["trouble"]] == [("split", "no room")]


def test_an_interrupted_class_is_exit_code_130(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graded(monkeypatch, LOST, interrupted=True)
    assert main(["verify"]) == 130


def test_json_holds_everything(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    graded(monkeypatch, LOST)
    assert main(["verify", "--format", "json", "--part", "part1"]) == 0
    found = json.loads(capsys.readouterr().out)
    (part,) = found["parts"]
    assert part["conclusion"] == (
        "part1: 3 of 24 mutants were caught, 21 beyond the criteria; 35 of 35 variants kept all points, unflagged"
    )
    assert (part["failed"], part["fault"], found["troubled"]) == (False, "", False)
    assert (found["failed"], part["part"], part["quick"], part["samples"]) == (False, "part1", False, None)
    assert next(one for one in part["mutants"] if one["id"] == "no-seed-1") == {
        "id": "no-seed-1",
        "mistake": "no-seed",
        "what": "no np.random.seed(0)",
        "where": "cell 1, line 6",
        "verdict": "caught",
        "why": "",
        "claimed_by": ["seeded"],
        "would_catch": "`check: code` with a pattern for that statement",
        "points_lost": 3,
        "lost": [{"criterion": "seeded", "points": 3, "why": "it is not there"}],
        "flags": [],
        "trouble": "",
    }
    assert part["variants"][0] == {
        "id": "model-renamed",
        "words": "another name for the model",
        "points_lost": 0,
        "lost": [],
        "flags": [],
        "trouble": "",
    }
    assert part["remarks"] == ["a remark"]


def test_a_part_that_the_rubric_does_not_have_is_a_usage_fault(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--part", "part2"]) == 2
    assert "--part 'part2' is not in the rubric, which has 'part1'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"nbformat": 3, "worksheets": []}', b'{"nbformat": 4}', b"\xff"]
)
def test_a_reference_that_is_no_notebook_is_a_usage_fault(
    content: bytes, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "reference.ipynb").write_bytes(content)
    assert main(["verify"]) == 2
    assert "is no notebook that can be read; expected a notebook in nbformat 4" in capsys.readouterr().err


@pytest.fixture
def fault(course: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    told = "the reference 'reference.ipynb' does not pass its own rubric here (graded).\n  runs: 0 of 2 points"

    def grade_all(*_: object) -> batch.Run:
        raise ReferenceFailsError(told)

    monkeypatch.setattr(batch, "grade_all", grade_all)
    return told


def test_a_reference_that_fails_its_rubric_fails_the_rubric(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 1
    last = "part1: no mutant and no variant was tried, since the reference itself loses points"
    assert capsys.readouterr().out.splitlines() == [*fault.splitlines(), last]


def test_json_says_that_the_reference_fails_its_rubric(fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["failed"], found["troubled"]) == (True, False)
    assert [(part["fault"], part["failed"], part["mutants"]) for part in found["parts"]] == [(fault, True, [])]


# --- verdicts ----------------------------------------------------------------------------------------------


def verdict(claims: Claims, *, lost: bool = False, flag: bool = False, quick: bool = False) -> Verdict:
    check = Check("history", "", 0.0 if lost else 5.0, 5.0, why="outside" if lost else "")
    flags = ("look at it",) if flag else ()
    grade = Grade("m", "p", "n.ipynb", Status.GRADED, 5.0, 5.0, (check,), flags)
    return judged(None, claims, grade, quick=quick).verdict  # type: ignore[arg-type]  # the mutant plays no part


NOBODY, SURE, BAND = Claims(frozenset()), Claims(frozenset({"a"})), Claims(frozenset(), frozenset({"history"}))


def test_a_flag_catches_as_lost_points_do() -> None:
    assert {verdict(SURE, lost=True), verdict(NOBODY, lost=True), verdict(NOBODY, flag=True)} == {Verdict.CAUGHT}


def test_what_is_claimed_survives_and_what_nobody_claims_is_beyond_the_criteria() -> None:
    assert verdict(SURE) is verdict(SURE, quick=True) is verdict(BAND) is Verdict.SURVIVED
    assert verdict(NOBODY) is verdict(NOBODY, quick=True) is Verdict.BEYOND


def test_what_only_a_band_claims_is_left_to_the_full_form_by_the_quick_one() -> None:
    assert verdict(BAND, quick=True) is Verdict.FULL_FORM
    assert verdict(BAND, quick=True, lost=True) is Verdict.CAUGHT


def test_the_quick_form_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_verifications([Outcome("part1", form.SAMPLES, (), (), ())])
    note, last = capsys.readouterr().out.splitlines()
    assert note.startswith(f"note: the quick form: the first {form.SAMPLES} samples of each array, bands of a ")
    assert last == "part1: 0 of 0 mutants were caught; 0 of 0 variants kept all points, unflagged"
