"""Names of Keras 1 and 2 that a notebook asks for, and today's Keras lacks.

Both ways in come last: the finder stands behind all others, and a module's `__getattr__` is asked for what is
not in the module. So nothing that today's Keras has is touched by them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from . import places
from .adapted import Adapted

Find = Callable[[str, str], Any]  # package and name -> the object, told as adapted; LookupError where it is none
Special = Mapping[str, Mapping[str, Find]]  # by place and name
CONTRIB = "tensorflow.contrib"
NO_CONTRIB = "{} is not in TensorFlow 2, which has no tf.contrib: use what Keras has for it"
ALIASES = {  # the longer before what it begins with
    "tensorflow.contrib.keras.api.keras": "tensorflow.keras",
    "tensorflow.contrib.keras.python.keras": "tensorflow.keras",
    "tensorflow.contrib.keras.api": "tensorflow.keras",
    "tensorflow.contrib.keras.python": "tensorflow.keras",
    "tensorflow.contrib.keras": "tensorflow.keras",
}


class Resolver:
    """`special` are names that are made here, such as those of the backend."""

    def __init__(self, adapted: Adapted, special: Special) -> None:
        self._adapted = adapted
        self._special = special

    def adorn(self, module: ModuleType, package: str, place: str) -> None:
        """Let a module of today answer for what it had: `__getattr__` is asked only for what it has not."""

        def __getattr__(name: str) -> Any:  # noqa: N807 - PEP 562
            try:
                return self.found(package, place, name)
            except LookupError:
                raise AttributeError(f"module '{module.__name__}' has no attribute '{name}'") from None

        vars(module)["__getattr__"] = __getattr__

    def found(self, package: str, place: str, name: str) -> Any:
        """LookupError where Keras 1 and 2 had no such name either; ImportError where it has no form today."""
        if name.startswith("__"):
            raise LookupError(name)
        whole = joined(place, name)
        if whole in places.GONE:
            raise refused(package, whole)
        if name in self._special.get(place, {}):
            return self._special[place][name](package, name)
        if name in places.NAMES.get(place, {}):
            today = places.NAMES[place][name]
            self._adapted.tell(f"{package}.{whole} is now {package}.{joined(place, today)}")
            return getattr(importlib.import_module(joined(package, place)), today)
        if whole in places.MODULES:
            return importlib.import_module(f"{package}.{whole}")
        return self._legacy(package, place, name)

    def _legacy(self, package: str, place: str, name: str) -> Any:
        module = importlib.import_module(joined(places.LEGACY, place))
        if name not in vars(module):
            raise LookupError(name)
        self._adapted.tell(f"{joined(package, place)}.{name} is taken from Keras' legacy names")
        return vars(module)[name]

    def fill(self, module: ModuleType, package: str, place: str) -> None:
        """A module that is no more, as the names of those that have its content today."""
        targets = places.MODULES[place]
        base = places.LEGACY if package == "keras" and place in targets else package
        sources = [importlib.import_module(joined(base, target)) for target in targets]
        for source in reversed(sources):
            vars(module).update({name: value for name, value in vars(source).items() if not name.startswith("_")})

        made = self._special.get(place, {})
        vars(module).update({name: find(package, name) for name, find in made.items()})

        def __getattr__(name: str) -> Any:  # noqa: N807 - PEP 562
            for target in targets:
                try:
                    return self.found(package, target, name)
                except LookupError:
                    continue
            if f"{place}.{name}" in places.MODULES:
                return importlib.import_module(f"{package}.{place}.{name}")
            raise AttributeError(f"module '{module.__name__}' has no attribute '{name}'")

        vars(module)["__getattr__"] = __getattr__
        today = joined("tensorflow.keras" if base == places.LEGACY else package, targets[0])
        self._adapted.tell(f"{package}.{place} is now {today}")


class OldModules(MetaPathFinder, Loader):
    """Finds modules that no finder has found. `made` are those whose content is written here, by their names."""

    def __init__(self, resolver: Resolver, made: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._resolver = resolver
        self._made = made

    def find_spec(self, fullname: str, *_: Sequence[str] | ModuleType | None) -> ModuleSpec | None:
        if fullname in self._made or _alias(fullname) or self._place(fullname):
            return ModuleSpec(fullname, self, is_package=True)
        if fullname.startswith(f"{CONTRIB}."):
            raise ModuleNotFoundError(NO_CONTRIB.format(fullname), name=fullname)
        return None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name in self._made:
            self._made[name](module)
        elif alias := _alias(name):
            source = importlib.import_module(alias)
            vars(module).update({key: value for key, value in vars(source).items() if not key.startswith("__")})
            vars(module)["__getattr__"] = lambda key: getattr(source, key)
        elif place := self._place(name):
            self._resolver.fill(module, *place)

    def _place(self, fullname: str) -> tuple[str, str] | None:
        for package in (*places.PACKAGES, places.LEGACY):
            place = fullname.removeprefix(f"{package}.")
            if place != fullname and _gone(place):
                raise refused(package, place)
            if place != fullname and place in places.MODULES:
                return package.replace(places.LEGACY, "tensorflow.keras"), place
        return None


def _alias(fullname: str) -> str:
    for old, today in ALIASES.items():
        if fullname == old or fullname.startswith(f"{old}."):
            return today + fullname.removeprefix(old)
    return ""


def _gone(place: str) -> bool:
    return place in places.GONE or place.rpartition(".")[0] in places.GONE


def refused(package: str, place: str) -> ModuleNotFoundError:
    """What a notebook gets for what cannot be adapted; an ImportError, as it would be without us."""
    why = places.GONE.get(place) or places.GONE[place.rpartition(".")[0]]
    return ModuleNotFoundError(f"{package}.{place} is not in Keras 3: {why}", name=f"{package}.{place}")


def today(package: str, places: Iterable[str]) -> Iterator[tuple[ModuleType, str]]:
    """The modules of a package that are imported, each with its place.

    Named one by one: going through all that is imported would copy it into a forked process.
    """
    for place in places:
        if joined(package, place) in sys.modules:
            yield sys.modules[joined(package, place)], place


def joined(*parts: str) -> str:
    return ".".join(filter(None, parts))
