"""Names of `keras.backend` that were settings or belonged to TensorFlow 1."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from .adapted import Adapted
from .resolving import Find

FORMATS = {"tf": "channels_last", "th": "channels_first"}


def names(adapted: Adapted) -> Mapping[str, Find]:
    def told(words: str, make: Callable[[], Any]) -> Find:
        def find(_package: str, _name: str) -> Any:
            adapted.tell(words)
            return make()

        return find

    module = "keras.backend.tensorflow_backend"
    return {
        "image_dim_ordering": told("image_dim_ordering is now image_data_format", lambda: image_dim_ordering),
        "set_image_dim_ordering": told("set_image_dim_ordering is now set_image_data_format", lambda: set_ordering),
        "tensorflow_backend": lambda package, _: importlib.import_module(f"{package}.backend.tensorflow_backend"),
        "function": told("keras.backend.function is now a model's call", lambda: function),
        "set_value": told("set_value is now the variable's own assign", lambda: set_value),
        "set_session": told("set_session is no more and changes nothing", lambda: nothing),
        "get_session": told("get_session is now tf.compat.v1.Session", lambda: session),
        "learning_phase": told("learning_phase is no more and says 0", lambda: learning_phase),
        "set_learning_phase": told("set_learning_phase is no more and changes nothing", lambda: nothing),
        "manual_variable_initialization": told("manual_variable_initialization is no more", lambda: nothing),
        "_get_available_gpus": told(f"{module} is now tf.config", lambda: gpus),
        "tf": told("keras.backend.tf is now tensorflow", lambda: importlib.import_module("tensorflow")),
    }


def image_dim_ordering() -> str:
    import keras

    return next(old for old, today in FORMATS.items() if today == keras.config.image_data_format())


def set_ordering(dim_ordering: str) -> None:
    import keras

    keras.config.set_image_data_format(FORMATS.get(dim_ordering, dim_ordering))


def function(inputs: Any, outputs: Any, *_: Any, **__: Any) -> Callable[[Any], list[Any]]:
    """From values to values, as arrays. Among the inputs there may be a learning phase, which is a number today."""
    import keras

    tensors = [part for part in inputs if keras.backend.is_keras_tensor(part)]
    wanted = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    model = keras.Model(tensors, wanted)

    def call(values: Any) -> list[Any]:
        given = [np.asarray(value) for value in values[: len(tensors)]]
        phases = values[len(tensors) :]
        found = model(given, training=bool(phases and phases[0]))
        return [np.asarray(part) for part in (found if isinstance(found, list | tuple) else [found])]

    return call


def set_value(variable: Any, value: Any) -> None:
    """Keras' own legacy one fails on Keras' own variables."""
    variable.assign(value)


def nothing(*_: Any, **__: Any) -> None:
    """There are no sessions any more, and layers are told what phase it is."""


def learning_phase() -> int:
    """Outside of a training, as here, it was 0."""
    return 0


def session() -> Any:
    import tensorflow as tf

    return tf.compat.v1.Session()


def gpus() -> list[str]:
    import tensorflow as tf

    return [device.name for device in tf.config.list_logical_devices("GPU")]


class Merge(ModuleType):
    """`keras.layers.merge` was a function in Keras 1, and a module in Keras 2."""

    def __call__(self, inputs: Any, mode: str = "sum", concat_axis: int = -1, name: str | None = None) -> Any:
        import keras

        kinds = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate"}
        if mode not in kinds:
            listed = ", ".join(f"'{each}'" for each in kinds)
            raise ValueError(f"merge with the mode '{mode!s:.40}' has no form in Keras 3; these have: {listed}")
        settings = {"axis": concat_axis} if mode == "concat" else {}
        return getattr(keras.layers, kinds[mode])(name=name, **settings)(inputs)


def merge(package: str, _name: str) -> Any:
    module = importlib.import_module(f"{package}.layers.merge")
    module.__class__ = Merge
    return module
