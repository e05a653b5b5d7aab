"""Lets notebooks written for Keras 1 and 2 run on today's Keras, where the rubric says `compat: keras2`.

Theory of operation. Old modules are found by a finder behind all others, and old names by the `__getattr__` of
today's modules, so both are asked only for what today's Keras lacks (`resolving`, with the tables of
`places`). Old arguments are translated before today's `__init__` and methods see them (`constructors`,
`optimizers`, `training`, with the tables of `words`); the objects are of Keras' own classes and of no others,
so a training can be described to the shared trainer as any. Results that are read in the old way answer in it
too (`figures`, `labels`). Each adaptation is told once, when it is first used (`adapted`).

It is put in place before student code can reach Keras, and `pristine` is told of it, so that it is not taken
for the notebook's doing. Like all in the kernel it can be undone or imitated by the notebook, and nobody
trusts it.

What this package dislikes about itself: one class serves `keras` and `tf.keras`, whose defaults differed, so a
word like 'adadelta' has to be understood from what the notebook's cells import (`origins`).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from ..events import Events
from . import (
    backends,
    checkpoints,
    constructors,
    figures,
    labels,
    layers,
    numpys,
    optimizers,
    places,
    plots,
    resolving,
    saving,
    tensorflow1,
    training,
)
from .adapted import Adapted
from .origins import Origins

NAME = "keras2"  # as the rubric has it
Action = Callable[[Any], None]
_OLD_OPTIMIZERS = tuple(name.lower() for name in optimizers.NAMES)
_TENSORFLOWS = "tensorflow.keras"
# Modules of today's in which notebooks look for names.
PLACES = (
    *("layers", "models", "optimizers", "optimizers.legacy", "losses", "metrics", "callbacks", "initializers"),
    *("regularizers", "constraints", "activations", "backend", "utils", "datasets", "applications", "wrappers"),
    *("preprocessing", "preprocessing.image", "preprocessing.sequence", "preprocessing.text"),
)


class Past:
    """`files` are the assignment's data by name, `events` tells the grader; both are the job's."""

    def __init__(self, files: Mapping[str, str], events: Events | None = None) -> None:
        self.adapted = Adapted(events)
        self.origins = Origins(self.adapted)
        small = {
            name: lambda package, name: optimizers.small(package, name, self.adapted) for name in _OLD_OPTIMIZERS
        }
        special = {
            "backend": backends.names(self.adapted),
            "layers": {"merge": backends.merge},
            "optimizers": small,
            "utils.np_utils": {"to_categorical": lambda *_: labels.one_hot(self.adapted.tell)},
        }
        self._resolver = resolving.Resolver(self.adapted, special)
        made = tensorflow1.modules(files, self.adapted)
        self._finder = resolving.OldModules(self._resolver, made)

    def begin(self, shell: Any) -> None:
        """Before the first cell; `shell` is IPython's."""
        self.find()
        self.origins.follow(shell)
        numpys.install(self.adapted)

    def find(self) -> None:
        sys.meta_path.append(self._finder)

    def actions(self) -> dict[str, Action]:
        """What to do right after an import of each of these, and after all that others do then."""
        names = [f"{_TENSORFLOWS}.{place}" for place in PLACES]
        return {
            "tensorflow": self._after_tensorflow,
            "keras": self._after_keras,
            _TENSORFLOWS: self._after_tensorflows_keras,
            **dict.fromkeys(names, self._after_tensorflows_module),
        }

    def _after_tensorflow(self, tensorflow: ModuleType) -> None:
        tensorflow1.adorn(tensorflow, self.adapted)

    def _after_keras(self, keras: Any) -> None:
        importlib.import_module(f"{places.LEGACY}.optimizers")  # else `tf.keras.optimizers` is `keras.optimizers`
        for package, shown in ((places.LEGACY, _TENSORFLOWS), ("keras", "keras")):
            for module, place in resolving.today(package, ("", *PLACES)):
                self._resolver.adorn(module, shown, place)
        constructors.install(self.adapted)
        optimizers.install(self.adapted)
        figures.install(self.adapted)
        layers.install(self.adapted)
        checkpoints.install(self.adapted)
        plots.install(self.adapted)
        saving.install(self.adapted)
        training.install(self.adapted, self.origins)
        constructors.convolutions(keras.layers, self.adapted)
        optimizers.standalone(keras.optimizers, self.adapted)
        optimizers.legacy(keras.optimizers.legacy, self.adapted)

    def _after_tensorflows_keras(self, module: ModuleType) -> None:
        self._resolver.adorn(module, _TENSORFLOWS, "")
        importlib.import_module(f"{_TENSORFLOWS}.optimizers")  # as above

    def _after_tensorflows_module(self, module: ModuleType) -> None:
        place = module.__name__.removeprefix(f"{_TENSORFLOWS}.")
        self._resolver.adorn(module, _TENSORFLOWS, place)
        if place == "optimizers.legacy":
            optimizers.legacy(module, self.adapted)
