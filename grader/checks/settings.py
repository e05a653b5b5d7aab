"""The settings of one training, held against the reference's: what both `training` and the choice of a fit need.

A setting that the reference itself does not show (it trains from a tf.data pipeline, say) is not judged
and not counted. One that only the student's training does not show is judged as differing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checks.wording import quoted, shown, told_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grader.model import ArrayFacts, Fit

LEARNING_RATE_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Judged:
    """One setting; `why` is empty where it is the reference's."""

    name: str
    why: str = ""
    next_step: str = ""

    @property
    def matches(self) -> bool:
        return not self.why


def judge(found: Fit, expected: Fit) -> tuple[Judged, ...]:
    judged = (judgement(found, expected) for judgement in JUDGEMENTS)
    return tuple(each for each in judged if each is not None)


def _optimizer(found: Fit, expected: Fit) -> Judged:
    name = "optimizer"
    why = _differs(name, found.compiled.optimizer, expected.compiled.optimizer)
    return Judged(name, why, "look at the optimizer that model.compile is given")


def _learning_rate(found: Fit, expected: Fit) -> Judged | None:
    left, right = found.compiled.learning_rate, expected.compiled.learning_rate
    if left is None and right is None:
        return None  # two schedules, which need not be the same one
    same = left == right if left is None or right is None else _close(left, right)
    why = "" if same else f"learning rate is {_rate(left, right)}, expected {_rate(right, left)}"
    return Judged("learning rate", why, "look at the learning rate of the optimizer that model.compile is given")


def _close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=LEARNING_RATE_TOLERANCE)


def _rate(rate: float | None, other: float | None) -> str:
    return "a schedule" if rate is None else told_apart(rate, rate if other is None else other)


def _loss(found: Fit, expected: Fit) -> Judged:
    why = _differs("loss", found.compiled.loss, expected.compiled.loss)
    return Judged("loss", why, "look at the loss that model.compile is given")


def _batch_size(found: Fit, expected: Fit) -> Judged | None:
    if expected.batch_size is None:
        return None
    why = _differs("batch size", found.batch_size, expected.batch_size)
    return Judged("batch size", why, "look at the batch_size that model.fit is given")


def _epochs(found: Fit, expected: Fit) -> Judged:
    why = _differs("number of epochs", found.epochs, expected.epochs)
    return Judged("number of epochs", why, "look at the epochs that model.fit is given")


def _differs(name: str, found: str | int | None, expected: str | int) -> str:
    if found == expected:
        return ""
    return f"{name} is {'not known' if found is None else shown(str(found))}, expected {shown(str(expected))}"


def _x_train(found: Fit, expected: Fit) -> Judged | None:
    return _array("x_train", found.arrays.get("x"), expected.arrays.get("x"))


def _y_train(found: Fit, expected: Fit) -> Judged | None:
    given = found.arrays.get("x")
    pipeline = given if given is not None and given.unknown else None  # it brings the labels along, unseen too
    return _array("y_train", found.arrays.get("y", pipeline), expected.arrays.get("y"))


def _array(name: str, found: ArrayFacts | None, expected: ArrayFacts | None) -> Judged | None:
    if expected is None or not _seen(expected):
        return None
    why = array_difference(name, found, expected)
    return Judged(name, why, f"look at how {name} is prepared (its scaling, shape and type) before model.fit")


def _seen(array: ArrayFacts) -> bool:
    return not array.unknown and array.digest is not None and array.shape is not None


def array_difference(name: str, found: ArrayFacts | None, expected: ArrayFacts) -> str:
    """What sets `found` apart from `expected`, most telling fact first; empty where they hold the same values."""
    if found is None:
        return f"{name} was not given to model.fit"
    if not _seen(found):
        return f"{name} cannot be seen ({shown(found.unknown) or 'no facts'}): not judged, no points"
    if found.shape != expected.shape:
        return f"{name} has shape {quoted(found.shape)}, the reference's {quoted(expected.shape)}"
    if found.digest == expected.digest:
        return ""
    return f"{name} differs from the reference: {_range_difference(found, expected)}"


def _range_difference(found: ArrayFacts, expected: ArrayFacts) -> str:
    for left, right, words in ((found.high, expected.high, "reach"), (found.low, expected.low, "start at")):
        if left is not None and right is not None and not math.isclose(left, right, rel_tol=1e-5, abs_tol=1e-5):
            at = " at" if words == "start at" else ""
            return f"its values {words} {told_apart(left, right)}, the reference's{at} {told_apart(right, left)}"
    return "it has the same shape and range, but other values or another order"


def _validation(found: Fit, expected: Fit) -> Judged | None:
    """Arrays and split are one setting: what the training is validated on."""
    if any(not _seen(array) for array in _validation_arrays(expected).values()):
        return None
    why = _split_difference(found, expected) or _validation_difference(
        _validation_arrays(found), _validation_arrays(expected)
    )
    return Judged("validation data", why, "look at the validation data that model.fit is given")


def _validation_arrays(fit: Fit) -> Mapping[str, ArrayFacts]:
    return {key: array for key, array in fit.arrays.items() if key in ("validation x", "validation y")}


def _split_difference(found: Fit, expected: Fit) -> str:
    if math.isclose(found.validation_split, expected.validation_split, rel_tol=1e-6, abs_tol=1e-9):
        return ""
    left, right = found.validation_split, expected.validation_split
    return f"validation_split is {told_apart(left, right)}, expected {told_apart(right, left)}"


def _validation_difference(found: Mapping[str, ArrayFacts], expected: Mapping[str, ArrayFacts]) -> str:
    if found and not expected:
        return "validation data was given to model.fit, the reference has none"
    if expected and not found:
        return "no validation data was given to model.fit"
    differences = (array_difference(key, found.get(key), array) for key, array in expected.items())
    return next((difference for difference in differences if difference), "")


JUDGEMENTS: tuple[Callable[[Fit, Fit], Judged | None], ...] = (
    _optimizer,
    _learning_rate,
    _loss,
    _batch_size,
    _epochs,
    _x_train,
    _y_train,
    _validation,
)
