"""What an error's message alone tells about the notebook, and trainings without `fit`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnist_facts import FIT

from grader.checks import advice, loops
from grader.checks.executes import check
from grader.model import Cell, CellError, ExecutesCriterion, Fit, Observations, Outcome

OLD = "the code is Python 2, and notebooks are run with Python 3"
MNIST = "MNIST comes from keras.datasets.mnist.load_data()"


@pytest.mark.parametrize(
    ("name", "message", "told"),
    [
        (
            "SyntaxError",
            "Missing parentheses in call to 'print'. Did you mean print(...)? (line 2)",
            f"{OLD}: write print(...), with parentheses",
        ),
        (
            "SyntaxError",
            "multiple exception types must be parenthesized (line 1)",
            f"{OLD}: write `except ... as ...`",
        ),
        (
            "SyntaxError",
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
            f"{OLD}: write 0o755 in place of 0755",
        ),
        ("SyntaxError", "invalid syntax (line 1)", ""),
        ("NameError", "name 'xrange' is not defined", f"{OLD}: write range in place of xrange"),
        ("NameError", "name 'raw_input' is not defined", f"{OLD}: write input in place of raw_input"),
        ("NameError", "name 'history' is not defined", ""),
        ("ModuleNotFoundError", "No module named 'cPickle'", f"{OLD}: import pickle in place of cPickle"),
        ("ModuleNotFoundError", "No module named 'torch'", "'torch' is not there: the assignment asks for Keras"),
        (
            "ModuleNotFoundError",
            "No module named 'torchvision.datasets'",
            f"'torchvision' is not there, or not as a whole: {MNIST}",
        ),
        (
            "ModuleNotFoundError",
            "No module named 'sklearn.model_selection'",
            f"'sklearn' is not there, or not as a whole: {MNIST}",
        ),
        ("ModuleNotFoundError", "No module named 'mine'", ""),
        ("ModuleNotFoundError", "gone", ""),
        ("ValueError", "name 'xrange' is not defined", ""),
    ],
)
def test_an_error_tells_what_kind_of_code_it_comes_from(name: str, message: str, told: str) -> None:
    assert advice.on(CellError(name, message, 1)) == told


def test_the_advice_is_the_next_step_and_else_what_it_was() -> None:
    steps = {}
    for name, message in (
        ("NameError", "name 'unicode' is not defined"),
        ("ModuleNotFoundError", "mine"),
        ("E", ""),
    ):
        cell = Cell(1, "x", Outcome.RAISED, error=CellError(name, message, 1))
        steps[name] = check(ExecutesCriterion("runs", 1), [cell]).next_step
    assert steps == {
        "NameError": f"{OLD}: write str in place of unicode",
        "ModuleNotFoundError": "use only the packages that the assignment provides",
        "E": "restart the kernel, run all cells from top to bottom, and look at the place named",
    }


@given(st.sampled_from(["SyntaxError", "NameError", "ModuleNotFoundError"]), st.text())
def test_any_message_may_come(name: str, message: str) -> None:
    assert len(advice.on(CellError(name, message, 0))) < 200


NOT_OBSERVED = "is not observed: it leaves printed figures only"
TAPE = Cell(2, "with tf.GradientTape() as tape: ...", Outcome.RAN)


@pytest.mark.parametrize(
    ("cells", "fits", "told"),
    [
        ([TAPE], [], f"a training loop of its own (GradientTape in cell 2) {NOT_OBSERVED}"),
        (
            [Cell(1, "model.train_on_batch(x, y)", Outcome.RAISED)],
            [],
            f"a training loop of its own (train_on_batch in cell 1) {NOT_OBSERVED}",
        ),
        ([TAPE], [FIT], ""),
        ([Cell(2, TAPE.source, Outcome.NOT_RUN)], [], ""),
        ([Cell(1, "model.fit(x, y)", Outcome.RAN)], [], ""),
        ([Cell(1, "x = 1  # no GradientTape", Outcome.RAN)], [], ""),
        ([], [], ""),
    ],
)  # fmt: skip
def test_a_loop_of_ones_own_is_told_where_nothing_was_observed(
    cells: list[Cell], fits: list[Fit], told: str
) -> None:
    assert loops.note(cells, Observations(fits=tuple(fits))) == told
