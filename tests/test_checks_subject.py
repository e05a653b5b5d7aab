from __future__ import annotations

from dataclasses import replace

import pytest
from mnist_facts import FIT, INPUT, LAYERS, OBSERVED, RECORDING, SNAPSHOT

from grader.checks.subject import Subject, choose
from grader.model import Compiled, Fit, Layer, ModelSnapshot, Observations, SummaryCall

SMALL = ModelSnapshot(1, "small", LAYERS[5:])
OTHER = ModelSnapshot(2, "other", (Layer("lstm", "LSTM", "(None, 7)", 5),))
SLOW = replace(FIT, cell=2, compiled=Compiled("Adadelta", 0.001, "categorical_crossentropy"))


def test_the_only_fit_is_judged_with_the_model_as_it_stood_then() -> None:
    assert choose(OBSERVED, RECORDING) == Subject(0, SNAPSHOT, FIT)


def test_nothing_observed_leaves_nothing_to_judge() -> None:
    assert choose(Observations(), RECORDING) == Subject(None, None, None)


@pytest.mark.parametrize("fits", [(FIT, SLOW), (SLOW, FIT)])
def test_the_fit_that_agrees_in_most_settings_is_judged(fits: tuple[Fit, ...]) -> None:
    assert choose(replace(OBSERVED, fits=fits), RECORDING).fit is FIT


def test_matching_layers_weigh_like_matching_settings() -> None:
    small = replace(FIT, snapshot=1)
    observed = Observations(snapshots=(SNAPSHOT, SMALL), fits=(SLOW, small))
    assert choose(observed, RECORDING) == Subject(0, SNAPSHOT, SLOW)


def test_of_equal_trainings_of_two_models_the_last_one_is_judged() -> None:
    again = replace(FIT, cell=5, snapshot=1)
    observed = Observations(snapshots=(SNAPSHOT, replace(SNAPSHOT, model=1)), fits=(FIT, again))
    assert choose(observed, RECORDING).fit is again


@pytest.mark.parametrize("broken", [replace(FIT, finished=False), replace(FIT, history={})])
def test_a_finished_fit_goes_before_a_nearer_one_that_was_cut_short(broken: Fit) -> None:
    assert choose(replace(OBSERVED, fits=(SLOW, broken)), RECORDING).fit is SLOW


def test_an_unfinished_fit_is_judged_where_there_is_no_other() -> None:
    broken = replace(FIT, finished=False)
    assert choose(replace(OBSERVED, fits=(broken,)), RECORDING).fit is broken


def test_without_a_fit_the_summarised_model_nearest_to_the_recording_is_judged() -> None:
    observed = Observations(
        snapshots=(SMALL, OTHER, SNAPSHOT), summaries=(SummaryCall(0, 1), SummaryCall(1, 2), SummaryCall(9, 3))
    )
    assert choose(observed, RECORDING) == Subject(1, SMALL, None)


def test_without_fits_and_summaries_any_model_may_be_judged() -> None:
    assert choose(Observations(snapshots=(SMALL, SNAPSHOT, OTHER)), RECORDING) == Subject(0, SNAPSHOT, None)


def test_input_layers_do_not_make_a_model_less_alike() -> None:
    functional = ModelSnapshot(4, "functional", (INPUT, *LAYERS))
    observed = Observations(snapshots=(SNAPSHOT, functional))
    assert choose(observed, RECORDING) == Subject(4, functional, None)


@pytest.mark.parametrize("index", [-1, 7])
def test_a_fit_that_points_to_no_snapshot_is_judged_without_a_model(index: int) -> None:
    lost = replace(FIT, snapshot=index)
    assert choose(replace(OBSERVED, fits=(lost,)), RECORDING) == Subject(None, None, lost)


def test_a_model_that_is_trained_further_is_judged_by_its_first_training() -> None:
    first, further = replace(FIT, cell=1), replace(FIT, cell=2)
    observed = replace(OBSERVED, fits=(first, further))
    assert choose(observed, RECORDING).fit == first


def test_a_loaded_model_that_learns_on_is_no_untrained_one() -> None:
    loaded = replace(FIT, cell=2, snapshot=1, continued=True)
    observed = Observations(snapshots=(SNAPSHOT, replace(SNAPSHOT, model=1)), fits=(FIT, loaded))
    assert choose(observed, RECORDING).fit is FIT
