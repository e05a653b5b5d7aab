"""A recording's seed is mixed into the notebook's own seed calls, once each."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.inside import seeds
from grader.inside.seeds import Mixer, mixed


class Library:
    """Seeds as Keras does: its own function calls those of Python and NumPy, by the names in their modules."""

    def __init__(self, mix: int) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.python = SimpleNamespace(seed=lambda seed=None: self.calls.append(("python", seed)))
        self.keras = SimpleNamespace(seed=self._seed_all)
        mixer = Mixer(mix)
        mixer.install(self.python, "seed")
        mixer.install(self.keras, "seed")

    def _seed_all(self, seed: Any) -> None:
        self.calls.append(("keras", seed))
        self.python.seed(seed)
        if seed == "fail":
            raise ValueError(seed)


@pytest.mark.parametrize(
    ("seed", "mix", "result"),
    [
        (0, 0, 0),
        (7, 0, 7),
        (0, 1, 1_000_003),
        (7, 2, 2_000_013),
        (np.int64(7), 2, 2_000_013),
        (2**32 - 1, 1, 1_000_002),
        (None, 3, None),
        ("text", 3, "text"),
        (1.5, 3, 1.5),
        ([1, 2], 3, [1, 2]),
    ],
)
def test_only_whole_numbers_are_mixed(seed: Any, mix: int, result: Any) -> None:
    assert mixed(seed, mix) == result


@given(seed=st.integers(0, 2**32 - 1), one=st.integers(1, 64), other=st.integers(1, 64))
def test_recordings_differ_in_every_seed_and_stay_in_numpys_range(seed: int, one: int, other: int) -> None:
    assert 0 <= mixed(seed, one) < 2**32
    assert (mixed(seed, one) == mixed(seed, other)) == (one == other)


def test_without_a_mix_the_functions_stay_the_same_objects() -> None:
    owner = SimpleNamespace(seed=random.seed)
    before = owner.seed
    Mixer(0).install(owner, "seed")
    assert owner.seed is before


def test_nested_seeding_mixes_once_and_the_next_call_mixes_again() -> None:
    library = Library(mix=1)
    library.keras.seed(5)
    library.python.seed(seed=5)
    library.python.seed()
    assert library.calls == [
        ("keras", 1_000_008),
        ("python", 1_000_008),
        ("python", 1_000_008),
        ("python", None),
    ]


def test_a_seeding_that_fails_does_not_stop_the_mixing() -> None:
    library = Library(mix=1)
    with pytest.raises(ValueError, match="fail"):
        library.keras.seed("fail")
    library.python.seed(5)
    assert library.calls[-1] == ("python", 1_000_008)


def test_a_start_sets_pythons_and_numpys_generators() -> None:
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - what notebooks draw from
    try:
        seeds.start(3)
        drawn = random.randrange(10**9), np.random.randint(10**9)  # noqa: S311, NPY002 - as above
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002 - as above
    assert drawn == (random.Random(3).randrange(10**9), np.random.RandomState(3).randint(10**9))  # noqa: S311 - no secrets
