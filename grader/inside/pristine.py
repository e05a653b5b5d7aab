"""Tells whether the libraries that a training runs through are as they were when they were imported.

Functions, classes and their members are compared by identity, Python functions by their code and defaults
too. Plain values are not: settings change lawfully, and those that matter are part of a fit's description.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = f"{Path(__file__).parent}/"
PACKAGES = ("keras", "tensorflow", "numpy")
# What IPython puts in place of Python's own, before and while cells run.
OF_IPYTHON = {"builtins": {"input", "exit", "quit", "display", "get_ipython"}}
OTHERS = ("builtins", "random", "math", "functools", "itertools", "collections")
# What Keras does not run through, and much of it.
UNUSED = (
    *("tensorflow.lite.", "tensorflow.core.", "tensorflow.tsl.", "tensorflow.dtensor.", "tensorflow.compiler."),
    *("tensorflow._api.v2.compat", "tensorflow._api.v2.raw_ops", "tensorflow._api.v2.__internal__", "numpy.f2py."),
    *(
        f"tensorflow.python.{name}"
        for name in (
            *("keras.", "tpu.", "feature_column.", "saved_model.", "tools.", "debug.", "profiler.", "summary."),
            *("training.", "layers.", "compiler.", "estimator.", "module.", "platform.", "checkpoint."),
            *("distribute.", "autograph.", "lib."),
        )
    ),
)
WRAPPERS = (property, classmethod, staticmethod)
Members = dict[str, Any]


class Snapshot:
    """Of the modules that are imported by the time it is taken, which must be before student code runs.

    Taking it costs 0.2 s, asking it 0.02 s; a copy in a forked process serves as well.
    """

    def __init__(self) -> None:
        self._members: list[tuple[str, Any, Members]] = []
        self._by_owner: dict[int, Members] = {}
        self._functions: list[tuple[str, Any, Any, Any, Any]] = []
        for name, owner in _owners():
            if id(owner) not in self._by_owner:
                passed = OF_IPYTHON.get(name, set())
                members = {key: value for key, value in _members(owner).items() if key not in passed}
                self._members.append((name, owner, members))
                self._by_owner[id(owner)] = members
                for key, value in members.items():
                    self._note(f"{name}.{key}", value)

    def changed(self) -> str:
        """What is no longer as it was, in words; empty where all is."""
        return next(self.changes(), "")

    def changes(self) -> Iterator[str]:
        """All of it."""
        for name, owner, members in self._members:
            yield from self._changes_of(name, owner, members)
        for name, function, code, defaults, keywords in self._functions:
            same = function.__code__ is code and function.__defaults__ is defaults
            if not same or function.__kwdefaults__ is not keywords:
                yield f"'{name}' was changed"

    def _changes_of(self, name: str, owner: Any, members: Members) -> Iterator[str]:
        now = vars(owner)
        for key, value in members.items():
            if now.get(key) is not value and not _lawful(value, now.get(key)):
                yield f"'{name}.{key}' was replaced"
        if isinstance(owner, type) and len(now) > len(members):
            for key in sorted(_members(owner).keys() - members.keys()):
                if not _ours(now[key]):
                    yield f"'{name}.{key}' was added"

    def adopt(self, owner: Any, key: str) -> None:
        """Take a member as it is now for the owner's own: the kernel put it there, before student code could."""
        if id(owner) in self._by_owner:  # looked up: going through all would copy them into a forked process
            self._by_owner[id(owner)][key] = vars(owner)[key]

    def _note(self, name: str, value: Any) -> None:
        inner = value
        if isinstance(value, (*WRAPPERS, types.MethodType)):  # other objects may answer for any attribute
            inner = getattr(value, "__func__", None) or getattr(value, "fget", None)
        if isinstance(inner, types.FunctionType):
            self._functions.append((name, inner, inner.__code__, inner.__defaults__, inner.__kwdefaults__))


@functools.cache
def taken() -> Snapshot:
    """The one of this process; where it was forked, that of the process before, had that taken one."""
    return Snapshot()


def _lawful(before: Any, now: Any) -> bool:
    """Modules come and go as they are loaded late; what is in them is compared by itself."""
    if isinstance(before, types.ModuleType):
        return now is None or isinstance(now, types.ModuleType)
    return _ours(now)


def _ours(value: Any) -> bool:
    """What the probe and its like put in place of Keras' own."""
    return isinstance(value, types.FunctionType) and value.__code__.co_filename.startswith(FOLDER)


def _owners() -> Iterator[tuple[str, Any]]:
    """Modules and the classes that are defined in them, with their names."""
    for name, module in list(sys.modules.items()):
        if isinstance(module, types.ModuleType) and _watched(name):
            yield name, module
            for key, value in list(vars(module).items()):
                if isinstance(value, type) and value.__module__ == name:
                    yield f"{name}.{key}", value


def _members(owner: Any) -> Members:
    # Modules that are loaded when they are first used are of classes of their own, and are replaced then.
    return {
        key: value
        for key, value in list(vars(owner).items())
        if callable(value) or isinstance(value, WRAPPERS) or type(value) is types.ModuleType
    }


def _watched(name: str) -> bool:
    return name in OTHERS or (name.partition(".")[0] in PACKAGES and not name.startswith(UNUSED))
