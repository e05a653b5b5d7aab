"""What goes by the name of one of Keras' parts and is none is named; what is merely the notebook's own is not.

All in forked children: TensorFlow must not begin to work in the process of the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from forked import answer

from grader.inside import imitations

pytestmark = pytest.mark.slow


def accuracy(true: Any, predicted: Any) -> Any:
    return keras.ops.mean(true * predicted)


def f1(true: Any, predicted: Any) -> Any:
    return keras.ops.mean(true * predicted)


def categorical_crossentropy(true: Any, predicted: Any) -> Any:
    return keras.ops.mean(true * predicted)


class Adadelta(keras.optimizers.Adam):  # type: ignore[misc]  # Keras' classes are Any to mypy
    pass


def said(metric: Callable[[], Any], loss: Any = "categorical_crossentropy", optimizer: Any = "Adam") -> list[str]:
    def act() -> list[str]:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="mine")
        model.compile(optimizer if isinstance(optimizer, str) else optimizer(), loss, metrics=[metric()])
        return list(imitations.of(model))

    found: list[str] = answer(act)
    return found


@pytest.mark.parametrize(
    "metric",
    [
        lambda: "accuracy",
        lambda: "acc",
        lambda: f1,
        lambda: "binary_accuracy",
        lambda: keras.metrics.categorical_accuracy,
        lambda: keras.metrics.CategoricalAccuracy(name="accuracy"),
        lambda: keras.metrics.SparseCategoricalAccuracy(name="acc"),
        lambda: keras.metrics.TopKCategoricalAccuracy(3),
        keras.metrics.Precision,
        lambda: keras.metrics.MeanMetricWrapper(f1, name="f1"),
    ],
)
def test_honest_metrics_are_passed_over(metric: Callable[[], Any]) -> None:
    assert said(metric) == []


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (lambda: accuracy, "the metric 'accuracy' is the notebook's own"),
        (lambda: keras.metrics.MeanMetricWrapper(f1, name="acc"), "the metric 'acc' is the notebook's own"),
        (
            lambda: keras.metrics.TopKCategoricalAccuracy(5, name="accuracy"),
            "the metric 'accuracy' is 'TopKCategoricalAccuracy'",
        ),
        (lambda: keras.metrics.BinaryAccuracy(name="accuracy"), "the metric 'accuracy' is 'BinaryAccuracy'"),
    ],
)
def test_a_metric_under_a_name_that_is_not_its_own_is_named(metric: Callable[[], Any], words: str) -> None:
    assert said(metric) == [words]


def test_right_digits_are_right_answers_where_there_are_two() -> None:
    assert said(lambda: keras.metrics.BinaryAccuracy(name="accuracy"), "binary_crossentropy") == []


def test_a_loss_and_an_optimizer_of_the_notebooks_own_are_named_only_where_keras_has_the_name() -> None:
    assert said(lambda: f1, categorical_crossentropy, Adadelta) == [
        "the loss 'categorical_crossentropy' is the notebook's own",
        "the optimizer 'Adadelta' is the notebook's own",
    ]
    assert said(lambda: f1, f1, keras.optimizers.Adam) == []


def test_methods_that_were_replaced_in_the_model_alone_are_named() -> None:
    def act() -> list[list[str]]:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="mine")
        model.compile("adam", "mse")
        model.call = model.call  # as it is replaced to be compiled
        before = list(imitations.of(model))
        model.evaluate = lambda *_, **__: {"loss": 0.1}
        return [before, list(imitations.of(model))]

    assert answer(act) == [[], ["'evaluate' of the model 'mine' was replaced"]]
