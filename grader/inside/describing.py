"""Describes a call of `Model.fit` completely, or says why that cannot be done.

Two fits of one description give the same result to the last bit; what else could make them differ must be
here, or must be refused. `rebuilt` is the check from the other side: a model that was built from a
description must describe itself in the same words.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import attributes, naming, surroundings, variables
from .arguments import UndescribableError, asked, validation

Facts = dict[str, Any]
MODELS = (("keras.src.models.sequential", "Sequential"), ("keras.src.models.functional", "Functional"))


@dataclass(frozen=True)
class Description:
    """`fit` is JSON; the tensors are variables, data and the state of Keras' global generator."""

    fit: Facts
    tensors: dict[str, Any]


def describe(model: Any, arguments: Mapping[str, Any], stop_at: int | None) -> Description:
    """UndescribableError where the result could depend on something that is not told."""
    if threading.current_thread() is not threading.main_thread():
        raise UndescribableError("it was called in a thread of the notebook")
    try:
        surroundings.check()
        call, data = asked(arguments, stop_at)
        facts, named = anatomy(model)
        random, generator = surroundings.randomness()
        settings = surroundings.settings()
    except (surroundings.UnusualError, attributes.ForeignError) as error:
        raise UndescribableError(str(error)) from error
    told, objects = facts["model"], facts["objects"]
    if _nameless(model, facts["compile"], call):
        told, objects = naming.neutral(told, objects)
    fit = {
        "model": told,
        "compile": facts["compile"],
        "arguments": call,
        "surroundings": settings,
        "state": {"objects": objects, "built": facts["built"], "random": random},
    }
    return Description(fit, variables.values(named) | data | generator)


def describe_evaluation(model: Any, arguments: Mapping[str, Any]) -> Description:
    """Of the model as a fit has left it, and of the data that the fit validated on. UndescribableError as above."""
    if getattr(model.optimizer, "use_ema", False):
        raise UndescribableError("its optimizer averages the weights when the training ends")
    try:
        call, data = validation(arguments)
        facts, named = anatomy(model)
        settings = surroundings.settings()
    except (surroundings.UnusualError, attributes.ForeignError) as error:
        raise UndescribableError(str(error)) from error
    fit = {
        "model": facts["model"],
        "compile": facts["compile"],
        "arguments": call,
        "surroundings": settings,
        "state": {"objects": facts["objects"], "built": facts["built"]},
    }
    lasting = {name: variable for name, variable in named.items() if not name.startswith("metrics")}
    return Description(fit, variables.values(lasting) | data)


def anatomy(model: Any) -> tuple[Facts, Facts]:
    """What the model is, before any fit; and its variables by name."""
    _check_model(model)
    named = variables.of(model)
    lasting = {name: variable for name, variable in named.items() if not name.startswith("metrics")}
    objects = attributes.described(model, lasting)  # first: it refuses what could not be serialised
    import keras

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            serialized = keras.saving.serialize_keras_object
            told = _bare(serialized(model))
            compiled = {name: _ordered(serialized(value)) for name, value in _compiled(model).items()}
        except UndescribableError:
            raise
        except Exception as error:  # a layer may raise anything where its configuration cannot be told
            raise UndescribableError(f"it cannot be serialised ({type(error).__name__}: {error})") from error
    built = {
        "optimizer": bool(model.optimizer is not None and model.optimizer.built),
        "variables": list(lasting),
    }
    facts = {"model": told, "compile": compiled, "objects": objects, "built": built}
    return facts, named


def _nameless(model: Any, compiled: Facts, call: Facts) -> bool:
    """Whether nothing addresses layers by their names, and no figure is called after one."""
    by_name = any(isinstance(part, dict) and "pairs" in part for part in compiled.values())
    by_name = by_name or '"dict"' in json.dumps(call)  # as `arguments` tells a dict of arrays
    return len(model.inputs) == 1 and len(model.outputs) == 1 and not by_name


def _check_model(model: Any) -> None:
    kind = (type(model).__module__, type(model).__name__)
    if kind not in MODELS:
        raise UndescribableError(f"its model is of the class '{kind[1]}', not Sequential or Functional")
    if not model.compiled or model.optimizer is None:
        raise UndescribableError("its model is not compiled")
    if not model.built:
        raise UndescribableError("its model has no weights before its first batch")


def _compiled(model: Any) -> Facts:
    """As it is now: a second `compile` without metrics leaves those of the first."""
    loss, metrics = model._compile_loss, model._compile_metrics  # noqa: SLF001 - Keras keeps them nowhere else
    return {
        "optimizer": model.optimizer,
        "loss": naming.word_for(getattr(loss, "_user_loss", None)),
        "loss_weights": getattr(loss, "_user_loss_weights", None),
        "metrics": getattr(metrics, "_user_metrics", None),
        "weighted_metrics": getattr(metrics, "_user_weighted_metrics", None),
        "run_eagerly": model.run_eagerly,
        "steps_per_execution": model.steps_per_execution,
        "jit_compile": model.jit_compile,
        "auto_scale_loss": False,  # an optimizer that scales the loss is serialised as the one that it is
    }


def _ordered(told: Any) -> Any:
    """Losses are summed in the order in which a dict has them, which JSON with sorted keys does not keep."""
    if isinstance(told, dict) and "class_name" not in told:
        _check_keys(told)
        return {"pairs": [[key, _ordered(part)] for key, part in told.items()]}
    return told


def reordered(told: Any) -> Any:
    match told:
        case {"pairs": pairs}:
            return {key: reordered(part) for key, part in pairs}
        case _:
            return told


def _bare(told: Any) -> Any:
    """Without the compile configuration, which a deserialiser would follow; this model's is told beside it."""
    match told:
        case dict():
            _check_keys(told)
            return {key: _bare(part) for key, part in told.items() if key != "compile_config"}
        case list() | tuple():
            return [_bare(part) for part in told]
        case _:
            return told


def _check_keys(told: Facts) -> None:
    for key in told:
        if not isinstance(key, str):
            raise UndescribableError(f"its configuration has a key that is no text, {key!r}")
