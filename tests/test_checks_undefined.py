"""A name that was not defined is looked for in the whole notebook, and where it stands is the next step."""

from __future__ import annotations

import pytest

from grader.checks.undefined import explained
from grader.model import Cell, CellError, Outcome

FIT = "model.fit(x, y, epochs=12)"
KEPT = f"history = {FIT}"
USE = "print(history.history['loss'][0])"


def next_step(*sources: str, raised: int, line: int = 1, message: str = "name 'history' is not defined") -> str:
    cells = [
        Cell(
            number,
            source,
            Outcome.RAISED if number == raised else Outcome.RAN,
            error=CellError("NameError", message, line) if number == raised else None,
        )
        for number, source in enumerate(sources, 1)
    ]
    return explained(cells[raised - 1], cells)


def test_a_cell_that_comes_too_early_is_told_which_one_to_move() -> None:
    expected = "'history' gets its value in cell 3, which comes after this one: move that cell up"
    assert next_step("import keras", USE, KEPT, raised=2) == expected


def test_a_line_that_comes_too_early_is_told_which_one_to_move() -> None:
    expected = "'history' gets its value in line 2 of this cell, after it is used: move that line up"
    assert next_step(f"{USE}\n{KEPT}", raised=1) == expected


def test_a_history_that_was_not_kept_is_the_assignments_own_trap() -> None:
    expected = "no cell gives 'history' a value: keep what model.fit returns, history = model.fit(...)"
    assert next_step(FIT, USE, raised=2) == expected


OTHER = KEPT.replace("history", "hist")


@pytest.mark.parametrize("sources", [(OTHER, USE), (FIT, "print(history)"), ("x = 1", USE)])
def test_a_name_that_no_cell_gives_a_value_is_told_so(sources: tuple[str, str]) -> None:
    assert next_step(*sources, raised=2) == "no cell gives 'history' a value: define it before it is used"


def test_where_the_code_does_not_tell_nothing_is_said() -> None:
    assert next_step(f"if False:\n    {KEPT}\n{USE}", raised=1, line=3) == ""
    assert next_step(KEPT, USE, raised=2) == ""
    assert next_step(USE, raised=1, message="something else") == ""
    assert next_step("print(", USE, raised=2, message="name 'a b' is not defined") == ""


def test_cells_that_cannot_be_read_are_passed_over() -> None:
    assert "cell 3" in next_step("history = (", USE, KEPT, raised=2)
