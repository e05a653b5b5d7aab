"""There and back: the scales on which spreads are about normal."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.scales import LOSS_FLOOR, UNKNOWN_SAMPLES, scale_of


@pytest.mark.parametrize(("right", "of"), [(0, 10), (5, 10), (10, 10), (9823, 10_000), (1, 1)])
def test_a_proportion_enters_the_log_odds_as_half_a_sample_more_of_one_more(right: int, of: int) -> None:
    share = (right + 0.5) / (of + 1)
    scale = scale_of("val_accuracy", [right / of], of)
    assert scale.there(right / of) == pytest.approx(math.log(share / (1 - share)))
    assert (scale.least, scale.most, scale.resolution) == (0.0, 1.0, 1 / of)


def test_a_loss_enters_as_its_logarithm_down_to_a_floor() -> None:
    scale = scale_of("val_loss", [0.0, 0.25], None)
    assert (scale.there(0.25), scale.there(0.0)) == (math.log(0.25), math.log(LOSS_FLOOR))
    assert (scale.back(math.log(0.25)), scale.back(math.log(LOSS_FLOOR)), scale.back(-1e9)) == (0.25, 0.0, 0.0)
    assert (scale.least, scale.most) == (0.0, math.inf)


@pytest.mark.parametrize(
    ("metric", "values"),
    [("mae", [0.5]), ("loss", [-0.1, 0.2]), ("accuracy", [0.5, 1.5]), ("val_auc", [-0.5])],
)
def test_what_is_neither_a_loss_nor_a_proportion_is_taken_as_it_is(metric: str, values: list[float]) -> None:
    scale = scale_of(metric, values, 100)
    assert [scale.back(scale.there(value)) for value in (-3.0, 7.5)] == [-3.0, 7.5]
    assert (scale.least, scale.most) == (-math.inf, math.inf)


def test_an_unknown_number_of_samples_is_taken_for_many() -> None:
    assert scale_of("accuracy", [0.5], None).resolution == 1 / UNKNOWN_SAMPLES


@given(st.floats(0, 1), st.integers(1, 10**7))
def test_every_proportion_comes_back(value: float, samples: int) -> None:
    scale = scale_of("accuracy", [value], samples)
    assert scale.back(scale.there(value)) == pytest.approx(value, abs=1e-9)


@given(st.floats(-1e4, 1e4), st.sampled_from(["loss", "accuracy"]), st.integers(1, 10**7))
def test_whatever_is_computed_there_leads_back_to_a_value_that_the_metric_can_take(
    there: float, metric: str, samples: int
) -> None:
    scale = scale_of(metric, [0.5], samples)
    assert scale.least <= scale.back(there) <= scale.most
