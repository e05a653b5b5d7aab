"""A figure is verified where the grader computed it itself, and else says why it was not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from mnist_facts import FIT, HISTORY, LAYERS, OBSERVED

from grader.checks.strength import Strength, of
from grader.model import Evaluated, EvidenceKind, Fit, SharedFit

FIGURES = {"val_accuracy": 0.9823, "val_loss": 0.05604}
ARRAYS = {"validation x": "vx", "validation y": "vy"}
FOUND = Evaluated(0, FIGURES, ARRAYS, LAYERS, loss="categorical_crossentropy")
OTHER_DATA = "; what was handed in is not the data that it was seen to validate on"
SIGMOID = replace(LAYERS[7], settings={**LAYERS[7].settings, "activation": "sigmoid"})
AGAIN = "trained in the notebook's kernel; the grader evaluated its final weights to the same figures"


def served(**changes: tuple[float, ...]) -> SharedFit:
    return SharedFit("key", HISTORY | changes, 1.0, "trained")


def strength(fit: Fit, *evaluated: Evaluated, shared: tuple[SharedFit, ...] = ()) -> Strength | None:
    return of(fit, replace(OBSERVED, fits=(fit,)), shared, evaluated)


def why(fit: Fit, *evaluated: Evaluated) -> str:
    found = strength(fit, *evaluated)
    assert found is not None
    assert found.kind is EvidenceKind.OBSERVED
    return found.why.removeprefix("trained in the notebook's kernel")


def test_what_the_shared_trainer_gave_is_verified_to_the_last_digit() -> None:
    assert strength(FIT, shared=(served(),)) == Strength(EvidenceKind.VERIFIED, "the grader trained it")
    assert str(strength(FIT, shared=(served(),))) == "verified: the grader trained it"
    other = strength(FIT, shared=(served(loss=(math.nextafter(0.25438, 1),)),))
    assert other is not None
    assert other.kind is EvidenceKind.OBSERVED


def test_a_training_of_other_data_verifies_nothing() -> None:
    ours = {"x": "x", "y": "y", "validation x": "vx", "validation y": "vy"}
    assert strength(FIT, shared=(replace(served(), arrays=ours),)) == Strength(
        EvidenceKind.VERIFIED, "the grader trained it"
    )
    for other in (ours | {"validation y": "other"}, ours | {"x[0]": "x"}):
        assert why(FIT) == ", whose weights were not handed in"
        got = strength(FIT, shared=(replace(served(), arrays=other),))
        assert got is not None
        assert got.kind is EvidenceKind.OBSERVED


def test_final_weights_that_give_the_last_figures_verify_them() -> None:
    assert strength(FIT, FOUND) == Strength(EvidenceKind.VERIFIED, AGAIN)
    longer = replace(FIT, history={"val_loss": (9.0, 0.05604), "val_accuracy": (0.1, 0.9823), "loss": (1.0, 2.0)})
    assert strength(longer, FOUND) == Strength(EvidenceKind.VERIFIED, AGAIN)


def test_the_share_that_fit_kept_back_is_compared() -> None:
    fit = replace(FIT, arrays={name: FIT.arrays[name] for name in ("x", "y")}, validation_split=0.2)
    found = replace(FOUND, arrays={"x": "x", "y": "y"}, split=0.2)
    assert strength(fit, found) == Strength(EvidenceKind.VERIFIED, AGAIN)
    assert why(fit, replace(found, split=0.01)) == OTHER_DATA


def test_a_diverged_training_is_verified_by_diverged_weights() -> None:
    diverged = replace(FIT, history={"val_loss": (math.nan,)})
    found = replace(FOUND, figures={"val_loss": math.nan})
    assert strength(diverged, found) == Strength(EvidenceKind.VERIFIED, AGAIN)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (None, ", whose weights were not handed in"),
        (replace(FOUND, fit=1), ", whose weights were not handed in"),
        (Evaluated(0, why="its model is of the class 'Mine'"), "; its model is of the class 'Mine'"),
        (
            replace(FOUND, figures=FIGURES | {"val_loss": 0.3}),
            "; its final weights give val_loss 0.3, its history ends with 0.05604",
        ),
        (replace(FOUND, figures={"val_loss": 0.05604}), "; its final weights give no val_accuracy"),
        (
            replace(FOUND, layers=LAYERS[1:]),
            "; the model that was handed in is not the one that was seen",
        ),
        (
            replace(FOUND, arrays=ARRAYS | {"validation x": "other"}),
            "; the validation x that was handed in is not what was seen",
        ),
        (
            replace(FOUND, layers=(*LAYERS[:7], SIGMOID)),
            "; the model that was handed in is not the one that was seen",
        ),
        (
            replace(FOUND, loss="mean_squared_error"),
            "; its loss was handed in as 'mean_squared_error' and seen as 'categorical_crossentropy'",
        ),
        (replace(FOUND, arrays={}), OTHER_DATA),
        (replace(FOUND, arrays={"x": "x", "y": "y"}, split=0.1), OTHER_DATA),
        (replace(FOUND, split=0.1), OTHER_DATA),
        (replace(FOUND, arrays={"x": "x", "extra": "e"}), "; the extra that was handed in is not what was seen"),
    ],
)
def test_what_does_not_agree_stays_observed_and_says_so(found: Evaluated | None, reason: str) -> None:
    assert why(FIT, *([found] if found else [])) == reason


@pytest.mark.parametrize(
    ("figures", "denied"),
    [
        ({"val_loss": 0.3}, "its final weights give val_loss 0.3, its history ends with 0.05604"),
        ({"val_loss": 9.0}, ""),  # the weights of an earlier epoch were put back
        ({}, ""),
    ],
)
def test_only_a_figure_of_no_epoch_contradicts_the_history(figures: dict[str, float], denied: str) -> None:
    longer = replace(FIT, history={"val_loss": (9.0, 0.05604), "loss": (1.0, 2.0)})
    got = strength(longer, replace(FOUND, figures=figures))
    assert got is not None
    assert (got.kind, got.contradicts) == (EvidenceKind.OBSERVED, denied)


def test_another_model_contradicts_nothing() -> None:
    got = strength(FIT, replace(FOUND, layers=LAYERS[1:], figures={"val_loss": 0.3}))
    assert got is not None
    assert got.contradicts == ""


def test_each_fit_has_an_evaluation_of_its_own() -> None:
    first, second = replace(FIT, cell=1), replace(FIT, cell=2)
    observed = replace(OBSERVED, fits=(first, second))
    found = [of(fit, observed, (), (replace(FOUND, fit=1),)) for fit in (first, second)]
    assert [each and each.kind for each in found] == [EvidenceKind.OBSERVED, EvidenceKind.VERIFIED]


def test_without_training_there_is_nothing_to_verify() -> None:
    assert of(None, OBSERVED, (served(),), ()) is None
    assert strength(replace(FIT, epochs_trained=0), FOUND) is None


def test_a_history_without_validation_is_not_verified_by_an_evaluation() -> None:
    assert why(replace(FIT, history={"loss": (0.2,)}), FOUND) == "; its history validated nothing"
