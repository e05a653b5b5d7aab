"""One description for models that differ in nothing but what their layers and losses are called.

Names number what a notebook has built before, or are a student's taste; no digit depends on them, unless outputs
or inputs are addressed by them. Without this, half a class of equal trainings would be done again.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

Facts = dict[str, Any]
HISTORY = 3  # parts of what tells a tensor's origin: layer, node, output


def neutral(model: Facts, objects: list[Any]) -> tuple[Facts, list[Any]]:
    """A model's serialised form and its objects' attributes, with layers named by their places."""
    names = {model["config"]["name"]: "model"}
    for place, layer in enumerate(model["config"]["layers"]):
        names.setdefault(layer["config"]["name"], f"layer_{place}")
    return _renamed(model, names), _renamed(objects, names)


def _renamed(told: Any, names: dict[str, str]) -> Any:
    match told:
        case dict():
            return {key: _named(key, part, names) for key, part in told.items()}
        case [str(name), int(), int()] if name in names and len(told) == HISTORY:
            return [names[name], *told[1:]]
        case list() | tuple():
            return [_renamed(part, names) for part in told]
        case _:
            return told


def _named(key: str, part: Any, names: dict[str, str]) -> Any:
    match part:
        case str() if key == "name" and part in names:
            return names[part]
        case list() if key == "output_names":
            return [names.get(name, name) for name in part]
        case _:
            return _renamed(part, names)


def word_for(loss: Any) -> Any:
    """The name by which Keras knows one of its loss functions, for the function as for its other names."""
    import keras

    if not isinstance(loss, str | FunctionType):
        return loss
    try:
        known = keras.losses.get(loss)
        name = getattr(known, "__name__", "")
        return name if isinstance(known, FunctionType) and keras.losses.get(name) is known else loss
    except (ValueError, TypeError):
        return loss  # compile has taken it, or will say what is wrong with it
