"""Actions that run right after an import, and imports that leave no trace in random states."""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from grader.inside.imports import AfterImport, in_turn, watch

NOISY = """
import random, numpy
random.random(), numpy.random.random()
random.seed(99), numpy.random.seed(99)
value = 1
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path; what is imported and watched during the test is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_the_action_runs_once_after_the_module_is_whole(modules: Path) -> None:
    (modules / "watched_one.py").write_text(NOISY, "utf-8")
    (modules / "unwatched_one.py").write_text("", "utf-8")
    seen: list[tuple[str, int]] = []

    def action(module: ModuleType) -> None:
        seen.append((module.__name__, module.value))

    watch({"watched_one": action})
    importlib.import_module("unwatched_one")
    assert seen == []
    module = importlib.import_module("watched_one")
    importlib.reload(module)
    assert seen == [("watched_one", 1)]


def test_an_import_leaves_random_states_as_they_were(modules: Path) -> None:
    (modules / "noisy_one.py").write_text(NOISY, "utf-8")
    watch({"noisy_one": lambda _: None})
    before = random.getstate(), str(np.random.get_state())  # noqa: NPY002 - what notebooks draw from
    importlib.import_module("noisy_one")
    assert (random.getstate(), str(np.random.get_state())) == before  # noqa: NPY002 - as above


def test_asking_whether_a_module_is_there_is_no_import(modules: Path) -> None:
    (modules / "asked_one.py").write_text("value = 1", "utf-8")
    seen: list[str] = []
    watch({"asked_one": lambda module: seen.append(module.__name__)})
    assert importlib.util.find_spec("asked_one") is not None
    assert importlib.util.find_spec("asked_one") is not None
    assert seen == []
    importlib.import_module("asked_one")
    assert seen == ["asked_one"]


def test_a_module_that_is_missing_or_fails_raises_as_ever(modules: Path) -> None:
    (modules / "failing_one.py").write_text("1 / 0", "utf-8")
    seen: list[str] = []
    watch(dict.fromkeys(("missing_one", "failing_one"), lambda module: seen.append(module.__name__)))
    with pytest.raises(ModuleNotFoundError, match="No module named 'missing_one'"):
        importlib.import_module("missing_one")
    with pytest.raises(ZeroDivisionError):
        importlib.import_module("failing_one")
    (modules / "failing_one.py").write_text("value = 2", "utf-8")
    importlib.invalidate_caches()
    importlib.import_module("failing_one")
    assert seen == ["failing_one"]


def test_a_watched_import_within_a_watched_import_runs_both_actions_inner_first(modules: Path) -> None:
    (modules / "outer_one.py").write_text("import inner_one", "utf-8")
    (modules / "inner_one.py").write_text("", "utf-8")
    seen: list[str] = []
    watch(dict.fromkeys(("outer_one", "inner_one"), lambda module: seen.append(module.__name__)))
    importlib.import_module("outer_one")
    assert seen == ["inner_one", "outer_one"]


def test_two_sets_of_actions_act_one_after_the_other(modules: Path) -> None:
    for name in ("both_one", "second_one"):
        (modules / f"{name}.py").write_text("", "utf-8")
    seen: list[str] = []
    first = {"both_one": lambda _: seen.append("first")}
    second = {name: lambda module: seen.append(f"second {module.__name__}") for name in ("both_one", "second_one")}
    watch(in_turn(first, {}, second))
    for name in ("second_one", "both_one"):
        importlib.import_module(name)
    assert seen == ["second second_one", "first", "second both_one"]


def test_modules_that_are_not_watched_are_left_to_the_other_finders() -> None:
    assert AfterImport({"keras": lambda _: None}).find_spec("json") is None
