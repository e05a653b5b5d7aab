"""Runs an action right after a module was first imported, and lets imports leave no trace in random states.

TensorFlow and Keras draw from Python's generator while they are imported. Keras' layers take their seeds
from the same generator, so without this a notebook's figures would depend on what it imported, and when.
"""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np

Action = Callable[[ModuleType], None]


class AfterImport(MetaPathFinder):
    """Watches the import of the top-level modules in `actions`."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self._actions = dict(actions)
        self._searching: set[str] = set()

    def find_spec(self, fullname: str, *_: Sequence[str] | ModuleType | None) -> ModuleSpec | None:
        """Find the module by the other finders; being asked is not yet being imported."""
        if fullname not in self._actions or fullname in self._searching:
            return None
        self._searching.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching.discard(fullname)
        if spec is not None and spec.loader is not None:
            # An instance attribute before the class' method: the import system asks the instance.
            vars(spec.loader)["exec_module"] = self._watched(spec.loader.exec_module)
        return spec

    def _watched(self, execute: Action) -> Action:
        def exec_module(module: ModuleType) -> None:
            python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - what notebooks draw from
            execute(module)
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002 - as above
            action = self._actions.pop(module.__name__, None)
            if action is not None:  # a reload has none left
                action(module)

        return exec_module


def watch(actions: Mapping[str, Action]) -> None:
    """Act after the import of each of these modules; at once where it has been imported already."""
    for name in actions.keys() & sys.modules.keys():
        actions[name](sys.modules[name])
    sys.meta_path.insert(0, AfterImport({name: actions[name] for name in actions.keys() - sys.modules.keys()}))


def in_turn(*actions: Mapping[str, Action]) -> dict[str, Action]:
    """One action for each module: those that it has in each of the mappings, in their order."""

    def act(name: str) -> Action:
        steps = [each[name] for each in actions if name in each]

        def all_steps(module: ModuleType) -> None:
            for step in steps:
                step(module)

        return all_steps

    return {name: act(name) for each in actions for name in each}
