"""Notebooks as they really are: each has its row, with the right status and a message that helps."""

# ruff: noqa: RUF001 - curly quotes, as a PDF has them
from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from odd_notebooks import HANDED_IN

from grader import batch, rubric
from grader.checks import causes, claims, typed
from grader.model import Grade, Status
from grader.progress import Progress
from grader.runner import Means

AT_END = "such characters come along from a PDF or a word processor"
NOT_OBSERVED = "is not observed: it leaves printed figures only"
# Those that do all that the assignment asks for.
FULL = (
    *("colab", "openml", "tfds", "never_run", "ligature", "several", "out_of_order_but_sound", "megabytes"),
    "same_copies",
)

# Status, points, and what the message says.
OTHERS: Mapping[str, tuple[Status, float, tuple[str, ...]]] = {
    "other_copies": (Status.AMBIGUOUS, 0, ("some are copies of others: leave only the one that is to be graded",)),
    "too_much": (Status.OUTPUT_LIMIT, 20, ("the notebook showed more than 8388608 bytes of output",)),
    "out_of_order": (
        Status.NOTEBOOK_ERROR,
        10,
        ("runs: cell 2, line 1: `print([(key, round(value[0], 4))", "name 'history' is not defined"),
    ),
    "python2": (Status.NOTEBOOK_ERROR, 0, ("Missing parentheses in call to 'print'. Did you mean print(...)?",)),
    "python2_names": (Status.NOTEBOOK_ERROR, 5, ("name 'xrange' is not defined",)),
    "torch": (Status.NOTEBOOK_ERROR, 0, ("cell 1, line 1: `import torch` raised ModuleNotFoundError",)),
    "look_alike": (Status.GRADED, 20, ("no model was observed", "no training was observed")),
    "tape": (Status.GRADED, 55, ("no training was observed", f"(GradientTape in cell 1) {NOT_OBSERVED}")),
    "on_batch": (Status.GRADED, 55, ("no training was observed", f"(train_on_batch in cell 1) {NOT_OBSERVED}")),
    "no_fit": (Status.GRADED, 55, ("training: no training was observed", "history: no training was observed")),
    "curly": (
        Status.NOTEBOOK_ERROR,
        5,
        (f"cell 2: SyntaxError: invalid character '‘' (U+2018) (line 28): type ' in its place; {AT_END}",),
    ),
    "curly_end": (
        Status.NOTEBOOK_ERROR,
        0,
        (f"(line 2): the line holds '”' (U+201D); type \" in its place; {AT_END}",),
    ),
    "upload": (
        Status.NOTEBOOK_ERROR,
        5,
        ("files.upload() asks for a file, which nobody can choose while", "'mnist.npz'"),
    ),
    "asks": (
        Status.NOTEBOOK_ERROR,
        5,
        ("line 2: `n = int(input('How many epochs? '))` raised", "write the value into the code"),
    ),
    "other_data": (
        Status.NOTEBOOK_ERROR,
        5,
        ("tfds.load('cifar10') cannot be answered", "keras.datasets.mnist.load_data()"),
    ),
    "empty": (Status.GRADED, 0, ("the notebook has no code cell that holds code",)),
    "cut": (Status.UNREADABLE, 0, ("the file is not JSON: it is cut off after 700 bytes",)),
    "merged": (Status.UNREADABLE, 0, ("it has marks of an unresolved Git merge in line 3",)),
    "python_dict": (Status.UNREADABLE, 0, ("the file is not JSON: ",)),
}


@pytest.fixture(scope="module")
def graded(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Grade]:
    """Of each student, graded in one class as any; the rubric gives one answer to `input()`."""
    folder = tmp_path_factory.mktemp("odd")
    shutil.copytree(course / "reference", folder / "reference")
    text = (course / "rubric.yaml").read_text("utf-8")
    (folder / "rubric.yaml").write_text(text.replace("seed: 0,", "seed: 0, answers: [Ada],"), "utf-8")
    for student, files in HANDED_IN.items():
        (folder / "submissions" / student).mkdir(parents=True)
        for name, content in files.items():
            (folder / "submissions" / student / name).write_bytes(content)
    wanted = batch.Wanted(means=Means(jobs=2, cache=folder / "cache"))
    loaded = rubric.load(folder / "rubric.yaml")
    run = batch.grade_all(loaded, folder / "submissions", folder / "grades", wanted, Progress())
    return {grade.student: grade for grade in run.grades}


@pytest.mark.slow
def test_every_notebook_has_a_row_and_none_is_our_trouble(graded: Mapping[str, Grade]) -> None:
    assert set(graded) == set(HANDED_IN) == {*FULL, *OTHERS}
    assert not [grade for grade in graded.values() if grade.status is Status.GRADER_ERROR]


@pytest.mark.slow
@pytest.mark.parametrize("student", FULL)
def test_what_does_all_that_is_asked_for_earns_all_points(student: str, graded: Mapping[str, Grade]) -> None:
    grade = graded[student]
    assert (grade.status, grade.score, grade.flags) == (Status.GRADED, 100, ()), grade.message
    assert all(causes.CAUSE not in check.why for check in grade.checks)


@pytest.mark.slow
@pytest.mark.parametrize("student", OTHERS)
def test_what_went_wrong_is_told(student: str, graded: Mapping[str, Grade]) -> None:
    status, score, told = OTHERS[student]
    grade = graded[student]
    assert (grade.status, grade.score) == (status, score), grade.message
    assert [text for text in told if text not in grade.message] == [], grade.message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "raised"),
    [("tape", []), ("on_batch", [typed.TYPED]), ("look_alike", [claims.NOT_TRAINED, typed.TYPED])],
)
def test_figures_that_no_fit_has_given_are_matched_with_nothing(
    student: str, raised: list[str], graded: Mapping[str, Grade]
) -> None:
    """What a loop of the notebook's own may have given is no matter for a flag; what was typed in is."""
    grade = graded[student]
    earned = {check.criterion: check.points for check in grade.checks}
    assert (earned["training"], earned["history"], grade.trained) == (0, 0, "none")
    assert [flag for flag, words in zip(grade.flags, raised, strict=True) if not flag.startswith(words)] == []
