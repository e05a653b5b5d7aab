"""Points in time, as people and systems write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import moments

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01 12:00 UTC",
        "2026-05-01T12:00:00Z",
        "2026-05-01 12:00:00.000000000 Z",
        "2026-05-01 14:00 Europe/Berlin",
        "2026-05-01T14:00:00+02:00",
        " 2026-05-01 05:00:00.0 -0700\n",
        "2026-05-01 05:00:00.000 America/Los_Angeles",
    ],
)
def test_one_moment_in_many_ways(text: str) -> None:
    assert moments.read(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-05-01", "2026-05-01 12:00", "12:00 UTC", "2026-13-01 12:00 UTC", "2026-05-01 12:00 CEST"),
        *("2026-05-01 12:00 ../../etc/passwd", "2026-05-01 12:00 Europe/Nowhere", "0001-01-01 00:00 +23:00"),
        *(
            "2026-05-01 12:00 +99:00",
            "\uff12\uff10\uff12\uff16-05-01 12:00 UTC",
            "2026-05-01 12:00 UTC" + " " * 200,
        ),
    ],
)
def test_what_is_none_or_names_no_zone_is_nothing(text: str) -> None:
    assert moments.read(text) is None


def test_a_zone_may_be_given_for_what_names_none() -> None:
    assert moments.read("2026-05-01 12:00:00", zone=UTC) == NOON


PIECES = [
    "2026",
    "-05",
    "-01",
    " ",
    "T",
    "12",
    ":00",
    ".5",
    "Z",
    "+02:00",
    "Europe/",
    "Berlin",
    "/",
    "a" * 40,
    "\0",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=60))
def test_any_text_is_a_moment_with_a_zone_or_nothing(text: str) -> None:
    found = moments.read(text)
    assert found is None or found.utcoffset() is not None
