"""Old arguments under today's names, and the promise that no old word is one of today's."""

from __future__ import annotations

import importlib.util
import inspect
from typing import Any

import numpy as np
import pytest

from grader.inside.keras2 import places, words


def translated(kind: str, **kwargs: Any) -> tuple[dict[str, Any], list[str]]:
    told: list[str] = []
    return words.translated(kind, words.LAYERS[kind], kwargs, told.append), told


@pytest.mark.parametrize(
    ("kind", "given", "today"),
    [
        ("Dense", {"output_dim": 64, "init": "he"}, {"units": 64, "kernel_initializer": "he"}),
        ("Dense", {"bias": False}, {"use_bias": False}),
        ("Dense", {"units": 64, "activation": "relu"}, {"units": 64, "activation": "relu"}),
        ("Dense", {"W_regularizer": "l", "b_constraint": "c"}, {"kernel_regularizer": "l", "bias_constraint": "c"}),
        ("Conv2D", {"border_mode": "same", "subsample": (2, 2)}, {"padding": "same", "strides": (2, 2)}),
        ("Conv2D", {"dim_ordering": "th"}, {"data_format": "channels_first"}),
        ("Conv2D", {"dim_ordering": "default"}, {"data_format": None}),
        ("Conv2D", {"init": "gaussian"}, {"kernel_initializer": "random_normal"}),
        ("Conv2D", {"padding": "valid", "border_mode": "same"}, {"padding": "valid"}),
        ("Conv1D", {"nb_filter": 3, "filter_length": 5}, {"filters": 3, "kernel_size": 5}),
        ("MaxPooling2D", {"border_mode": "same"}, {"padding": "same"}),
        ("Dropout", {"p": 0.5}, {"rate": 0.5}),
        ("LSTM", {"dropout_U": 0.1, "consume_less": "gpu"}, {"recurrent_dropout": 0.1}),
        ("BatchNormalization", {"mode": 0, "beta_init": "zero"}, {"beta_initializer": "zero"}),
    ],
)
def test_arguments_have_their_names_of_today(kind: str, given: dict[str, Any], today: dict[str, Any]) -> None:
    assert translated(kind, **given)[0] == today


def test_each_is_told_in_words_of_the_tables() -> None:
    _, told = translated("Dense", output_dim=3, W_regularizer="secret", activation="relu")
    assert told == ["Dense: output_dim= is now units=", "Dense: W_regularizer= is now kernel_regularizer="]
    assert translated("BatchNormalization", mode="x")[1] == [
        "BatchNormalization: mode= is no more and changes nothing"
    ]


@pytest.mark.parametrize(
    ("args", "kwargs", "old", "today"),
    [
        ((32, 3, 3), {}, True, ((32, (3, 3)), {})),
        ((np.int64(32), np.int64(3), 5), {}, True, ((32, (3, 5)), {})),
        ((32, 3, 3), {}, False, ((32, 3, 3), {})),
        ((32, (3, 3)), {}, True, ((32, (3, 3)), {})),
        ((32, 3), {}, True, ((32, 3), {})),
        ((32, (3, 3), 2), {}, True, ((32, (3, 3), 2), {})),
        ((32,), {"nb_row": 3, "nb_col": 5}, True, ((32,), {"kernel_size": (3, 5)})),
        ((), {"nb_filter": 3, "nb_row": 3, "nb_col": 5}, True, ((), {"nb_filter": 3, "kernel_size": (3, 5)})),
        ((), {}, True, ((), {})),
    ],
)
def test_rows_and_columns_become_one_size(args: Any, kwargs: Any, old: bool, today: Any) -> None:  # noqa: FBT001
    assert words.kernel("Conv2D", args, kwargs, lambda _: None, old=old) == today


@pytest.mark.slow
def test_no_old_word_is_one_of_todays() -> None:
    import keras

    tables = {
        keras.layers: words.LAYERS,
        keras.constraints: words.CONSTRAINTS,
        keras.regularizers: words.REGULARIZERS,
        keras.callbacks: words.CALLBACKS,
        keras.Sequential: {name: words.METHODS[name] for name in ("fit", "evaluate", "predict", "compile")},
    }
    for owner, table in tables.items():
        for name, renamed in table.items():
            called = getattr(owner, name)
            known = set(inspect.signature(called).parameters)
            assert known.isdisjoint(renamed), name
            assert {new for new in renamed.values() if new} <= known, name


@pytest.mark.slow
def test_no_old_name_or_module_is_one_of_todays_and_all_lead_to_one() -> None:
    for place, names in places.NAMES.items():
        module = importlib.import_module(f"keras.{place}")
        legacy = importlib.import_module(f"{places.LEGACY}.{place}")
        assert names.keys().isdisjoint(vars(module)), place
        assert all(hasattr(module, today) or hasattr(legacy, today) for today in names.values()), place
    for place, targets in places.MODULES.items():
        assert not _exists(place), place
        for target in filter(None, targets):
            importlib.import_module(f"{places.LEGACY}.{target}")


def _exists(place: str) -> bool:
    try:
        return importlib.util.find_spec(f"keras.{place}") is not None
    except ModuleNotFoundError:
        return False
