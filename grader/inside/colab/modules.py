"""Finders for modules that we make: what Colab alone has, and what is not installed here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Members = Mapping[str, Any]
Make = Callable[[], Members]


class Maker(Loader):
    def __init__(self, make: Make, children: Sequence[str]) -> None:
        self._make = make
        self._children = children

    def create_module(self, _: ModuleSpec) -> None:
        """As the import system does it."""

    def exec_module(self, module: ModuleType) -> None:
        """With all modules below it, as `google.colab.drive` is used without being imported."""
        vars(module).update(self._make())
        for child in self._children:
            importlib.import_module(child)


class Finder(MetaPathFinder):
    """`makers` by the full names of modules; what lies above others is a package."""

    def __init__(self, makers: Mapping[str, Make]) -> None:
        self._makers = makers

    def find_spec(self, fullname: str, *_: Sequence[str] | ModuleType | None) -> ModuleSpec | None:
        if fullname not in self._makers:
            return None
        children = [name for name in self._makers if name.rpartition(".")[0] == fullname]
        loader = Maker(self._makers[fullname], children)
        return ModuleSpec(fullname, loader, origin="grader", is_package=bool(children))


def install(first: Mapping[str, Make], last: Mapping[str, Make]) -> None:
    """`first` are found before any other of the same name, `last` where there is no other."""
    sys.meta_path.insert(0, Finder(first))
    sys.meta_path.append(Finder(last))
