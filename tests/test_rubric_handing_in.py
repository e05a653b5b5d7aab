"""What a rubric says of who handed in what, and of what being late costs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader import moments, rubric
from grader.model import LatePolicy, Resubmissions, StudentNames
from grader.rubric import RubricError
from grader.rubric.handing_in import pattern_fault

PLAIN = """\
assignment: a0
points: 20
parts:
  one: {reference: one.ipynb, criteria: [{id: runs, check: executes, points: 20}]}
"""


def write(folder: Path, more: str) -> Path:
    (folder / "one.ipynb").touch()
    (folder / "who.csv").touch()
    path = folder / "rubric.yaml"
    path.write_text(PLAIN + more, "utf-8")
    return path


def faults(folder: Path, more: str) -> list[str]:
    path = write(folder, more)
    with pytest.raises(RubricError) as caught:
        rubric.load(path)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).split("\n")]


def test_every_key_reaches_the_rubric(tmp_path: Path) -> None:
    loaded = rubric.load(
        write(
            tmp_path,
            "students: {pattern: '(?P<student>.+)/x', mapping: who.csv}\nresubmissions: first\n"
            "late_policy: {due: 2026-05-01 14:00 Europe/Berlin, grace: 10 min, per_day: 10 %, per_hour: 1,"
            " marked: 2.5, most: 50 %}\n",
        )
    )
    assert loaded.students == StudentNames("(?P<student>.+)/x", tmp_path / "who.csv")
    assert loaded.resubmissions is Resubmissions.FIRST
    due = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert loaded.late_policy is not None
    assert loaded.late_policy.due == due
    assert loaded.late_policy == LatePolicy(loaded.late_policy.due, 600, 0.1, 0.05, 0.125, 0.5)


def test_what_is_left_out_has_the_defaults(tmp_path: Path) -> None:
    loaded = rubric.load(write(tmp_path, "late_policy: {marked: 10 %}\n"))
    assert (loaded.students, loaded.resubmissions) == (None, Resubmissions.NEWEST)
    assert loaded.late_policy == LatePolicy(marked=0.1, most=1.0)


SHARE = "a share such as '10 %', 100 % at most, or a number of points"
DUE = "late_policy: {due: 2026-05-01 12:00}"
KEYS = "'due', 'grace', 'per_day', 'per_hour', 'marked', 'most' (did you mean 'marked'?)"
GONE = "a CSV file that is there, its path relative to the rubric's folder"
GROUP = "a regular expression; it lacks the group (?P<student>...), which says whose a notebook is"
NOTHING = "'due' with 'per_day' or 'per_hour', or 'marked'"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (DUE, f"late_policy.due: found '2026-05-01 12:00'; allowed: {moments.EXPECTED}"),
        ("late_policy: {marked: 120 %}", f"late_policy.marked: found '120 %'; allowed: {SHARE}"),
        ("late_policy: {marked: -1}", f"late_policy.marked: found '-1'; allowed: {SHARE}"),
        (
            "late_policy: {per_day: 1}",
            "late_policy.per_day: found '1'; allowed: per_day only beside 'due', from which it counts",
        ),
        ("late_policy: {most: 1}", f"late_policy: found a mapping; allowed: {NOTHING}"),
        (
            "late_policy: {mark: 1, due: 2026-05-01 12:00 UTC}",
            f"late_policy.mark: found the unknown key 'mark'; allowed: {KEYS}",
        ),
        ("students: {mapping: gone.csv}", f"students.mapping: found 'gone.csv'; allowed: {GONE}"),
        ("students: {}", "students: found an empty mapping; allowed: 'pattern', 'mapping' or both"),
        ("students: {pattern: '.*'}", f"students.pattern: found '.*'; allowed: {GROUP}"),
        ("resubmissions: last", "resubmissions: found 'last'; allowed: 'newest', 'first' or 'ambiguous'"),
    ],
)
def test_a_fault_says_what_is_allowed(tmp_path: Path, more: str, fault: str) -> None:
    assert faults(tmp_path, more + "\n") == [f"5: {fault}"]


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (r"(?P<student>\w+)-\d+\.ipynb", ""),
        (r"(?P<student>[^/]+)/.*", ""),
        ("(?P<student>(a+)+)", "it repeats a group that repeats something itself"),
        (r"(?P<student>x)(\w+_)*", "it repeats a group that repeats something itself"),
        ("(?P<student>", "this one cannot be read"),
        ("a" * 1001, "it has 1001 characters; 1000 at most"),
    ],
)
def test_an_expression_that_cannot_be_used_is_refused(pattern: str, fault: str) -> None:
    found = pattern_fault(pattern)
    assert found.startswith(fault)
    assert bool(found) == bool(fault)
