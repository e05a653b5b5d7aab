"""What the file showed when it was handed in is compared with what running it gave, for the record."""

from __future__ import annotations

import pytest

from grader.checks.saved import note
from grader.extract.history import histories

METRICS = ("accuracy", "loss")
NOTE = "the outputs saved in the file are not those of this run: "


def noted(*cells: tuple[str, str]) -> str:
    return note([(list(histories(saved)), list(histories(now))) for saved, now in cells], METRICS)


@pytest.mark.parametrize(
    ("saved", "now"),
    [
        ("[('loss', 0.2544), ('accuracy', 0.9212)]", "[('loss', 0.2544), ('accuracy', 0.9212)]"),
        ("[('loss', 0.25), ('acc', 0.92)]", "{'loss': [0.2544, 0.1], 'accuracy': [0.9212, 0.9]}"),
        ("nothing", "[('loss', 0.2544)]"),
        ("[('loss', 0.2544)]", "no figures"),
        ("[('loss', 0.2544)]", "[('accuracy', 0.9)]"),
        ("[('other', 0.2544)]", "[('other', 0.9)]"),
        ("{'loss': [nan]}", "{'loss': [nan]}"),
    ],
)
def test_equal_or_missing_figures_are_not_noted(saved: str, now: str) -> None:
    assert noted((saved, now)) == ""


def test_the_first_figure_that_differs_is_told() -> None:
    cells = [
        ("[('loss', 0.5)]", "[('loss', 0.5)]"),
        ("[('acc', 0.95), ('loss', 0.3)]", "[('acc', 0.92), ('loss', 0.2)]"),
    ]
    assert noted(*cells) == f"{NOTE}accuracy was saved as 0.95 and is 0.92 here"


def test_a_diverged_training_differs_from_one_that_did_not() -> None:
    assert noted(("{'loss': [0.3]}", "{'loss': [nan]}")) == f"{NOTE}loss was saved as 0.3 and is nan here"


BAR = "Epoch 1/1\n5/5 {bar} 1s 2ms/step - accuracy: {figure} - loss: {figure}\n"


@pytest.mark.parametrize("bar", ["━" * 20, "[==============================] -"])
def test_a_bars_figures_that_may_be_running_averages_are_not_compared(bar: str) -> None:
    saved, now = (BAR.format(bar=bar, figure=figure) for figure in ("0.9000", "0.8000"))
    assert noted((saved, now)) == ""
    assert noted((saved, "[('loss', 0.2)]")) == ""


def test_the_programs_own_figures_go_before_a_bars() -> None:
    bar = "Train on 5 samples\n" + BAR.format(bar="[====] -", figure="0.9000")
    assert noted((bar + "[('loss', 0.3)]", "[('loss', 0.3)]")) == ""
    assert noted((bar, "[('loss', 0.3)]")) == f"{NOTE}loss was saved as 0.9000 and is 0.3 here"
