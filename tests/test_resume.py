"""What is graded again, what is judged again, and what stands; judging again gives what grading gave."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from mnist_facts import ENVIRONMENT, HISTORY, OBSERVED, RECORDING

from grader import resume, rubric, sandbox
from grader.errors import GraderError
from grader.grade import Assignment, Graded, grade, own_trouble, without_run
from grader.ledger import Entry, Ledger, entry_of
from grader.model import (
    Cell,
    CellError,
    Device,
    Evidence,
    Isolation,
    Outcome,
    SharedFit,
    Status,
    Submission,
    Tolerance,
)
from grader.resume import Conditions, Step, conditions, of_judging, of_run, plan, rescore, restored
from grader.sandbox import Layer

ROOT = Path(__file__).parents[1]
SHIPPED = rubric.load(ROOT / "rubric.yaml")
ASSIGNMENT = Assignment(
    SHIPPED, SHIPPED.parts[0], RECORDING, Device.CPU, threads=2, layer=Layer(Isolation.LANDLOCK)
)  # fmt: skip
SUBMISSION = Submission("ann", "part1", (Path("ann.ipynb"),), "a1" * 32)
GIVEN = Conditions({"mnist.npz": "d1"}, {"python": "3.11.7", "cpu": "Some CPU"})
CELLS = (
    Cell(1, "import numpy as np\nepochs = 12\nnp.random.seed(0)", Outcome.RAN, str(HISTORY)),
    Cell(2, "fall()", Outcome.RAISED, "", CellError("NameError", "name 'fall' is not defined", 1)),
)
RAN = Evidence(Status.NOTEBOOK_ERROR, "NameError", CELLS, OBSERVED, ENVIRONMENT, 3.5)
SERVED = SharedFit("d" * 64, HISTORY, 41.0, "cache")


def left(found: Evidence = RAN, **changes: Any) -> sandbox.Exit:
    raw = json.dumps(asdict(found), ensure_ascii=False).encode()
    whole = sandbox.Exit(raw, b"{}", sha256=SUBMISSION.sha256, seconds=3.5, isolation="landlock")
    return replace(whole, **changes)


def graded(what: sandbox.Exit | None = None) -> Graded:
    return grade(SUBMISSION, ASSIGNMENT, lambda _task: what or left())


def finished(what: sandbox.Exit | None = None) -> Entry:
    done = graded(what)
    return entry_of(done.grade, done.attempt, run_print(), of_judging(ASSIGNMENT))


def run_print(
    submission: Submission = SUBMISSION, assignment: Assignment = ASSIGNMENT, given: Conditions = GIVEN
) -> str:
    return of_run(submission, assignment, given)


def executed(**changes: Any) -> Assignment:
    return replace(ASSIGNMENT, rubric=replace(SHIPPED, execution=replace(SHIPPED.execution, **changes)))


def judged(change: Callable[[Any], Any]) -> Assignment:
    """With its last criterion changed."""
    *others, last = ASSIGNMENT.part.criteria
    return replace(ASSIGNMENT, part=replace(ASSIGNMENT.part, criteria=(*others, change(last))))


# --- fingerprints ------------------------------------------------------------------------------------------


CHANGES_OF_RUN = {
    "the notebook": run_print(replace(SUBMISSION, sha256="b2" * 32)),
    "the seed": run_print(assignment=executed(seed=1)),
    "the cap": run_print(assignment=executed(max_epochs=7)),
    "the time": run_print(assignment=executed(timeout=77.0)),
    "the interpreter": run_print(assignment=executed(python="/opt/python")),
    "the threads": run_print(assignment=replace(ASSIGNMENT, threads=1)),
    "the device": run_print(assignment=replace(ASSIGNMENT, device=Device.GPU)),
    "the isolation": run_print(assignment=replace(ASSIGNMENT, layer=Layer(Isolation.NONE))),
    "whose rights": run_print(assignment=replace(ASSIGNMENT, layer=Layer(Isolation.LANDLOCK, drops=False))),
    "a dataset": run_print(given=replace(GIVEN, datasets={"mnist.npz": "d2"})),
    "one more dataset": run_print(given=replace(GIVEN, datasets={"mnist.npz": "d1", "x.npz": "d1"})),
    "a version": run_print(given=replace(GIVEN, machine={"python": "3.11.8", "cpu": "Some CPU"})),
    "the machine": run_print(given=replace(GIVEN, machine={"python": "3.11.7", "cpu": "Another CPU"})),
}
CHANGES_OF_JUDGING = {
    "points": of_judging(judged(lambda last: replace(last, points=1.0))),
    "a title": of_judging(judged(lambda last: replace(last, title="Another"))),
    "a tolerance": of_judging(judged(lambda last: replace(last, tolerance=Tolerance(atol=0.5)))),
    "an epoch": of_judging(judged(lambda last: replace(last, epochs=(2,)))),
    "an id": of_judging(judged(lambda last: replace(last, id="other"))),
    "a criterion less": of_judging(
        replace(ASSIGNMENT, part=replace(ASSIGNMENT.part, criteria=ASSIGNMENT.part.criteria[:-1]))
    ),
    "the recording": of_judging(replace(ASSIGNMENT, recording=replace(RECORDING, runs=RECORDING.runs[:3]))),
    "no recording": of_judging(replace(ASSIGNMENT, recording=None)),
}


@pytest.mark.parametrize("what", CHANGES_OF_RUN)
def test_whatever_changes_what_running_gives_changes_the_fingerprint_of_the_run(what: str) -> None:
    assert CHANGES_OF_RUN[what] != run_print()


@pytest.mark.parametrize("what", CHANGES_OF_JUDGING)
def test_whatever_changes_the_judging_changes_its_fingerprint(what: str) -> None:
    assert CHANGES_OF_JUDGING[what] != of_judging(ASSIGNMENT)


def test_no_two_changes_have_the_same_fingerprint() -> None:
    prints = [*CHANGES_OF_RUN.values(), *CHANGES_OF_JUDGING.values()]
    assert len(set(prints)) == len(prints)


def test_another_version_of_the_grader_runs_and_judges_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_print(), of_judging(ASSIGNMENT)
    monkeypatch.setattr(resume, "__version__", "99")
    after = run_print(), of_judging(ASSIGNMENT)
    assert len({*before, *after}) == 4


def test_judging_changes_no_run_and_conditions_no_judging() -> None:
    assert run_print(assignment=judged(lambda last: replace(last, points=1.0))) == run_print()
    assert of_judging(executed(seed=1)) == of_judging(ASSIGNMENT)


def test_neither_student_nor_place_nor_the_order_of_names_matters() -> None:
    moved = Submission("bob", "part1", (Path("elsewhere/x.ipynb"),), SUBMISSION.sha256)
    turned = Conditions(GIVEN.datasets, {"cpu": "Some CPU", "python": "3.11.7"})
    assert run_print(moved, given=turned) == run_print()
    part = replace(ASSIGNMENT.part, reference=Path("/elsewhere/part1.ipynb"))
    assert of_judging(replace(ASSIGNMENT, part=part)) == of_judging(ASSIGNMENT)


def test_conditions_hold_the_digest_of_each_dataset(tmp_path: Path) -> None:
    data = tmp_path / "data.npz"
    data.write_bytes(b"abc")
    given = conditions(replace(SHIPPED, datasets={"x": data}), {"python": "3.11.7"})
    assert given.datasets == {"x": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
    assert given.machine == {"python": "3.11.7"}


def test_a_dataset_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    gone = replace(SHIPPED, datasets={"x": tmp_path / "gone.npz"})
    with pytest.raises(GraderError) as trouble:
        conditions(gone, {})
    assert str(trouble.value) == (
        f"'{tmp_path / 'gone.npz'}', a dataset of the rubric, cannot be read: No such file or directory; "
        "put it there, or mend `datasets`"
    )


# --- what is to be done ------------------------------------------------------------------------------------


def planned(entry: Entry | None, submission: Submission = SUBMISSION, run: str = "", judging: str = "") -> Step:
    return plan(submission, entry, run or run_print(), judging or of_judging(ASSIGNMENT))


def test_what_is_finished_and_unchanged_is_kept() -> None:
    assert planned(finished()) is Step.KEEP


def test_what_was_never_finished_is_graded() -> None:
    trouble = own_trouble(SUBMISSION, ASSIGNMENT, "the kernel did not start")
    retried = entry_of(trouble, None, run_print(), of_judging(ASSIGNMENT))
    ours = replace(finished(), grade=trouble)
    assert [planned(entry) for entry in (None, retried, ours)] == [Step.AGAIN] * 3


@pytest.mark.parametrize("what", CHANGES_OF_RUN)
def test_what_would_run_otherwise_is_graded_again(what: str) -> None:
    assert planned(finished(), run=CHANGES_OF_RUN[what]) is Step.AGAIN
    assert planned(finished(), run=CHANGES_OF_RUN[what], judging="other") is Step.AGAIN


@pytest.mark.parametrize("what", CHANGES_OF_JUDGING)
def test_what_would_only_be_judged_otherwise_is_judged_again(what: str) -> None:
    assert planned(finished(), judging=CHANGES_OF_JUDGING[what]) is Step.RESCORE


def test_a_notebook_that_was_only_renamed_gets_its_new_name_without_a_run() -> None:
    renamed = replace(SUBMISSION, notebooks=(Path("new.ipynb"),))
    assert planned(finished(), renamed) is Step.RESCORE
    assert rescore(finished(), renamed, ASSIGNMENT).notebook == "new.ipynb"


@pytest.mark.parametrize(
    "submission",
    [
        replace(SUBMISSION, notebooks=(), sha256="", reason="no notebook"),
        replace(SUBMISSION, notebooks=(Path("a.ipynb"), Path("b.ipynb")), sha256="", reason="two"),
        replace(SUBMISSION, sha256="", reason="it cannot be read"),
    ],
    ids=["missing", "ambiguous", "unreadable"],
)
def test_what_cannot_be_told_by_its_bytes_is_looked_at_again(submission: Submission) -> None:
    here = run_print(submission)
    assert planned(replace(finished(), run=here), submission, run=here) is Step.AGAIN
    row = entry_of(without_run(submission, ASSIGNMENT), None, here, of_judging(ASSIGNMENT))
    assert planned(row, submission, run=here) is Step.AGAIN


def test_a_notebook_that_was_changed_between_being_found_and_being_run_is_graded_again() -> None:
    assert planned(finished(left(sha256="c3" * 32))) is Step.AGAIN


# --- judging again -----------------------------------------------------------------------------------------

WAYS_TO_END = {
    "an error": left(),
    "all well": left(replace(RAN, ended=Status.GRADED, reason="", cells=CELLS[:1])),
    "a shared training": left(served=(SERVED,)),
    "no evidence": left(evidence=None),
    "evidence that is none": left(evidence=b"[]"),
    "evidence that is too large": left(evidence=b" " * (16 * 1024**2 + 5)),
    "out of memory, with evidence": left(ended=Status.OUT_OF_MEMORY, reason="it took more than 4 GiB"),
    "timeout, without": left(evidence=None, ended=Status.TIMEOUT, reason="it took more than 20 minutes"),
    "unreadable": sandbox.Exit(ended=Status.UNREADABLE, reason="not a notebook"),
    "numbers that are none": left(
        replace(
            RAN, observed=replace(OBSERVED, fits=(replace(OBSERVED.fits[0], history={"loss": (float("nan"),)}),))
        )
    ),
}


@pytest.mark.parametrize("way", WAYS_TO_END)
def test_judging_what_was_kept_gives_the_grade_that_running_gave(way: str, tmp_path: Path) -> None:
    done = graded(WAYS_TO_END[way])
    with closing(Ledger.open(tmp_path / "ledger.sqlite")) as ledger:
        ledger.put(entry_of(done.grade, done.attempt, run_print(), of_judging(ASSIGNMENT)))
        entry = ledger.entry("ann", "part1")
    assert entry is not None
    assert repr(rescore(entry, SUBMISSION, ASSIGNMENT)) == repr(done.grade)
    assert done.attempt is not None
    again = restored(entry)
    assert repr(again.evidence) == repr(done.attempt.evidence)
    assert (again.raw or b"")[: 16 * 1024**2] == (done.attempt.raw or b"")[: 16 * 1024**2]


def test_another_rubric_gives_what_grading_by_it_would_have_given() -> None:
    generous = judged(lambda last: replace(last, points=40.0, tolerance=Tolerance(atol=1.0)))
    direct = grade(SUBMISSION, generous, lambda _task: left()).grade
    found = rescore(finished(), SUBMISSION, generous)
    assert repr(found) == repr(direct)
    assert found.score is not None
    assert found.score > (graded().grade.score or 0.0)


def test_the_notes_of_a_second_run_stay_with_the_grade() -> None:
    fit = replace(OBSERVED.fits[0], cap=0, epochs_trained=0, history={})
    capped = left(replace(RAN, observed=replace(OBSERVED, fits=(fit,))))
    done = grade(SUBMISSION, ASSIGNMENT, lambda task: capped if task.max_epochs else left())
    assert done.grade.seconds == 7.0
    entry = entry_of(done.grade, done.attempt, run_print(), of_judging(ASSIGNMENT))
    assert repr(rescore(entry, SUBMISSION, ASSIGNMENT)) == repr(done.grade)
    assert "run again with all its epochs" in done.grade.message


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"x" + data, lambda _data: b""])
def test_damaged_evidence_is_our_trouble_and_costs_no_points(damage: Callable[[bytes], bytes]) -> None:
    entry = finished()
    assert entry.evidence is not None
    with pytest.raises(GraderError, match=r"the evidence kept for 'ann' is damaged .*: grade again with `--fresh`"):
        restored(replace(entry, evidence=damage(entry.evidence)))


def test_what_never_ran_cannot_be_judged_again() -> None:
    with pytest.raises(GraderError, match="nothing was run for 'ann'"):
        restored(replace(finished(), kept=None, evidence=None))
