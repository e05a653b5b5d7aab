"""Histories read under the old names of their metrics, and printed under today's."""

from __future__ import annotations

import json
import pickle

import pandas as pd
import pytest
from IPython.lib.pretty import pretty

from grader.inside.keras2 import figures
from grader.inside.keras2.adapted import Adapted

HISTORY = {"accuracy": [0.5], "loss": [1.0], "val_accuracy": [0.25], "val_loss": [2.0], "mae": [3.0]}


def kept(adapted: Adapted | None = None) -> figures.Figures:
    return figures.kept(HISTORY, adapted or Adapted(None))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("acc", [0.5]),
        ("val_acc", [0.25]),
        ("accuracy", [0.5]),
        ("mean_absolute_error", [3.0]),
    ],
)
def test_a_metric_is_read_by_either_name(key: str, value: list[float]) -> None:
    assert kept()[key] == kept().get(key) == value


@pytest.mark.parametrize("key", ["val_mae", "lr", "f1", 7, None, ("acc",)])
def test_what_is_not_there_is_not_made_up(key: object) -> None:
    with pytest.raises(KeyError):
        kept()[key]  # type: ignore[index]  # as a notebook may
    assert kept().get(key, "none") == "none"  # type: ignore[arg-type]  # as above


def test_an_outputs_name_stays_before_the_metrics() -> None:
    history = figures.kept({"digit_accuracy": [1], "val_digit_accuracy": [2]}, Adapted(None))
    assert (history["digit_acc"], history["val_digit_acc"]) == ([1], [2])


def test_keys_and_prints_are_those_of_today() -> None:
    assert list(kept()) == list(HISTORY)
    assert "acc" not in kept()
    assert repr(kept()) == repr(HISTORY)
    assert kept() == HISTORY
    assert json.dumps(kept()) == json.dumps(HISTORY)
    assert pretty(kept()) == pretty(HISTORY)  # type: ignore[no-untyped-call]  # IPython is typed in part
    assert type(pickle.loads(pickle.dumps(kept()))) is dict  # noqa: S301 - our own
    pd.testing.assert_frame_equal(pd.DataFrame(kept()), pd.DataFrame(HISTORY))


def test_only_reading_by_an_old_name_is_told_and_in_our_own_words() -> None:
    adapted = Adapted(None)
    history = kept(adapted)
    history["accuracy"], history.get("loss")
    assert list(adapted.told) == []
    history["acc"], history["val_acc"]
    figures.kept({"secret_accuracy": 1}, adapted)["secret_acc"]
    assert list(adapted.told) == ["the metric 'acc' is the metric 'accuracy'"]
