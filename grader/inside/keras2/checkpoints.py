"""Files of weights and models under the names that notebooks gave them.

Today's `save_weights` wants names that end in `.weights.h5`, and `ModelCheckpoint` one of these or `.keras`.
Under another name in HDF5's endings, weights are written in the form of then, which today's `load_weights`
reads.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from . import figures
from .adapted import Adapted

ENDINGS = (".h5", ".hdf5")
TODAY = ".weights.h5"
WHOLE = (".keras", ".h5")
SAID = "weights in '.h5' and '.hdf5' files are written in the form of Keras 2"


def install(adapted: Adapted) -> None:
    from keras.src.callbacks.model_checkpoint import ModelCheckpoint
    from keras.src.models.model import Model

    Model.save_weights = _save_weights(Model.save_weights, adapted)
    ModelCheckpoint.__init__ = _checkpoint(ModelCheckpoint.__init__, adapted)
    ModelCheckpoint._get_file_path = _named(ModelCheckpoint._get_file_path)  # noqa: SLF001 - where names are made


def _save_weights(original: Any, adapted: Adapted) -> Any:
    @functools.wraps(original)
    def save_weights(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        name = str(filepath)
        if not name.endswith(ENDINGS) or name.endswith(TODAY):
            return original(model, filepath, *args, **kwargs)
        import h5py
        from keras.src.legacy.saving import legacy_h5_format

        adapted.tell(SAID)
        with h5py.File(name, "w") as file:
            return legacy_h5_format.save_weights_to_hdf5_group(file, model)

    return save_weights


def _named(original: Any) -> Any:
    """`{val_acc:.2f}` in a file's name, whichever of its names the metric has."""

    @functools.wraps(original)
    def _get_file_path(self: Any, epoch: int, batch: int | None, logs: Mapping[str, Any] | None) -> Any:
        known = dict(logs or {})
        others = {other: value for name, value in known.items() for other in figures.others(name)}
        return original(self, epoch, batch, others | known)

    return _get_file_path


def _checkpoint(original: Any, adapted: Adapted) -> Any:
    """`__init__` is given a name that it takes, and the notebook's own is set afterwards."""

    @functools.wraps(original)
    def __init__(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - what it stands for
        weights = bool(kwargs.get("save_weights_only"))
        name = str(filepath)
        if name.endswith(ENDINGS) and not name.endswith(TODAY if weights else WHOLE):
            adapted.tell(SAID)
            original(self, f"checkpoint{TODAY}" if weights else "checkpoint.h5", *args, **kwargs)
            self.filepath = name
        else:
            original(self, filepath, *args, **kwargs)

    return __init__
