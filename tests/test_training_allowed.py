"""Real models of built-in parts may be described to Keras; whatever else a description names may not."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from training_frames import DENSE, FIT

from grader.training import allowed
from grader.training.allowed import fault

MODELS = Path(__file__).with_name("training_models.py")


def listed(table: Mapping[str, str]) -> dict[str, list[str]]:
    return {module: names.split() for module, names in table.items()}


@pytest.fixture(scope="module")
def keras() -> Any:
    public = listed(allowed.CLASSES)
    for module, names in listed(allowed.FUNCTIONS).items():
        public[module] = public.get(module, []) + names
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    ran = subprocess.run(
        [sys.executable, str(MODELS)],
        input=json.dumps({"public": public, "unnamed": listed(allowed.UNNAMED)}),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.slow
def test_everything_in_the_list_is_in_keras(keras: Any) -> None:
    assert keras["unknown"] == []


@pytest.mark.slow
def test_models_of_built_in_parts_are_allowed(keras: Any) -> None:
    assert {name: fault(description) for name, description in keras["fine"].items()} == dict.fromkeys(
        ["mnist", "residual", "recurrent", "nested", "attention", "mixed"], ""
    )


@pytest.mark.slow
def test_models_with_parts_of_ones_own_are_refused(keras: Any) -> None:
    why = " is not among the built-in objects that are trained outside the kernel"
    assert {name: fault(description) for name, description in keras["refused"].items()} == {
        "Lambda": f"'keras.layers.Lambda'{why}",
        "Own": f"'Own'{why}",
        "Registered": f"'Registered'{why}",
        "custom": f"'builtins.custom'{why}",
        "a lambda": "the activation is code, which is not trained outside the kernel",
        "StringLookup": f"'keras.layers.StringLookup'{why}",
        "Hashing": f"'keras.layers.Hashing'{why}",
        "quantised": f"'keras.dtype_policies.QuantizedDTypePolicy'{why}",
    }


def with_part(part: Any, place: str = "model") -> dict[str, Any]:
    """A fine description with one more thing deep inside."""
    description = copy.deepcopy(FIT)
    inner = description["model"]["config"]["layers"][0]["config"] if place == "model" else description[place]
    inner["deep"] = [{"er": part}]
    return description


def built(module: Any, name: Any, config: Any = None, **more: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": {} if config is None else config, **more}


GOOD = [
    None,
    "relu",
    DENSE,
    {"config": {}, "module": "os"},  # names no class, so Keras takes it as it is
    built("keras.src.models.functional", "Functional", registered_name="Functional"),
    built("keras.src.ops.numpy", "Add", registered_name=None),
    built("builtins", "function", "relu", registered_name="function"),
    built("builtins", "function", "mean_squared_error", registered_name=None),
    built("keras.activations", "function", "relu", registered_name="relu"),
    {"class_name": "__ellipsis__", "config": {}},
    {"class_name": "__slice__", "config": {"start": None, "stop": 2, "step": None}},
    {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 3], "dtype": "float32", "keras_history": ["a", 0, 0]},
    },
]

BAD = [
    built("keras.layers", "Lambda"),
    built("keras.layers", "TFSMLayer", {"filepath": "/etc"}),
    built("keras.layers", "TorchModuleWrapper"),
    built("keras.layers", "JaxLayer"),
    built("keras.layers", "TextVectorization", {"vocabulary": "/etc/passwd"}),
    built("keras.layers", "dense"),
    built("keras.src.layers.core.lambda_layer", "Lambda"),
    built("keras.src.layers", "Dense"),
    built("keras.utils", "FeatureSpace"),
    built("keras.quantizers", "AbsMaxQuantizer"),
    built("keras", "Model"),
    built("keras", "Sequential", [1]),
    built("keras", "Sequential", "config"),
    {"module": "keras", "class_name": "Sequential"},
    built("os", "system"),
    built("builtins", "eval"),
    built("", "Dense"),
    built(None, "Dense"),
    {"class_name": "Dense", "config": {}},
    built(["keras.layers"], "Dense"),
    built("keras.layers", ["Dense"]),
    built("keras.layers", {"class_name": "Dense"}),
    built("keras.layers", None),
    built("keras.layers", "Dense", registered_name="Dense"),
    built("keras.layers", "Dense", registered_name="package>Dense"),
    built("keras.layers", "Dense", registered_name={}),
    built("keras.src.models.functional", "Functional", registered_name="package>Functional"),
    built("keras.src.ops.core", "Map"),
    built("builtins", "function", "eval", registered_name="function"),
    built("builtins", "function", "get", registered_name="function"),
    built("builtins", "function", ["relu"], registered_name="function"),
    built("builtins", "function", "relu", registered_name="package>relu"),
    built("keras.utils", "function", "get_file", registered_name="get_file"),
    built("keras.config", "function", "enable_unsafe_deserialization"),
    built("keras.losses", "function", "deserialize"),
    built("__main__", "function", "relu"),
    built(None, "function", "relu"),
    {"class_name": "__lambda__", "config": {"value": "4wA="}},
    {"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}},
    {"class_name": "__tensor__", "config": {"value": [1], "dtype": "float32"}},
    {"class_name": "__bytes__", "config": {"value": "x"}},
    {"class_name": "__typespec__", "spec_name": "Dense", "module": "keras.layers", "config": []},
    {"class_name": "__slice__", "config": {"start": DENSE, "stop": None, "step": None}},
    {"class_name": "__slice__", "config": {"start": 1}},
    {"class_name": "__slice__", "config": None},
    {"class_name": "__ellipsis__", "config": {"a": 1}},
    {"class_name": "__keras_tensor__", "config": {"shape": 3, "dtype": "float32", "keras_history": ["a", 0, 0]}},
    {"class_name": "__keras_tensor__", "config": {"shape": [3], "dtype": {}, "keras_history": ["a", 0, 0]}},
    {"class_name": "__keras_tensor__", "config": {"shape": [3], "dtype": "x", "keras_history": [DENSE, 0, 0]}},
    {"class_name": "__keras_tensor__", "config": {"shape": [3.5], "dtype": "x", "keras_history": ["a", 0, 0]}},
    {"class_name": "", "config": {}},
    {"recurrent_activation": {"value": ["4wEA", None, None]}},
]


@pytest.mark.parametrize("place", sorted(FIT))
def test_each_object_is_looked_for_wherever_it_stands(place: str) -> None:
    assert [fault(with_part(part, place)) for part in GOOD] == [""] * len(GOOD)
    assert [part for part in BAD if not fault(with_part(part, place))] == []


def test_an_object_within_an_allowed_one_is_looked_at_too() -> None:
    inner: Any = built("keras.layers", "Lambda")
    for _ in range(9):
        inner = built("keras.layers", "TimeDistributed", {"layer": inner}, registered_name=None)
    assert fault(with_part(inner)).startswith("'keras.layers.Lambda' is not among")


def test_a_description_has_its_five_parts_and_a_model() -> None:
    keys = "the description must have exactly the keys arguments, compile, model, state, surroundings"
    part = "each part of the description must be an object"
    cases: list[tuple[Any, str]] = [
        (FIT, ""),
        ([], keys),
        (None, keys),
        ({}, keys),
        (FIT | {"more": {}}, keys),
        (FIT | {"state": []}, part),
        (FIT | {"model": None}, part),
        (FIT | {"model": DENSE}, "the model is 'keras.layers.Dense', expected a Sequential or a functional model"),
        (FIT | {"model": {}}, "the model is something without a name, expected a Sequential or a functional model"),
        (
            FIT | {"model": FIT["model"] | {"class_name": ["Sequential"]}},
            "the model is 'keras', expected a Sequential or a functional model",
        ),
    ]
    assert [fault(description) for description, _ in cases] == [why for _, why in cases]


def test_a_name_that_cannot_be_shown_is_not_repeated() -> None:
    long, odd = built("x" * 1000, "Dense"), built("a\nb", "Dense")
    assert fault(with_part(long)).startswith(f"'{'x' * 59}…' is not among")
    assert fault(with_part(odd)).startswith("something without a name is not among")


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: Any = built("keras.layers", "Lambda")
    for _ in range(5000):
        deep = [deep]
    assert fault(with_part(deep)) == "the description is nested more than 64 levels deep"
