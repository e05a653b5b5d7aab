from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.executes import check
from grader.model import Cell, CellError, Check, ExecutesCriterion, Outcome

CRITERION = ExecutesCriterion("runs", 15, "The notebook runs")
RAN = Cell(1, "x = 1", Outcome.RAN)
RERUN = "restart the kernel, run all cells from top to bottom, and look at the place named"


def outcome(points: float, found: str, why: str = "", next_step: str = "") -> Check:
    return Check("runs", "The notebook runs", points, 15, "every code cell runs", found, why, next_step)


def raised(name: str, message: str, line: int) -> Cell:
    return Cell(3, "print(history)", Outcome.RAISED, error=CellError(name, message, line))


def test_all_points_where_every_cell_ran() -> None:
    assert check(CRITERION, [RAN, Cell(2, "y", Outcome.RAN)]) == outcome(15.0, "2 of 2 code cells ran")


def test_blank_cells_count_neither_way() -> None:
    assert check(CRITERION, [RAN, Cell(2, " \n", Outcome.NOT_RUN)]) == outcome(15.0, "1 of 1 code cell ran")


@pytest.mark.parametrize("cells", [[], [Cell(1, "\n\t", Outcome.RAN)]])
def test_a_notebook_without_code_earns_nothing(cells: list[Cell]) -> None:
    assert check(CRITERION, cells) == outcome(
        0.0,
        "no code",
        "the notebook has no code cell that holds code",
        "put the program into code cells and save the notebook",
    )


def test_an_error_is_quoted_at_its_cell_and_line() -> None:
    cells = [RAN, raised("NameError", "name 'history' is not defined", 1), Cell(4, "z", Outcome.NOT_RUN)]
    assert check(CRITERION, cells) == outcome(
        0.0,
        "1 of 3 code cells ran",
        "cell 3, line 1: `print(history)` raised NameError: name 'history' is not defined\n"
        "1 of 3 code cells did not run",
        "no cell gives 'history' a value: define it before it is used",
    )


def test_an_error_in_a_function_is_quoted_where_it_was_raised_and_called() -> None:
    cells = [
        Cell(1, "def scale(images):\n    return images / Z", Outcome.RAN),
        Cell(
            2,
            "x = 1\nscale(x)",
            Outcome.RAISED,
            error=CellError("NameError", "name 'Z' is not defined", 2, at_cell=1, at_line=2),
        ),
    ]
    assert check(CRITERION, cells) == outcome(
        0.0,
        "1 of 2 code cells ran",
        "cell 1, line 2: `return images / Z` raised NameError: name 'Z' is not defined "
        "(called from cell 2, line 2)",
        "no cell gives 'Z' a value: define it before it is used",
    )


@pytest.mark.parametrize(
    ("line", "at_cell", "at_line", "why"),
    [
        (1, 3, 1, "cell 3, line 1: `print(history)` raised E: m"),
        (1, 9, 1, "cell 3, line 1: `print(history)` raised E: m"),  # no such cell
        (1, 1, 7, "cell 1, line 7: E: m (called from cell 3, line 1)"),  # no such line
        (0, 1, 1, "cell 1, line 1: `x = 1` raised E: m"),
        (0, 0, 5, "cell 3: E: m"),
    ],
)
def test_forged_places_are_named_and_no_more(line: int, at_cell: int, at_line: int, why: str) -> None:
    told = Cell(3, "print(history)", Outcome.RAISED, error=CellError("E", "m", line, at_cell, at_line))
    assert check(CRITERION, [RAN, told]).why == why


def test_a_line_that_python_cannot_read_is_quoted() -> None:
    error = CellError("SyntaxError", "invalid syntax (line 2)", 0)
    cell = Cell(1, "x = 1\nepochs = = 12", Outcome.RAISED, error=error)
    assert (
        check(CRITERION, [cell]).why
        == "cell 1, line 2: `epochs = = 12` raised SyntaxError: invalid syntax (line 2)"
    )


def test_an_error_without_a_line_or_a_message_is_quoted_without_them() -> None:
    assert check(CRITERION, [raised("KeyboardInterrupt", "", 0)]) == outcome(
        0.0, "0 of 1 code cell ran", "cell 3: KeyboardInterrupt", RERUN
    )


def test_a_cell_that_raised_without_details_is_named() -> None:
    assert check(CRITERION, [Cell(3, "x", Outcome.RAISED)]) == outcome(
        0.0, "0 of 1 code cell ran", "cell 3 did not finish", RERUN
    )


def test_cells_that_were_never_reached_are_counted() -> None:
    cells = [RAN, Cell(2, "y", Outcome.NOT_RUN), Cell(3, "z", Outcome.NOT_RUN)]
    assert check(CRITERION, cells) == outcome(0.0, "1 of 3 code cells ran", "2 of 3 code cells did not run", RERUN)


def test_a_run_that_never_began_says_so() -> None:
    assert check(CRITERION, [Cell(1, "y", Outcome.NOT_RUN)]) == outcome(
        0.0,
        "0 of 1 code cell ran",
        "1 of 1 code cell did not run",
        "see why the run ended before its first cell was through",
    )


@given(st.text(), st.text(), st.integers())
def test_any_error_text_becomes_one_short_printable_line(name: str, message: str, line: int) -> None:
    why = check(CRITERION, [raised(name, message * 100, line)]).why
    assert why.isprintable()
    assert len(why) < 500
