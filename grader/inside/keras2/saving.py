"""Whole models under names of any kind: then a folder, or HDF5 whatever the name; today a file in `.keras`."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import everywhere
from .adapted import Adapted

KNOWN = (".keras", ".h5", ".hdf5", ".zip")
ADDED = ".keras"
SAID = "models saved without '.keras' or '.h5' are '.keras' files"


def install(adapted: Adapted) -> None:
    from keras.src.models.model import Model
    from keras.src.saving import saving_api

    Model.save = _save(Model.save, adapted)
    everywhere.replace("save_model", saving_api.save_model, _save(saving_api.save_model, adapted))
    everywhere.replace("load_model", saving_api.load_model, _load(saving_api.load_model))


def _save(original: Callable[..., Any], adapted: Adapted) -> Callable[..., Any]:
    @functools.wraps(original)
    def save(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        name = _name(filepath)
        if not name or name.endswith(KNOWN):
            return original(model, filepath, *args, **kwargs)
        adapted.tell(SAID)
        if kwargs.get("save_format") == "tf":
            kwargs.pop("save_format")  # a folder, then
        return original(model, f"{name}{ADDED}", *args, **kwargs)

    return save


def _load(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_model(filepath: Any, *args: Any, **kwargs: Any) -> Any:
        name = _name(filepath)
        written = f"{name}{ADDED}"
        ours = name and not name.endswith(KNOWN) and not Path(name).exists() and Path(written).exists()
        return original(written if ours else filepath, *args, **kwargs)

    return load_model


def _name(filepath: Any) -> str:
    """Empty for what is no path, such as an open file."""
    return os.fspath(filepath).rstrip("/") if isinstance(filepath, str | os.PathLike) else ""
