"""What happens to a class when something goes wrong with one of it, or with us."""

import csv
import errno
import hashlib
import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from grader import batch, pool, proof, reference, rubric
from grader.errors import GraderError, ReferenceFailsError, UsageError
from grader.grade import Assignment, Graded, grade
from grader.model import (
    Attempt,
    Check,
    Device,
    DeviceChoice,
    Environment,
    Evidence,
    Grade,
    HistoryCriterion,
    LatePolicy,
    Observations,
    Recording,
    Rubric,
    Status,
    Stratum,
    Submission,
)
from grader.progress import Progress
from grader.runner import Means
from grader.sandbox import devices

ROOT = Path(__file__).parents[1]
Grading = Callable[[Submission, Assignment], Graded]
UNAIDED = batch.Wanted(means=Means(jobs=1, sharing=False, warm=False))


@pytest.fixture
def assignment() -> Rubric:
    """With the first of its references alone."""
    shipped = rubric.load(ROOT / "rubric.yaml")
    return replace(shipped, parts=shipped.parts[0].accepted[:1])


@pytest.fixture
def class_of_three(tmp_path: Path) -> Path:
    folder = tmp_path / "submissions"
    folder.mkdir()
    for student in ("ann", "bob", "cem"):
        shutil.copy(ROOT / "reference" / "part1.ipynb", folder / f"{student}.ipynb")
    return folder


def full_points(submission: Submission, assignment: Assignment) -> Graded:
    checks = tuple(Check(one.id, one.title, one.points, one.points) for one in assignment.part.criteria)
    grade = Grade(
        submission.student, assignment.part.id, "x.ipynb", Status.GRADED, 100.0, 100.0, checks, seconds=1.0
    )
    return Graded(grade, executed=b"{}")


def graded_by(monkeypatch: pytest.MonkeyPatch, grading: Grading) -> None:
    """Stand in for the kernel: these tests are about what surrounds it."""

    def graded(submission: Submission, assignment: Assignment, runner: object) -> Graded:
        return grading(submission, assignment)

    for module in (batch, pool, proof):
        monkeypatch.setattr(module, "grade", graded)


def rows(out: Path) -> list[tuple[str, str, str]]:
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        return [(row["student"], row["status"], row["score"]) for row in csv.DictReader(file)]


def test_our_own_trouble_leaves_a_blank_score_and_the_rest_of_the_class_alone(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grading(submission: Submission, given: Assignment) -> Graded:
        if submission.student == "ann":
            raise GraderError("the kernel did not start")
        if submission.student == "bob":
            raise ZeroDivisionError("a bug of ours")
        return full_points(submission, given)

    graded_by(monkeypatch, grading)
    run = batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert rows(tmp_path / "out") == [
        ("ann", "grader_error", ""),
        ("bob", "grader_error", ""),
        ("cem", "graded", "100"),
    ]
    assert run.grades[0].message == "the kernel did not start"
    assert run.grades[1].message.startswith("a fault in the grader: ZeroDivisionError in test_batch.py, line ")
    assert run.grades[1].message.endswith(": a bug of ours")


def test_a_systems_archive_is_graded_with_marks_numbers_and_what_being_late_costs(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.write(class_of_three / "ann.ipynb", "ann_1_10_part1.ipynb")
        archive.write(class_of_three / "bob.ipynb", "bob_LATE_2_11_part1.ipynb")
    graded_by(monkeypatch, full_points)
    policy = replace(assignment, late_policy=LatePolicy(marked=0.1))
    run = batch.grade_all(policy, tmp_path / "submissions.zip", tmp_path / "out", UNAIDED, Progress())
    assert run.remarks[0] == "submissions: recognised as Canvas' download (2 students)"
    told = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["submissions"]
    assert told == {
        "system": "Canvas",
        "archive_sha256": hashlib.sha256((tmp_path / "submissions.zip").read_bytes()).hexdigest(),
    }
    with (tmp_path / "out" / "totals.csv").open(encoding="utf-8", newline="") as file:
        found = [
            [row[name] for name in ("student", "score", "late", "late_penalty", "final")]
            for row in csv.DictReader(file)
        ]
    assert found == [["ann_1", "100", "", "0", "100"], ["bob_2", "100", "late", "10", "90"]]


def test_an_interrupted_run_keeps_what_is_finished_and_a_row_for_the_rest(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grading(submission: Submission, given: Assignment) -> Graded:
        if submission.student == "bob":
            raise KeyboardInterrupt
        return full_points(submission, given)

    graded_by(monkeypatch, grading)
    run = batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert run.interrupted
    assert rows(tmp_path / "out") == [
        ("ann", "graded", "100"),
        ("bob", "grader_error", ""),
        ("cem", "grader_error", ""),
    ]
    assert run.grades[2].message == "not graded: the run was interrupted"


def test_a_reference_that_fails_its_own_rubric_stops_the_run_before_any_student(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def grading(submission: Submission, given: Assignment) -> Graded:
        seen.append(submission.student)
        graded = full_points(submission, given).grade
        lost = replace(graded.checks[-1], points=5.0, why="loss is 2.3 in epoch 1, expected 0.24 to 0.29")
        return Graded(replace(graded, checks=(*graded.checks[:-1], lost)))

    graded_by(monkeypatch, grading)
    with pytest.raises(GraderError) as trouble:
        batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert seen == ["\0reference mnist_cnn"]
    assert trouble.value.exit_code == 3
    assert str(trouble.value).splitlines() == [
        "the reference 'part1.ipynb' does not pass its own rubric here (graded).",
        "No submission was graded.",
        "  history: 5 of 20 points: loss is 2.3 in epoch 1, expected 0.24 to 0.29",
        "What differs from the recording:",
        "  nothing that is recorded",
        "`grader reference record --add` adds what it does here; without `--add` it is recorded anew.",
    ]
    assert not (tmp_path / "out" / "scores.csv").exists()


def test_no_recording_is_advised_for_what_no_recording_mends(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grading(submission: Submission, given: Assignment) -> Graded:
        graded = full_points(submission, given).grade
        lost = replace(graded.checks[0], points=0.0, why="no statement that ran matches\nnor any other")
        return Graded(replace(graded, checks=(lost, *graded.checks[1:])))

    graded_by(monkeypatch, grading)
    with pytest.raises(ReferenceFailsError) as trouble:
        batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert str(trouble.value).splitlines()[2:] == [
        "  runs: 0 of 15 points: no statement that ran matches",
        "    nor any other",
        "None of this is compared with the recording: mend the reference, or the rubric.",
    ]


def test_students_without_the_one_notebook_get_a_row(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (class_of_three / "dora").mkdir()
    (class_of_three / "eva").mkdir()
    for name in ("first.ipynb", "second.ipynb"):
        shutil.copy(ROOT / "reference" / "part1.ipynb", class_of_three / "eva" / name)

    def grading(submission: Submission, given: Assignment) -> Graded:
        run = full_points if len(submission.notebooks) == 1 else grade
        return run(submission, given)

    graded_by(monkeypatch, grading)
    batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert rows(tmp_path / "out")[3:] == [("dora", "missing", "0"), ("eva", "ambiguous", "0")]
    text = (tmp_path / "out" / "scores.csv").read_text("utf-8")
    assert "first.ipynb" in text
    assert "second.ipynb" in text


def test_a_part_that_the_rubric_does_not_have_is_a_usage_fault(assignment: Rubric) -> None:
    with pytest.raises(UsageError, match="'part7' is not in the rubric, which has 'part1'"):
        batch.recorded_parts(assignment, "part7")


def test_a_place_that_cannot_be_written_is_known_before_any_student_is_graded(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def grading(submission: Submission, given: Assignment) -> Graded:
        seen.append(submission.student)
        return full_points(submission, given)

    graded_by(monkeypatch, grading)
    (tmp_path / "out" / "scores.csv").mkdir(parents=True)
    with pytest.raises(IsADirectoryError) as trouble:
        batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert trouble.value.filename == str(tmp_path / "out" / "scores.csv")
    assert seen == ["\0reference mnist_cnn"]


def test_everybody_has_a_row_before_the_first_student_is_graded(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = []

    def grading(submission: Submission, given: Assignment) -> Graded:
        if (tmp_path / "out" / "scores.csv").exists():
            tables.append([row[1] for row in rows(tmp_path / "out")])
        return full_points(submission, given)

    graded_by(monkeypatch, grading)
    batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert tables[0] == ["grader_error", "grader_error", "grader_error"]
    assert [row[1] for row in rows(tmp_path / "out")] == ["graded", "graded", "graded"]


# --- going on where a run has stopped ----------------------------------------------------------------------------


def attempted(submission: Submission, assignment: Assignment) -> Graded:
    """As `full_points`, with what the ledger keeps of a run."""
    graded = full_points(submission, assignment)
    nothing = Evidence(Status.GRADED, "", (), Observations(), None, 1.0)
    attempt = Attempt(Status.GRADED, "", nothing, b"{}", 1.0, "bubblewrap", submission.sha256)
    return replace(graded, grade=replace(graded.grade, sha256=submission.sha256), attempt=attempt)


def noted(seen: list[str]) -> Grading:
    def grading(submission: Submission, assignment: Assignment) -> Graded:
        seen.append(submission.student)
        graded = attempted(submission, assignment)
        return replace(graded, grade=replace(graded.grade, notebook=submission.notebooks[0].name))

    return grading


def test_an_interrupted_run_goes_on_where_it_stopped(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def interrupted(submission: Submission, given: Assignment) -> Graded:
        if submission.student == "bob":
            raise KeyboardInterrupt
        return noted(seen)(submission, given)

    graded_by(monkeypatch, interrupted)
    first = batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    graded_by(monkeypatch, noted(seen))
    second = batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert (first.interrupted, second.interrupted) == (True, False)
    assert seen == ["\0reference mnist_cnn", "ann", "bob", "cem"]
    assert [row[1] for row in rows(tmp_path / "out")] == ["graded", "graded", "graded"]
    assert "1 finished by an earlier run, and kept; `--fresh` grades everybody again" in second.remarks


def test_only_what_has_changed_is_run_again(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    graded_by(monkeypatch, noted(seen))
    batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    seen.clear()
    text = (class_of_three / "cem.ipynb").read_text("utf-8")
    (class_of_three / "cem.ipynb").write_text(text + "\n", "utf-8")
    shutil.copy(class_of_three / "ann.ipynb", class_of_three / "dan.ipynb")
    batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert sorted(seen) == ["cem", "dan"]


def test_a_fresh_run_forgets_what_was_finished(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    graded_by(monkeypatch, noted(seen))
    for wanted in (UNAIDED, replace(UNAIDED, fresh=True)):
        batch.grade_all(assignment, class_of_three, tmp_path / "out", wanted, Progress())
    assert seen == ["\0reference mnist_cnn", "ann", "bob", "cem"] * 2


def test_other_conditions_of_running_make_everything_run_again(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    graded_by(monkeypatch, noted(seen))
    batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    longer = replace(assignment, execution=replace(assignment.execution, timeout=77.0))
    batch.grade_all(longer, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert seen == ["\0reference mnist_cnn", "ann", "bob", "cem"] * 2


# --- several at once ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.KERNEL_DIED, Status.NO_EVIDENCE])
def test_a_limit_that_was_reached_beside_others_is_confirmed_alone(
    status: Status,
    assignment: Rubric,
    class_of_three: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    together = threading.Barrier(3)

    def grading(submission: Submission, given: Assignment) -> Graded:
        graded = noted(seen)(submission, given)
        if submission.student.isalpha() and seen.count(submission.student) == 1:
            together.wait(10.0)
            if submission.student == "bob":
                return replace(graded, grade=replace(graded.grade, status=status, score=0.0))
        return graded

    graded_by(monkeypatch, grading)
    wanted = replace(UNAIDED, means=replace(UNAIDED.means, jobs=3))
    batch.grade_all(assignment, class_of_three, tmp_path / "out", wanted, Progress())
    assert (sorted(seen), seen[-1]) == (["\0reference mnist_cnn", "ann", "bob", "bob", "cem"], "bob")
    assert rows(tmp_path / "out")[1] == ("bob", "graded", "100")


def test_a_limit_that_was_reached_alone_stands(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def grading(submission: Submission, given: Assignment) -> Graded:
        graded = noted(seen)(submission, given)
        late = submission.student == "bob"
        return replace(graded, grade=replace(graded.grade, status=Status.TIMEOUT)) if late else graded

    graded_by(monkeypatch, grading)
    batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert seen == ["\0reference mnist_cnn", "ann", "bob", "cem"]
    assert rows(tmp_path / "out")[1][1] == "timeout"


def test_a_full_disk_stops_the_run_and_keeps_what_is_finished(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def full(submission: Submission, given: Assignment) -> Graded:
        if submission.student == "bob":
            raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")
        return noted(seen)(submission, given)

    graded_by(monkeypatch, full)
    with pytest.raises(GraderError, match="'/somewhere': No space left on device"):
        batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    graded_by(monkeypatch, noted(seen))
    batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert seen == ["\0reference mnist_cnn", "ann", "bob", "cem"]


# --- another environment -----------------------------------------------------------------------------------------


def in_environment(environment: Environment) -> Grading:
    """As `full_points`, told to have been run there."""

    def grading(submission: Submission, given: Assignment) -> Graded:
        graded = full_points(submission, given)
        return replace(graded, grade=replace(graded.grade, environment=environment))

    return grading


def shipped_recording() -> Recording:
    return reference.load(ROOT / "reference" / "recordings" / "part1-mnist_cnn.json")


def test_an_environment_that_was_not_recorded_is_warned_of_in_the_remarks(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = shipped_recording().environment
    newer = replace(recorded, versions={**recorded.versions, "keras": "3.99.0"})
    graded_by(monkeypatch, in_environment(newer))
    run = batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    warning = (
        "nothing was recorded in an environment like this one (other: keras), and the intervals of another judge, "
        "no wider than they were; `grader reference record --add` records here"
    )
    assert run.remarks[-2:] == (
        f"keras {recorded.versions['keras']} was recorded, 3.99.0 is here",
        warning,
    )


def test_an_environment_that_differs_in_nothing_that_counts_is_told_and_not_warned_of(
    assignment: Rubric, class_of_three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded_by(monkeypatch, in_environment(replace(shipped_recording().environment, cpu="Other CPU")))
    run = batch.grade_all(assignment, class_of_three, tmp_path / "out", UNAIDED, Progress())
    assert run.remarks[-1].endswith(" was recorded, Other CPU is here")


def test_the_stratum_of_this_environment_judges(
    assignment: Rubric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = shipped_recording()
    elsewhere = replace(recording.environment, versions={**recording.environment.versions, "keras": "3.99.0"})
    both = replace(recording, others=(Stratum(replace(elsewhere, threads=7), recording.runs[:3]),))
    monkeypatch.setattr(reference, "load", lambda _: both)
    machine = devices.Machine(elsewhere.versions, elsewhere.platform, elsewhere.cpu, ())
    monkeypatch.setattr(devices, "machine", lambda *_, **__: machine)
    prepared = batch.prepare(assignment, assignment.parts, batch.Wanted(), trusted=True)["part1"]
    assert prepared.recording is not None
    assert (len(prepared.recording.runs), prepared.threads, prepared.recording.others) == (3, 7, ())


@pytest.mark.parametrize(
    ("wanted", "gpus", "device"),
    [
        (DeviceChoice.AUTO, ("Some GPU",), Device.GPU),
        (DeviceChoice.AUTO, (), Device.CPU),
        (DeviceChoice.CPU, ("Some GPU",), Device.CPU),
    ],
)
def test_the_first_recorded_device_that_is_here_is_used(
    assignment: Rubric,
    monkeypatch: pytest.MonkeyPatch,
    wanted: DeviceChoice,
    gpus: tuple[str, ...],
    device: Device,
) -> None:
    monkeypatch.setattr(devices, "machine", lambda *_, **__: devices.Machine({}, "", "", gpus))
    recording = shipped_recording()
    gpu = replace(recording.environment, device=Device.GPU, gpu="Some GPU")
    both = replace(recording, environment=gpu, others=(Stratum(recording.environment, recording.runs),))
    assert batch.choose_device(assignment, wanted, [both]) is device


def test_a_recording_that_cannot_answer_is_told_before_anything_is_run(
    assignment: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,) = assignment.parts
    asked = replace(part, criteria=(HistoryCriterion("history", 100, epochs=(1, 12)),))
    with pytest.raises(GraderError, match='holds 1 epoch, but "history" asks for epoch 12: raise max_epochs'):
        batch.prepare(assignment, [asked], batch.Wanted(), trusted=True)


def test_a_check_of_one_notebook_warns_of_an_environment_that_was_not_recorded(
    assignment: Rubric, class_of_three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Told(Progress):
        notes: ClassVar[list[str]] = []

        def note(self, item: str, what: str) -> None:
            self.notes.append(what)

    recorded = shipped_recording().environment
    elsewhere = in_environment(replace(recorded, versions={**recorded.versions, "numpy": "9"}))
    monkeypatch.setattr(batch, "_checked", lambda submission, given, *_: elsewhere(submission, given).grade)
    batch.check(assignment, class_of_three / "ann.ipynb", None, batch.Wanted(), Told())
    (told,) = Told.notes
    assert told.startswith("nothing was recorded in an environment like this one (other: numpy)")
