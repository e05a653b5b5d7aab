"""A part whose reference is a text that nobody can run: every command works, or says what to do."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mnist_facts import ENVIRONMENT, OBSERVED
from saved_notebooks import HISTORY, OUTPUT, TABLE, code_cell, notebook, stream

from grader import batch, doctor, pool, proof, reference, rubric
from grader.cli import main
from grader.errors import ReferenceFailsError, UsageError
from grader.grade import Assignment, Graded, score
from grader.model import Attempt, Cell, Device, Evidence, Outcome, Rubric, Status, Submission
from grader.progress import Progress
from grader.runner import Means
from grader.sandbox import devices
from grader.verify import reduced, verification

RUBRIC = """\
assignment: published
title: A published output
points: 50
execution: {max_epochs: 1, timeout: 5 min}
parts:
  part1:
    REFERENCE
    criteria:
      - {id: runs, points: 5, check: executes}
      - {id: architecture, points: 25, check: model_summary}
      - {id: history, points: 20, check: history, tolerance: {atol: 0.01}}
"""
ONE = "reference: reference/Output.txt"
TWO = "references: {published: reference/Output.txt, solution: reference/part1.ipynb}"
UNPROVEN = (
    "the reference of part1, 'Output.txt', is a text and cannot be run: that the rubric gives it full points on "
    "this machine was not proved"
)
Command = Callable[..., tuple[int, str, str]]


def at(folder: Path, references: str = ONE) -> Path:
    (folder / "reference").mkdir()
    (folder / "reference" / "Output.txt").write_text(OUTPUT, "utf-8")
    (folder / "rubric.yaml").write_text(RUBRIC.replace("REFERENCE", references), "utf-8")
    (folder / "submissions").mkdir()
    handed = notebook(code_cell("model.fit()", stream(OUTPUT)))
    (folder / "submissions" / "ann.ipynb").write_text(json.dumps(handed), "utf-8")
    return folder


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(at(tmp_path))
    return tmp_path


@pytest.fixture
def grader(course: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """In the course's folder: exit code, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments])
        return code, *capsys.readouterr()

    return run


def loaded(course: Path) -> Rubric:
    return rubric.load(course / "rubric.yaml")


def imported(course: Path, program: str | None = None) -> None:
    named = [] if program is None else ["--reference", program]
    path = str(course / "rubric.yaml")
    assert main(["reference", "import", str(course / "reference" / "Output.txt"), "--rubric", path, *named]) == 0


# --- import, show, doctor ----------------------------------------------------------------------------------


def test_it_is_imported_and_shown(course: Path, grader: Command) -> None:
    code, said, wrong = grader("reference", "import", "reference/Output.txt")
    stored = course / "reference" / "recordings" / "part1.json"
    assert (code, said, wrong) == (
        0,
        (
            f"imported 8 layers and the figures accuracy 0.9212, loss 0.2544, val_accuracy 0.9823, val_loss 0.056 "
            f"into {stored}\n"
        ),
        "",
    )
    code, said, wrong = grader("reference", "show")
    assert (code, wrong) == (0, "")
    assert said.splitlines()[0] == "part1: imported from 'Output.txt': one run, in an unknown environment"
    assert [line.split() for line in said.splitlines() if "loss" in line] == [
        ["1", "loss", "0.2444", "0.2544", "0.2644"],
        ["1", "val_loss", "0.046", "0.056", "0.066"],
    ]
    assert "shift" not in said


@pytest.mark.parametrize(
    "command", [("reference", "show"), ("check", "--saved", "submissions/ann.ipynb"), ("grade",)]
)
def test_where_it_was_not_imported_yet_the_command_that_does_it_is_told(
    command: tuple[str, ...], course: Path, grader: Command
) -> None:
    stored, output = (course / "reference" / name for name in ("recordings/part1.json", "Output.txt"))
    assert grader(*command) == (
        3,
        "",
        (
            f'grader: "{stored}" is missing, so there is nothing to compare with: import it with '
            f"`grader reference import '{output}'`\n"
        ),
    )


def test_what_a_notebook_left_there_is_no_recording_of_a_text(course: Path, grader: Command) -> None:
    shipped = Path(__file__).parents[1] / "reference" / "recordings" / "part1-mnist_cnn.json"
    (course / "reference" / "recordings").mkdir()
    shutil.copy(shipped, course / "reference" / "recordings" / "part1.json")
    code, _, wrong = grader("reference", "show")
    assert code == 3
    assert "was recorded from a notebook, and the reference is a text: import it with" in wrong


def found(course: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, bool | None]]:
    monkeypatch.setattr(devices, "machine", lambda _: devices.Machine({}, "", "", ()))
    every = {one.what: (one.found, one.well) for one in doctor.findings(loaded(course))}
    return {what: told for what, told in every.items() if what.startswith("recording")}


def test_the_doctor_says_where_it_is_from_and_whether_it_is_that_file(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, well = found(course, monkeypatch)["recording of part1"]
    assert (told.endswith(f"`grader reference import '{course / 'reference' / 'Output.txt'}'`"), well) == (
        True,
        False,
    )
    imported(course)
    assert found(course, monkeypatch) == {
        "recording of part1": ("imported from 'Output.txt'", True),
        "recording of part1, up to date?": ("reference and data are as recorded", True),
    }
    (course / "reference" / "Output.txt").write_text(OUTPUT + "\n", "utf-8")
    assert found(course, monkeypatch)["recording of part1, up to date?"] == (
        "'Output.txt' is not the file that was imported; run `grader reference import`",
        False,
    )


# --- grade and check ---------------------------------------------------------------------------------------


def as_published(submission: Submission, assignment: Assignment, _runner: object = None) -> Graded:
    """Stands in for the kernel: a run that shows what was published."""
    cell = Cell(1, "model.fit()", Outcome.RAN, TABLE + HISTORY)
    told = Evidence(Status.GRADED, "", (cell,), OBSERVED, ENVIRONMENT, 1.0)
    attempt = Attempt(Status.GRADED, "", told, None, 1.0, "none", submission.sha256, raw=b"{}")
    return Graded(score(submission, assignment, attempt), attempt=attempt)


def graded(course: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[batch.Run, list[str]]:
    """The run, and who was run in it."""
    seen: list[str] = []

    def grade(submission: Submission, assignment: Assignment, runner: object) -> Graded:
        seen.append(submission.student)
        return as_published(submission, assignment)

    for module in (pool, proof):
        monkeypatch.setattr(module, "grade", grade)
    wanted = batch.Wanted(means=Means(jobs=1, sharing=False, warm=False))
    return batch.grade_all(loaded(course), course / "submissions", course / "grades", wanted, Progress()), seen


def test_a_class_is_graded_without_a_proof_and_that_is_said(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(course)
    run, seen = graded(course, monkeypatch)
    assert seen == ["ann"]
    assert run.remarks[1:] == (UNPROVEN,)
    with (course / "grades" / "scores.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["status"], row["score"], row["architecture"], row["history"], row["message"]) == (
        "graded",
        "50",
        "25",
        "20",
        "",
    )
    kept = json.loads((course / "grades" / "run.json").read_text("utf-8"))["parts"]["part1"]["recordings"]
    assert kept["Output.txt"]["published"]["name"] == "Output.txt"


def test_a_reference_beside_it_that_can_be_run_is_still_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = at(tmp_path, TWO)
    shutil.copy(Path(__file__).parents[1] / "reference" / "part1.ipynb", course / "reference")
    imported(course, "published")
    recordings = course / "reference" / "recordings"
    shutil.copy(recordings / "part1-published.json", recordings / "part1-solution.json")
    run, seen = graded(course, monkeypatch)
    assert seen == ["\0reference solution", "ann"]
    assert run.remarks[1:] == (UNPROVEN.replace("part1,", "part1 (published),"),)
    assert run.grades[0].reference == "published"


def test_a_reference_that_fails_against_an_imported_output_is_told_what_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = at(tmp_path, "reference: reference/part1.ipynb")
    shutil.copy(Path(__file__).parents[1] / "reference" / "part1.ipynb", course / "reference")
    (course / "reference" / "Output.txt").write_text(OUTPUT.replace("18496", "18490"), "utf-8")
    imported(course)
    with pytest.raises(ReferenceFailsError) as told:
        graded(course, monkeypatch)
    assert str(told.value).splitlines()[-1] == (
        "It is compared with 'Output.txt', which was imported: see whether that is the output of this program, and "
        "whether the tolerances allow for another machine."
    )


def test_one_notebook_is_checked_by_it(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(course)
    monkeypatch.setattr(batch, "_checked", lambda submission, given, *_: as_published(submission, given).grade)
    wanted = batch.Wanted()
    assert batch.check(loaded(course), course / "submissions" / "ann.ipynb", None, wanted, Progress()).score == 50


def test_what_a_text_cannot_answer_is_told_before_a_class_is_run(
    course: Path, monkeypatch: pytest.MonkeyPatch, grader: Command
) -> None:
    """The rubric was changed after the import."""
    imported(course)
    text = (course / "rubric.yaml").read_text("utf-8")
    (course / "rubric.yaml").write_text(
        text.replace("id: architecture, points: 25, check: model_summary", "id: t, points: 25, check: training"),
        "utf-8",
    )
    code, _, wrong = grader("grade")
    assert code == 3
    assert wrong.startswith("grader: 't' compares settings, and 'Output.txt' shows none: take the criterion out")


# --- record and verify -------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--add",)])
def test_it_is_not_recorded_but_imported(options: tuple[str, ...], course: Path, grader: Command) -> None:
    imported(course)
    assert grader("reference", "record", *options)[::2] == (
        2,
        (
            "grader: the reference of part1, 'Output.txt', is a text, which is imported and not recorded. Import "
            "it with `grader reference import`\n"
        ),
    )


def test_it_cannot_be_verified(course: Path, grader: Command) -> None:
    imported(course)
    assert grader("verify")[::2] == (
        2,
        (
            "grader: the reference is a text, 'Output.txt'; expected a notebook, which `grader verify` can change "
            "and run: name one as `reference` in the rubric\n"
        ),
    )


def test_of_several_references_those_that_can_be_run_are_verified(tmp_path: Path) -> None:
    course = at(tmp_path, TWO)
    shutil.copy(Path(__file__).parents[1] / "reference" / "part1.ipynb", course / "reference")
    parts = verification.chosen_parts(loaded(course), None)
    ((part, programs),) = verification.chosen_programs(parts, None)
    assert (sorted(programs), [one.program for one in part.accepted]) == (["solution"], ["published", "solution"])
    (tmp_path / "quick").mkdir()
    small = reduced.course(loaded(course), part, tmp_path / "quick")
    assert [one.program for one in small.parts[0].accepted] == ["solution"]
    with pytest.raises(UsageError, match="--reference 'published' is not in the rubric, which has 'solution'"):
        verification.chosen_programs(parts, "published")


def test_only_notebooks_can_be_run(course: Path) -> None:
    (part,) = loaded(course).parts
    assert not part.runnable
    assert replace(part, reference=Path("a.IPYNB")).runnable
    imported(course)
    assignment = batch.prepare(loaded(course), loaded(course).parts, batch.Wanted(), trusted=True)["part1"]
    assert (assignment.device, assignment.threads) == (Device.CPU, 2)
    assert assignment.recording == reference.of(part)


# --- with a kernel -----------------------------------------------------------------------------------------

HEAD = "".join(TABLE.splitlines(keepends=True)[:3])
RULE = HEAD.splitlines(keepends=True)[-1]
SMALL = f"""\
{HEAD}dense_1 (Dense)              (None, 1)                 4
{RULE}Total params: 4
[('loss', 1.5)]
"""
SOURCE = """\
import numpy as np, keras
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.summary()
model.compile(loss="mse", optimizer="sgd")
history = model.fit(np.ones((64, 3)), np.ones((64, 1)), epochs=1)
print([(key, round(value[0], 4)) for key, value in history.history.items()])
"""


@pytest.mark.slow
def test_a_notebook_that_is_run_earns_all_points_by_a_text(course: Path, grader: Command) -> None:
    (course / "reference" / "Output.txt").write_text(SMALL, "utf-8")
    text = (course / "rubric.yaml").read_text("utf-8")
    (course / "rubric.yaml").write_text(text.replace("atol: 0.01", "atol: 100"), "utf-8")
    (course / "submissions" / "ann.ipynb").write_text(json.dumps(notebook(code_cell(SOURCE))), "utf-8")
    imported(course)
    code, said, wrong = grader("grade", "--cache", str(course / "fits"))
    assert (code, f"note: {UNPROVEN}" in said) == (0, True), wrong
    with (course / "grades" / "scores.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["status"], row["score"], row["message"]) == ("graded", "50", "")
    assert grader("check", "submissions/ann.ipynb", "--cache", str(course / "fits"))[0] == 0
