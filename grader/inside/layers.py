"""A Keras model -> plain facts about its layers."""

from __future__ import annotations

from typing import Any

MAX_LAYERS = 500
MAX_TEXT = 200
MAX_ITEMS = 16
MAX_WHOLE = 2**53  # larger ones are seeds, and no JSON number everywhere
SKIPPED = {"name", "dtype", "trainable"}  # say nothing about what the layer computes, or are judged elsewhere

Facts = dict[str, Any]


def described(model: Any) -> list[Facts]:
    return [_layer(layer) for layer in model.layers[:MAX_LAYERS]]


def _layer(layer: Any) -> Facts:
    return {
        "name": str(layer.name)[:MAX_TEXT],
        "kind": type(layer).__name__[:MAX_TEXT],
        "output_shape": _output_shape(layer)[:MAX_TEXT],
        "parameters": int(layer.count_params()) if layer.built else 0,
        "settings": _settings(layer),
    }


def _output_shape(layer: Any) -> str:
    """As Keras' own summary writes it: of the layer's last use, "?" where it was never used."""
    nodes = getattr(layer, "_inbound_nodes", [])
    if not nodes:
        return _built_shape(layer)
    shapes = [_shape(tensor.shape) for tensor in nodes[-1].output_tensors]
    return shapes[0] if len(shapes) == 1 else f"[{', '.join(shapes)}]"


def _built_shape(layer: Any) -> str:
    """Of a layer in a subclassed model, which has no graph: what it makes of the shape it was built for."""
    built = getattr(layer, "_build_shapes_dict", None)
    if not built:
        return "?"
    try:
        return _shape(layer.compute_output_shape(**built))
    except (NotImplementedError, TypeError, ValueError):
        return "?"


def _shape(shape: Any) -> str:
    return f"({', '.join(str(size) for size in shape)})"


def _settings(layer: Any) -> Facts:
    try:
        config = layer.get_config()
    except NotImplementedError:  # Keras' word for a layer of the student's own without a config
        return {}
    return {
        str(key)[:MAX_TEXT]: list(value) if isinstance(value, list | tuple) else value
        for key, value in config.items()
        if key not in SKIPPED and _plain(value)
    }


def _plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= MAX_ITEMS and all(_scalar(item) for item in value)
    return _scalar(value)


def _scalar(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if type(value) is int:
        return abs(value) < MAX_WHOLE
    return value is None or type(value) in (bool, float)
