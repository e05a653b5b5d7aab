"""Inputs for `test_fuzz`: real things, damaged; and the loop that tries one after the other for a while."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

BATCH = 100  # examples between two looks at the clock
SLOWEST = 10.0  # seconds of the processor for one example; no reader needs a tenth of it for one so short

Given = TypeVar("Given")
Raw = TypeVar("Raw", str, bytes)

ANY_TEXT = st.text(st.characters(codec=None), max_size=30)  # half characters too
_WORDS = "\0 \n \r \x1b[2K \x1b]0; \u202e \ud800 😀 ﬁ é … \u2028 =1+1 <script> ' \" \\ ` $A {} %s ../.. NaN 1e999"
HOSTILE_TEXT = st.sampled_from(["", "\b" * 50, "9" * 5_000, *_WORDS.split(" ")])
HOSTILE_NUMBERS = st.sampled_from([0, -1, 1, 2**31, 2**53, 2**53 + 1, 2**64, -(10**400), 0.5, 1e308, 5e-324])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE_NUMBERS | HOSTILE_TEXT | ANY_TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HOSTILE_TEXT | ANY_TEXT, inner, max_size=4),
    max_leaves=10,
)
TIMES = st.sampled_from([1, 1, 1, 1, 2, 3, 60, 2_000])
SPANS = st.sampled_from([0, 0, 0, 1, 2, 10, 100, 1_000])


def fuzz(examples: st.SearchStrategy[Given], check: Callable[[Given], object], seconds: float) -> int:
    """How many examples were checked. The first that `check` raises at, or takes too long for, ends it."""
    tried = 0

    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(examples)
    def batch(example: Given) -> None:
        nonlocal tried
        tried += 1
        began = time.process_time()
        check(example)
        taken = time.process_time() - began
        assert taken < SLOWEST, f"{taken:.1f} s"

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        batch()
    return tried


@st.composite
def damaged(draw: st.DrawFn, wholes: st.SearchStrategy[Raw], pieces: st.SearchStrategy[Raw]) -> Raw:
    """One of `wholes` after some edits: parts are removed, replaced, repeated, or put elsewhere."""
    whole = draw(wholes)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(whole)))
        end = start + draw(SPANS)
        if draw(st.booleans()):
            new = draw(pieces) * draw(TIMES)
        else:
            other = draw(st.integers(0, len(whole)))
            new = whole[other : other + draw(SPANS)] * draw(TIMES)
        whole = whole[:start] + new[:20_000] + whole[end:]
    return whole


@st.composite
def changed(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> Any:
    """One of the JSON values with some of its parts replaced, removed, repeated, or moved."""
    whole = json.loads(json.dumps(draw(values)))
    for _ in range(draw(st.sampled_from([1, 1, 2, 3, 6]))):
        holders = _holders(whole)
        if not holders:
            return whole
        _change(draw, draw(st.sampled_from(holders)), draw(st.sampled_from(holders)))
    return whole


def _holders(whole: Any) -> list[Any]:
    """The lists and objects in it that are not empty, those near the top first."""
    level, found = [whole], []
    while level:
        holders = [each for each in level if isinstance(each, dict | list) and each]
        found += holders
        level = [part for each in holders for part in (each.values() if isinstance(each, dict) else each)]
    return found


def _change(draw: st.DrawFn, holder: Any, other: Any) -> None:
    places = list(holder) if isinstance(holder, dict) else range(len(holder))
    place = draw(st.sampled_from(places))
    match draw(st.sampled_from(["replace"] * 6 + ["repeat", "repeat", "move", "remove", "add"])):
        case "replace":
            holder[place] = draw(VALUES if draw(st.integers(0, 4)) == 0 else _alike(holder[place]))
        case "remove":
            del holder[place]
        case "repeat" if isinstance(holder, list):
            holder[place:place] = [holder[place]] * draw(st.sampled_from([1, 2, 50]))
        case "move":
            parts = list(other.values()) if isinstance(other, dict) else other
            holder[place] = json.loads(json.dumps(draw(st.sampled_from(parts))))
        case _ if isinstance(holder, dict):
            holder[draw(HOSTILE_TEXT | ANY_TEXT)] = draw(VALUES)
        case _:
            holder.append(draw(VALUES))


def _alike(value: Any) -> st.SearchStrategy[Any]:
    """Of the same kind, so that what checks kinds lets it through."""
    match value:
        case bool():
            return st.booleans()
        case int() | float():
            return HOSTILE_NUMBERS | st.integers(0, 20) | st.floats()
        case str():
            return HOSTILE_TEXT | ANY_TEXT
        case list():
            return st.lists(st.sampled_from(value), max_size=4) if value else st.just(value)
        case _:
            return VALUES


def as_bytes(values: st.SearchStrategy[Any], pieces: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """JSON values written out, some of them damaged as bytes besides; and raw bytes."""
    written = st.builds(_written, values, st.sampled_from(["replace", "replace", "surrogatepass"]))
    return st.one_of(written, written, written, damaged(written, pieces), st.binary(max_size=200))


def _written(value: Any, errors: str) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors)
