"""Tells whether the libraries that a training runs through are as they were when they were imported.

Functions, classes and their members are compared by identity, Python functions by their code and defaults
too. Plain values are not: settings change lawfully, and those that matter are part of a fit's description.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

PACKAGES = ("keras", "tensorflow", "numpy")
OTHERS = ("builtins", "random", "math", "functools", "itertools", "collections")
# What Keras does not run through, and much of it.
UNUSED = ("tensorflow.python.keras.", "tensorflow.lite.", "tensorflow.core.", "tensorflow.tsl.", "numpy.f2py.")
MEMBERS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    type,
    property,
    classmethod,
    staticmethod,
)


Members = dict[str, Any]


class Snapshot:
    """Of the modules that are imported by the time it is taken, which must be before student code runs.

    Taking it costs 0.2 s, asking it 0.02 s; a copy in a forked process serves as well.
    """

    def __init__(self) -> None:
        self._members: list[tuple[str, Any, Members]] = []
        self._functions: list[tuple[str, Any, Any, Any, Any]] = []
        seen: set[int] = set()
        for name, owner in _owners():
            if id(owner) not in seen:
                seen.add(id(owner))
                members = _members(owner)
                self._members.append((name, owner, members))
                for key, value in members.items():
                    self._note(f"{name}.{key}", value)

    def accept(self) -> None:
        """Take what was replaced or added up to now for what belongs there: the grader's own changes."""
        for name, owner, members in self._members:
            now = vars(owner)
            replaced = [key for key, value in members.items() if now.get(key) is not value]
            added = _members(owner).keys() - members.keys() if isinstance(owner, type) else ()
            for key in (*replaced, *added):
                members[key] = now.get(key)
                self._note(f"{name}.{key}", members[key])

    def changed(self) -> str:
        """What is no longer as it was, in words; empty where all is."""
        for name, owner, members in self._members:
            now = vars(owner)
            for key, value in members.items():
                if now.get(key) is not value:
                    return f"'{name}.{key}' was replaced"
            if isinstance(owner, type) and len(now) > len(members):
                added = sorted(_members(owner).keys() - members.keys())
                if added:
                    return f"'{name}.{added[0]}' was added"
        for name, function, code, defaults, keywords in self._functions:
            same = function.__code__ is code and function.__defaults__ is defaults
            if not same or function.__kwdefaults__ is not keywords:
                return f"'{name}' was changed"
        return ""

    def _note(self, name: str, value: Any) -> None:
        inner = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
        if isinstance(inner, types.FunctionType):
            self._functions.append((name, inner, inner.__code__, inner.__defaults__, inner.__kwdefaults__))


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
        if isinstance(value, MEMBERS) or type(value) is types.ModuleType
    }


def _watched(name: str) -> bool:
    return name in OTHERS or (name.partition(".")[0] in PACKAGES and not name.startswith(UNUSED))
