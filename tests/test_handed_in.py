"""handed_in.json says after the run what was known of who handed in what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.handed_in import NAME, Hand, HandedIn, load, store
from grader.model import (
    Execution,
    Found,
    Grade,
    Identity,
    LatePolicy,
    Part,
    Rubric,
    Slot,
    Status,
    Submission,
)
from grader.results import beside

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_what_is_stored_is_what_is_loaded(tmp_path: Path) -> None:
    slot = Slot("7", "81")
    ada = Identity("Ada \ud800 Lovelace", "7", "ada", "ada@example.edu")
    found = Found(
        "Canvas",
        (
            Submission("ada", "p", (), identity=ada, handed_in=NOON, marked_late=True, due=NOON, slot=slot),
            Submission("bo", "p", ()),
        ),
        ("a remark",),
        "ab12",
    )
    store(tmp_path, found)
    loaded = load(tmp_path)
    hands = (Hand("ada", "p", ada, NOON, marked_late=True, due=NOON, slot=slot), Hand("bo", "p"))
    assert loaded == HandedIn("Canvas", ("a remark",), hands, "ab12")
    assert loaded.by_place()["bo", "p"] == Hand("bo", "p")


def test_an_older_run_has_no_such_file(tmp_path: Path) -> None:
    assert load(tmp_path) == HandedIn()


ROW = '{"system": "", "remarks": [], "submissions": [{"student": "a", "part": "p", "handed_in": %s}]}'


@pytest.mark.parametrize("text", ["", "[]", "{", ROW % '"2026"', ROW % '"2026-05-01T12:00"', ROW % "3", "[" * 5000])
def test_a_damaged_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"handed_in\.json' is damaged; .* Give it again"):
        load(tmp_path)


@given(st.binary(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_loaded_or_a_usage_fault(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("grades")
    (folder / NAME).write_bytes(data)
    with pytest.raises(UsageError):
        load(folder)


def test_a_result_knows_who_handed_in_and_what_being_late_costs(tmp_path: Path) -> None:
    rubric = Rubric(
        tmp_path,
        "a0",
        "A0",
        100,
        Execution(),
        {},
        (Part("p", (), tmp_path, ()),),
        late_policy=LatePolicy(marked=0.1),
    )
    ada = Identity(id="7")
    store(tmp_path, Found("Canvas", (Submission("ada", "p", (), identity=ada, marked_late=True),)))
    result = beside(rubric, (), load(tmp_path))(Grade("ada", "p", "x.ipynb", Status.GRADED, 90.0, 100.0))
    assert (result.identity, result.penalty, result.final, result.grade.score) == (ada, 10.0, 80.0, 90.0)
