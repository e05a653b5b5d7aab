"""Figures that honest notebooks make of several trainings are recognised, whatever was trained."""

from __future__ import annotations

import math
import statistics

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import aggregates

FLOATS = st.floats(0.001, 100)


@given(st.lists(st.lists(FLOATS, min_size=2, max_size=5), min_size=2, max_size=5))
def test_means_and_deviations_over_epochs_and_folds_are_held(histories: list[list[float]]) -> None:
    made = aggregates.of(histories, range(len(histories)), ())
    for values in (*histories, *([choose(each) for each in histories] for choose in (min, max))):
        assert made.hold([repr(statistics.fmean(values)), f"{statistics.pstdev(values):.6f}"])


def test_folds_that_one_cell_trained_have_means_of_their_own() -> None:
    made = aggregates.of([[0.9], [0.1], [0.2]], [1, 2, 2], ())
    assert made.hold(["0.15"])
    assert not made.hold(["0.55"])


@given(st.lists(st.lists(st.floats(), max_size=4), max_size=4), st.lists(st.floats(), max_size=3), st.text())
def test_no_figure_and_no_text_breaks_it(histories: list[list[float]], evaluations: list[float], text: str) -> None:
    made = aggregates.of(histories, range(len(histories)), evaluations)
    assert all(map(math.isfinite, made.finite))
    assert made.hold([text, "1e999", "nan"]) is False
