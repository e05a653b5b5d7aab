"""The trainer: builds a model from a description, trains or evaluates it, and writes the result.

It runs in a sandbox of its own, in which no student code ever is. Only Keras' own classes are built, in safe
mode; and what was built must describe itself as the description does, else nothing is trained.
"""

from __future__ import annotations

import math
import os
import sys
import time
from itertools import zip_longest
from typing import Any

from . import (
    arguments,
    attributes,
    describing,
    frame,
    imitations,
    job,
    layers,
    progress_text,
    settings,
    surroundings,
    variables,
)
from .callbacks import stop_after
from .frame import Facts

REFUSED = 1
ABSENT = "absent"


class DifferentError(Exception):
    """The description does not lead to a model of the same description; the message says in what."""


def main(task: job.Job) -> None:
    """In a process that is confined already."""
    try:
        facts, arrays = frame.read(task.channels.notebook, task.limits.tensors)
        answer = evaluate if "evaluate" in facts else train
        encoded, tensors = answer(facts["fit"], arrays, task.device)
        frame.write(task.channels.evidence, encoded, tensors)
    except Exception as error:
        told = " ".join(str(error).split())[:1000]
        os.write(sys.stderr.fileno(), f"{type(error).__name__}: {told}\n".encode("utf-8", "replace"))
        raise SystemExit(REFUSED) from error


def train(fit: Facts, arrays: Facts, device: str = "cpu") -> tuple[bytes, Facts]:
    """Header and tensors of the result."""
    if device == "gpu":
        _grow()
    surroundings.apply(fit["surroundings"])
    model = build(fit, arrays)
    clock = progress_text.clock()
    call = {**arguments.given(fit["arguments"], arrays), "callbacks": [clock], "verbose": 0}
    if fit["arguments"]["stop_at"] is not None:
        stop_after(fit["arguments"]["stop_at"], model, call)
    surroundings.restore(fit["state"]["random"], arrays)
    history = model.fit(**call)
    return _result(model, history, clock)


def evaluate(fit: Facts, arrays: Facts, device: str = "cpu") -> tuple[bytes, Facts]:
    """The result for a model that is trained already: one figure a metric, named as a validation's, and layers."""
    if device == "gpu":
        _grow()
    surroundings.apply(fit["surroundings"])
    model = build(fit, arrays)
    call = fit["arguments"]
    data = {name: arguments.restructured(call.get(name), arrays) for name in arguments.EVALUATED}
    if call["validation_split"]:
        data = _last_part(data, call["validation_split"])
    began = time.perf_counter()
    found = model.evaluate(**data, batch_size=call["batch_size"], verbose=0, return_dict=True)
    facts = {
        "history": progress_text.figures({f"val_{name}": [value] for name, value in found.items()}),
        "epochs": [0],
        "seconds": [time.perf_counter() - began],
        "state": {
            "layers": layers.described(model),
            "loss": settings.loss_name(model.loss),
            "imitations": list(imitations.of(model)),
        },
    }
    return frame.header(facts, {}), {}


def _last_part(data: Facts, split: float) -> Facts:
    """What `fit` keeps back of its data to validate on, counted as Keras does."""
    from keras import tree

    begin = math.floor(len(tree.flatten(data["x"])[0]) * (1.0 - split))
    return {
        name: tree.map_structure(lambda array: array[begin:], part)
        for name, part in data.items()
        if part is not None
    }


def _grow() -> None:
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)  # noqa: FBT003 - TensorFlow's signature


def build(fit: Facts, arrays: Facts) -> Any:
    """The model as it was when the fit was described, compiled, with all its variables."""
    import keras

    told = frame.plain({"model": fit["model"], **fit["compile"]})  # a copy, as Keras takes its configurations apart
    built = {
        name: keras.saving.deserialize_keras_object(describing.reordered(part), safe_mode=True)
        for name, part in told.items()
    }
    model = built.pop("model")
    model.compile(**built)
    if fit["state"]["built"]["optimizer"]:
        model.optimizer.build(model.trainable_variables)
    compare(fit, model)
    # The metrics' own values are reset when an epoch begins, and until its first batch some have none yet.
    named = {name: part for name, part in variables.of(model).items() if not name.startswith("metrics")}
    misfit = variables.misfit(named, {name: arrays[name] for name in fit["state"]["built"]["variables"]})
    if misfit:
        raise DifferentError(misfit)
    variables.assign(named, arrays)
    return model


def compare(fit: Facts, model: Any) -> None:
    facts, _ = describing.anatomy(model)
    asked = {"model": fit["model"], "compile": fit["compile"], **fit["state"]}
    for name, found in frame.plain(facts).items():
        where = difference(asked[name], found, name)
        if where:
            raise DifferentError(where)


def difference(asked: Any, found: Any, place: str) -> str:
    """The first place where two JSON values differ, with both of them; empty where they are equal."""
    match asked, found:
        case dict(), dict():
            keys = [*asked, *(key for key in found if key not in asked)]
            pairs = [(asked.get(key, ABSENT), found.get(key, ABSENT), f"{place}.{key}") for key in keys]
        case list(), list():
            both = enumerate(zip_longest(asked, found, fillvalue=ABSENT))
            pairs = [(one, other, f"{place}[{number}]") for number, (one, other) in both]
        case _:
            same = type(asked) is type(found) and asked == found
            return "" if same else f"{place} is '{found!s:.200}' when built, '{asked!s:.200}' as described"
    return next(filter(None, (difference(*pair) for pair in pairs)), "")


def _result(model: Any, history: Any, clock: Any) -> tuple[bytes, Facts]:
    random, generator = surroundings.randomness()
    tensors = variables.values(variables.of(model)) | generator
    facts = {
        "history": progress_text.figures(history.history),
        "epochs": [int(epoch) for epoch in history.epoch],
        "seconds": clock.seconds,
        "state": {
            "first": clock.first,
            "logs": clock.logs,  # in the order in which Keras told them
            "steps": int(history.params["steps"]),
            "stopped": bool(model.stop_training),
            "random": random,
            "resolved": attributes.resolved(model),
        },
    }
    return frame.header(facts, tensors), tensors
