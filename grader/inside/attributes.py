"""The attributes of all the objects that a model is made of, as plain values.

A configuration does not tell everything: an attribute may have been set after construction, or a method
replaced. Hence the description of a fit holds all attributes beside the configuration, and the process that
trains compares them with those of the model that it has built from the configuration: where they differ, it
declines. What can be seen at once to be no part of Keras is refused here already.
"""

from __future__ import annotations

import math
import types
from typing import Any

import numpy as np

from . import naming

# What no training depends on, what the configuration tells whole, and what the process itself gives names to.
PASSED_OVER = frozenset(
    {
        *("name", "_name", "_path", "_parent_path", "_tracker", "_tracked", "_auto_config", "_lock", "_called"),
        *("_inbound_nodes", "_outbound_nodes", "_nodes", "_nodes_by_depth", "_operations", "_operations_by_depth"),
        *("_inputs", "_outputs", "_inputs_struct", "_outputs_struct", "_build_shapes_dict", "_input_spec"),
        *("_losses", "_loss_ids", "_losses_override", "_call_signature", "_saved_model_inputs_spec"),
        *(
            "_saved_model_arg_spec",
            "history",
            "stop_training",
            "stop_evaluating",
            "loss",
            "_compile_config",
            "_initializer",
            "_input_shape_arg",
        ),
        *("_compiled_trainable_state", "_eval_epoch_iterator", "_distribution_strategy", "_value"),
        *("_trainable_variables_indices", "_loss_tracker", "_var_key", "_mesh"),
    }
)
# Of these only what the student gave: the rest is made of it when the first batch is seen.
GIVEN = {
    "CompileLoss": ("_user_loss", "_user_loss_weights", "output_names", "reduction", "_dtype"),
    "CompileMetrics": ("_user_metrics", "_user_weighted_metrics", "output_names"),
}
OWN_FUNCTIONS = ("train_function", "test_function", "predict_function")
# Whether two layers have one of these or two equal ones changes nothing.
VALUES = tuple(f"keras.src.{part}." for part in ("dtype_policies", "regularizers", "constraints", "quantizers"))
LIBRARIES = ("keras", "tensorflow", "numpy")


class ForeignError(Exception):
    """Something is not Keras' own; the message says what."""


class Walk:
    """Visits every object once; `known` are the layers' and the optimizer's variables by name."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.objects: list[Any] = []
        self._names = {id(variable): name for name, variable in known.items()}
        self._numbers: dict[int, int] = {}
        self._places = [""]
        self._kinds = [""]

    def visit(self, value: Any) -> Any:  # noqa: PLR0911 - one return a kind of value
        match value:
            case None | bool() | int() | str():
                return _plain(value, self._places)
            case float():
                return value if math.isfinite(value) else f"{value}"
            case list() | tuple():
                return [self.visit(part) for part in value]
            case set() | frozenset():
                return sorted(str(self.visit(part)) for part in value)
            case dict():
                return [[self.visit(key), self.visit(part)] for key, part in value.items()]
            case np.ndarray():
                return [value.dtype.name, value.tolist()] if value.dtype.kind in "biu" else self._floats(value)
            case np.generic():
                return [value.dtype.name, self.visit(value.item())]
            case types.FunctionType() | types.MethodType() | types.BuiltinFunctionType():
                return self._function(value)
            case type() | types.ModuleType():
                return self._library(value if isinstance(value, type) else type(value), value.__name__)
            case _:
                return self._object(value)

    def _floats(self, value: Any) -> Any:
        if value.dtype.kind != "f":
            raise ForeignError(f"'{self._places[-1]}' holds an array of {value.dtype}")
        return [value.dtype.name, [float(part).hex() for part in value.ravel()], list(value.shape)]

    def _function(self, value: Any) -> str:
        inner = getattr(value, "__func__", value)
        code = getattr(inner, "__code__", None)
        if code is None:
            return self._library(inner, inner.__name__)
        file = str(code.co_filename)
        place = next((file.rfind(f"/{name}/") for name in LIBRARIES if f"/{name}/" in file), -1)
        if place < 0:
            raise ForeignError(f"'{self._places[-1]}' is a function of the notebook, '{inner.__qualname__}'")
        return f"{file[place:]}:{code.co_firstlineno} {inner.__qualname__}"

    def _library(self, kind: Any, name: str) -> str:
        module = str(getattr(kind, "__module__", None) or "")
        if module.partition(".")[0] not in (*LIBRARIES, "builtins", "types"):
            raise ForeignError(f"'{self._places[-1]}' is or holds a '{module}.{name}', no class of Keras")
        return f"{module}.{name}"

    def _object(self, value: Any) -> Any:
        if id(value) in self._names:
            number = self._names[id(value)]
            if id(value) not in self._numbers:
                self._numbers[id(value)] = len(self.objects)
                self._describe(value, number)
            return ["variable", number]
        kind = self._library(type(value), type(value).__qualname__)
        if not kind.startswith("keras.src.") or ".initializers." in kind:
            return kind  # shapes, dtypes and the like; an initializer has done its work
        if hasattr(value, "overwrite_with_gradient"):
            if self._kinds[-1].startswith("keras.src.metrics."):
                return ["metric's variable", value.dtype, list(value.shape)]  # a training begins by resetting it
            raise ForeignError(f"'{self._places[-1]}' holds a variable that is not the model's")
        if kind.startswith(VALUES):
            return [kind, self._facts(value, kind)]
        if id(value) not in self._numbers:
            self._numbers[id(value)] = len(self.objects)
            self._describe(value, kind)
        return ["object", self._numbers[id(value)]]

    def _describe(self, value: Any, kind: str) -> None:
        self.objects.append([kind])
        place = self.objects[-1]
        place.append(self._facts(value, kind))

    def _facts(self, value: Any, kind: str) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        self._kinds.append(kind)
        given = GIVEN.get(type(value).__name__)
        for name, part in sorted(vars(value).items()):
            if name in PASSED_OVER or name.startswith("_self_") or (given and name not in given):
                continue
            self._places.append(f"{type(value).__name__}.{name}")
            if name in OWN_FUNCTIONS:
                self.visit(part)  # Keras makes it anew where there is none: it must be Keras' own, no more
            else:
                facts[name] = self.visit(naming.word_for(part) if name == "_user_loss" else part)
            self._places.pop()
        self._kinds.pop()
        return facts


def _plain(value: Any, places: list[str]) -> Any:
    if type(value) not in (type(None), bool, int, str):
        raise ForeignError(f"'{places[-1]}' is a '{type(value).__name__}'")
    return value


def described(model: Any, known: dict[str, Any]) -> list[Any]:
    """Class and attributes of each object, the model first; ForeignError where one is not Keras' own."""
    walk = Walk(known)
    walk.visit(model)
    for metric in model.metrics:
        walk.visit(type(metric))
    return walk.objects


def resolved(model: Any) -> list[list[str]] | None:
    """Which metrics and losses the words that the student gave have come to mean; None before the first batch."""
    loss, metrics = model._compile_loss, model._compile_metrics  # noqa: SLF001 - Keras keeps them nowhere else
    if (loss is not None and not loss.built) or (metrics is not None and not metrics.built):
        return None
    losses = [part.loss for part in loss._flat_losses or ()] if loss is not None else []  # noqa: SLF001
    named = [(part, str(part.name)) for part in (metrics.metrics if metrics is not None else ())]
    listed = [*((part, "") for part in losses), *named]  # no figure is called after a loss
    return [[type(part).__name__, name, _function_name(part)] for part, name in listed]


def _function_name(value: Any) -> str:
    """What a metric or loss wraps, where it wraps a function."""
    inner = getattr(value, "_fn", None) or getattr(value, "fn", None)
    return str(getattr(inner, "__name__", ""))
