"""What layers told of themselves: `layer.output_shape` and `layer.input_shape`."""

from __future__ import annotations

import sys
from typing import Any

from .adapted import Adapted

LIBRARIES = ("keras.", "tensorflow.")
TENSORS = {"output_shape": "output", "input_shape": "input"}


class Shape:
    """Stands behind whatever a layer, or a class of the notebook's, has under that name itself."""

    def __init__(self, name: str, adapted: Adapted) -> None:
        self._name = name
        self._adapted = adapted

    def __get__(self, layer: Any, kind: type) -> Any:
        """AttributeError, as without us, where the layer has not been called, and where it is Keras that asks."""
        asks = str(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001 - Python has no other name for it
        if layer is None or not layer._inbound_nodes or asks.startswith(LIBRARIES):  # noqa: SLF001 - as in Keras
            raise AttributeError(f"'{kind.__name__}' object has no attribute '{self._name}'")
        from keras import tree

        tensor = TENSORS[self._name]
        self._adapted.tell(f"layer.{self._name} is now layer.{tensor}.shape")
        return tree.map_structure(lambda part: tuple(part.shape), getattr(layer, tensor))


def install(adapted: Adapted) -> None:
    from keras.src.layers.layer import Layer

    for name in TENSORS:
        setattr(Layer, name, Shape(name, adapted))
