"""Running a notebook under the rubric's conditions, and again where these got in its way; what comes of it."""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import nbformat
import pytest
from mnist_facts import ENVIRONMENT, FIT, OBSERVED
from nbformat.v4 import new_code_cell, new_notebook

from grader import grade, reference, rubric, sandbox
from grader.grade import Assignment
from grader.model import Compat, Device, Evidence, Fit, Observations, Outcome, SharedFit, Status, Submission
from grader.sandbox import Layer

ROOT = Path(__file__).parents[1]
TRAINING = """
import numpy as np, keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="sgd")
history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=3, verbose=0)
"""


@pytest.fixture
def assignment(layer: Layer) -> Assignment:
    shipped = rubric.load(ROOT / "rubric.yaml")
    part = shipped.parts[0]
    without_data = replace(shipped, datasets={})
    return Assignment(
        without_data, part, reference.load(reference.path_for(part)), Device.CPU, threads=2, layer=layer
    )


def notebook(folder: Path, *sources: str) -> Path:
    path = folder / "notebook.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


@pytest.mark.slow
def test_a_cell_that_needs_the_later_epochs_gets_them_in_a_second_run(
    assignment: Assignment, tmp_path: Path
) -> None:
    path = notebook(tmp_path, TRAINING, "print(history.history['loss'][2] >= 0)")
    attempt = grade.execute(grade.task_of(path, assignment))
    assert attempt.status is Status.GRADED
    assert attempt.evidence.observed.fits[0].epochs_trained == 3
    assert attempt.evidence.cells[1].text == "True\n"
    assert attempt.notes == ("run again with all its epochs: it needs more than the rubric trains",)


@pytest.mark.slow
def test_an_error_that_no_longer_training_could_avoid_is_judged_after_one_run(
    assignment: Assignment, tmp_path: Path
) -> None:
    path = notebook(tmp_path, TRAINING, "print(history_of_mine)")
    attempt = grade.execute(grade.task_of(path, assignment))
    assert attempt.status is Status.NOTEBOOK_ERROR
    assert attempt.evidence.observed.fits[0].epochs_trained == 1
    assert [cell.outcome for cell in attempt.evidence.cells] == [Outcome.RAN, Outcome.RAISED]
    assert attempt.notes == ()


def test_a_link_is_unreadable_and_earns_nothing(assignment: Assignment, tmp_path: Path) -> None:
    link = tmp_path / "link.ipynb"
    link.symlink_to(ROOT / "reference" / "part1.ipynb")
    graded = grade.grade(Submission("zoe", "part1", (link,)), assignment)
    assert graded.executed is None
    assert graded.grade.status is Status.UNREADABLE
    assert graded.grade.score == 0
    assert all(check.points == 0 for check in graded.grade.checks)
    assert graded.grade.message == "'link.ipynb' is a symbolic link; hand in the notebook itself"


def test_what_came_out_is_kept_beside_what_it_says(assignment: Assignment) -> None:
    raw = evidence_of(FIT)
    served = (SharedFit("ab" * 32, FIT.history, 41.0, "cache"),)
    left = sandbox.Exit(raw, b"{}", sha256="12", seconds=2.5, isolation="landlock", served=served)
    tasks = []

    def runner(task: sandbox.Task) -> sandbox.Exit:
        tasks.append(task)
        return left

    graded = grade.grade(Submission("zoe", "part1", (Path("zoe.ipynb"),)), assignment, runner)
    assert tasks == [grade.task_of(Path("zoe.ipynb"), assignment)]
    assert graded.executed == b"{}"
    assert graded.attempt is not None
    assert (graded.attempt.raw, graded.attempt.served) == (raw, served)
    assert graded.attempt.evidence == Evidence(Status.GRADED, "", (), observed(FIT), ENVIRONMENT, 2.5)
    assert graded.grade == grade.score(
        Submission("zoe", "part1", (Path("zoe.ipynb"),)), assignment, graded.attempt
    )  # fmt: skip


def test_a_submission_that_is_missing_is_not_run_and_has_no_attempt(assignment: Assignment) -> None:
    def runner(task: sandbox.Task) -> sandbox.Exit:
        raise AssertionError(task)

    graded = grade.grade(Submission("zoe", "part1", (), reason="no notebook"), assignment, runner)
    assert (graded.executed, graded.attempt, graded.grade.status) == (None, None, Status.MISSING)


@pytest.mark.parametrize(
    ("notebooks", "reason", "told"),
    [
        (
            (),
            "no notebook was found: no file's name ends in .ipynb",
            "hand in the notebook itself, a file that ends in .ipynb, under the name that is asked for",
        ),
        (("a.ipynb", "b.ipynb"), "found 2 notebooks where one is expected", "hand in only the one that counts"),
    ],
)
def test_who_handed_in_no_notebook_or_several_is_told_what_to_do(
    notebooks: tuple[str, ...], reason: str, told: str, assignment: Assignment
) -> None:
    found = grade.without_run(Submission("zoe", "part1", tuple(map(Path, notebooks)), reason=reason), assignment)
    assert (found.reason, found.message) == (f"{reason}; {told}", f"{reason}; {told}")
    assert {(check.why, check.next_step) for check in found.checks} == {(reason, told)}


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        (
            Status.TIMEOUT,
            "the notebook ran longer than 20 s",
            "; look for a loop that does not end, an input() that waits, or more epochs than are asked for",
        ),
        (Status.PROCESS_LIMIT, "the notebook had 6 processes and threads, of 6 at most", "; start fewer processes"),
        (Status.UNREADABLE, "the file is empty; save the notebook again, and hand it in once more", ""),
    ],
)
def test_a_run_that_ended_before_its_time_is_told_with_what_to_do(
    status: Status, reason: str, told: str, assignment: Assignment
) -> None:
    def runner(_: sandbox.Task) -> sandbox.Exit:
        return sandbox.Exit(ended=status, reason=reason)

    found = grade.grade(Submission("zoe", "part1", (Path("zoe.ipynb"),)), assignment, runner).grade
    assert found.status is status
    assert found.reason.startswith(f"{reason}{told}")
    assert (found.reason == reason) is (not told)
    assert found.message.startswith(found.reason)


@pytest.mark.parametrize(
    ("told", "compat", "note"),
    [
        (("a is now b", "c= is now d="), Compat.KERAS2, "adapted to today's Keras: a is now b, c= is now d="),
        (("a is now b",), None, ""),
        ((), Compat.KERAS2, ""),
        (
            ("long\n" * 100, *(f"{number}" for number in range(20))),
            Compat.KERAS2,
            f"adapted to today's Keras: {'long ' * 15}long…, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, and 9 more",
        ),
    ],
)
def test_the_message_says_what_was_adapted_where_the_rubric_asks_for_it(
    assignment: Assignment, told: tuple[str, ...], compat: Compat | None, note: str
) -> None:
    execution = replace(assignment.rubric.execution, compat=compat)
    here = replace(assignment, rubric=replace(assignment.rubric, execution=execution))
    found = Evidence(Status.GRADED, "", (), replace(observed(FIT), adapted=told), ENVIRONMENT, 2.5)
    raw = json.dumps(asdict(found)).encode()
    left = sandbox.Exit(raw, b"{}", sha256="12", seconds=2.5, isolation="landlock")
    graded = grade.grade(Submission("zoe", "part1", (Path("zoe.ipynb"),)), here, lambda _: left)
    assert graded.grade.message.rpartition("; ")[2].startswith("adapted") == bool(note)
    assert graded.grade.message.endswith(note)


def observed(*fits: Fit) -> Observations:
    return replace(OBSERVED, fits=fits)


def evidence_of(*fits: Fit) -> bytes:
    return json.dumps(asdict(Evidence(Status.GRADED, "", (), observed(*fits), ENVIRONMENT, 2.5))).encode()


NAN = {"loss": (math.nan, 0.5)}
OTHER = {name: tuple(value + 1e-16 * 4 for value in values) for name, values in FIT.history.items()}
UNTRAINED = replace(FIT, epochs_trained=0, history={})
ODD = replace(FIT, batch_size=7, epochs=1, history={"loss": (3.5,)})


@pytest.mark.parametrize(
    ("fits", "served", "trained"),
    [
        ([FIT], [FIT.history], "shared"),
        ([FIT], [OTHER, FIT.history], "shared"),
        ([FIT], [{name: FIT.history[name] for name in sorted(FIT.history, reverse=True)}], "shared"),
        ([replace(FIT, history=NAN)], [{"loss": (float("nan"), 0.5)}], "shared"),
        ([FIT], [], "kernel"),
        ([FIT], [OTHER], "kernel"),
        ([FIT], [{**FIT.history, "lr": (1.0,)}], "kernel"),
        ([FIT], [{"loss": FIT.history["loss"]}], "kernel"),
        ([FIT], [{name: (*values, 0.5) for name, values in FIT.history.items()}], "kernel"),
        ([replace(FIT, history={})], [{}], "kernel"),
        ([FIT, ODD], [FIT.history], "shared"),
        ([FIT, ODD], [ODD.history], "kernel"),
        ([UNTRAINED], [{}], "none"),
        ([], [FIT.history], "none"),
    ],
)
@pytest.mark.parametrize("compares", [True, False])
def test_trained_says_where_the_judged_history_came_from(
    assignment: Assignment,
    fits: list[Fit],
    served: list[dict[str, tuple[float, ...]]],
    trained: str,
    *,
    compares: bool,
) -> None:
    if not compares:
        assignment = replace(assignment, recording=None, part=replace(assignment.part, criteria=()))
        fits = fits[:1]  # with nothing to compare with, the last one is judged
    given = tuple(SharedFit("ab" * 32, history, 41.0, "cache") for history in served)
    graded = grade.grade(
        Submission("zoe", "part1", (Path("zoe.ipynb"),)),
        assignment,
        lambda _task: sandbox.Exit(evidence_of(*fits), served=given),
    )
    assert graded.grade.trained == trained
