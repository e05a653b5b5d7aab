"""Where another system calls the grader: what it gets is what it documents, and never a 0 that nobody earned."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reported import HOSTILE, ended, graded, rubric, run

from grader import autograder, hand_in
from grader.batch import Wanted
from grader.cli import main
from grader.errors import UsageError
from grader.model import Grade, Rubric, Status
from grader.outputs import classroom50, gradescope
from grader.progress import Progress

NOW = datetime(2026, 6, 1, 14, 32, 1, tzinfo=UTC)
SHIPPED = Path(__file__).parents[1] / "rubric.yaml"
TEXT = {"type": "string"}
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
TEST = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "max_score": {"type": "number"},
        "status": {"enum": ["passed", "failed"]},
        "name": TEXT,
        "name_format": FORMAT,
        "number": TEXT,
        "output": TEXT,
        "output_format": FORMAT,
        "tags": {"type": "array"},
        "visibility": VISIBILITY,
        "extra_data": {"type": "object"},
    },
}
GRADESCOPE = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["score"]}, {"required": ["tests"]}],
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": TEXT,
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": TEST},
        "leaderboard": {"type": "array"},
    },
}
SCORED = {
    "type": "object",
    "required": ["test-name", "passed", "score", "max-score"],
    "properties": {
        "test-name": {"type": "string", "minLength": 1},
        "passed": {"type": "boolean"},
        "score": {"type": "integer", "minimum": 0},
        "max-score": {"type": "integer", "minimum": 0},
    },
}
NAMED = ("classroom", "assignment", "owner", "submission", "commit", "release", "review")
CLASSROOM50 = {
    "type": "object",
    "required": ["schema", *NAMED, "assignment_type", "datetime", "score", "max-score", "tests"],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        **{name: {"type": "string", "minLength": 1} for name in NAMED},
        "assignment_type": {"enum": ["individual", "group", "team"]},
        "datetime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "score": {"type": "integer"},
        "max-score": {"type": "integer"},
        "tests": {"type": "array", "items": SCORED},
    },
}
RUNNER = {
    "CLASSROOM": "cs-principles",
    "ASSIGNMENT": "mnist",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/releases/1",
    "OWNER": "alice",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Rubric:
    return rubric(tmp_path_factory.mktemp("course"))


# --- Gradescope --------------------------------------------------------------------------------------------


def test_gradescope_gets_a_score_a_test_a_criterion_and_flags_for_staff_alone(course: Rubric) -> None:
    told = gradescope.results(course, [graded("ann", flags=["look"])])
    jsonschema.validate(told, GRADESCOPE)
    assert told["score"] == 32.5
    tests: Any = told["tests"]
    assert tests[1] == {
        "name": "The network",
        "score": 17.5,
        "max_score": 35,
        "status": "failed",
        "output": "expected: 8 layers\nfound: 7 layers\nwhy: a layer is missing\nnext: add it",
        "output_format": "text",
        "visibility": "visible",
    }
    assert tests[-1] == {"name": "To look at", "output": "look", "output_format": "text", "visibility": "hidden"}
    assert [one["visibility"] for one in tests[:-1]] == ["visible"] * 3
    assert json.loads(json.dumps(told))["extra_data"]["parts"][0]["sha256"] == "ab" * 32


def test_gradescope_gets_no_score_where_the_grader_itself_failed(course: Rubric) -> None:
    two = rubric(course.path.parent, "part1", "part2")
    told = gradescope.results(two, [graded("ann"), ended("ann", Status.GRADER_ERROR, "part2")])
    assert {"score", "tests"} & told.keys() == set()
    assert told["output"] == "part1: graded\npart2: grader_error: it is grader_error"


def test_what_is_hidden_and_isolation_none_are_told_as_such(course: Rubric) -> None:
    grade = graded("ann", text="SECRET")
    hidden = replace(grade, isolation="none", checks=tuple(replace(one, hidden=True) for one in grade.checks))
    told = gradescope.results(course, [replace(hidden, flags=())])
    assert "SECRET" not in json.dumps(told)
    assert "isolation 'none': this container has no way" in str(told["output"])


@given(st.text(max_size=40) | st.just(HOSTILE))
def test_any_text_makes_valid_files(text: str) -> None:
    course = Rubric(Path("r"), "a0", text, 100.0, rubric_execution(), {}, ())
    grade = graded("ann", text=text, flags=[text])
    checks = tuple(replace(one, title=text, found=text) for one in grade.checks)
    told = gradescope.results(course, [replace(grade, checks=checks)])
    jsonschema.validate(json.loads(json.dumps(told)), GRADESCOPE)
    json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def rubric_execution() -> Any:
    from grader.model import Execution

    return Execution()


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b'{"users": [{"name": "Ann Ng", "email": "a@x"}, {"email": "b@x"}, 7, {"name": 1}]}', ("Ann Ng", "b@x")),
        (b'{"users": {}}', ()),
        (b"[]", ()),
        (b"{", ()),
        (b"[" * 200_000, ()),
        (b"\xff", ()),
    ],
)
def test_who_submitted_is_read_from_gradescope_s_metadata(data: bytes, names: tuple[str, ...]) -> None:
    assert gradescope.submitters(data) == names


@given(
    st.binary(max_size=100)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda one: json.dumps(one).encode())
)
def test_any_metadata_is_read(data: bytes) -> None:
    assert all(isinstance(name, str) for name in gradescope.submitters(data))


def test_the_autograder_s_zip_holds_all_it_needs_and_not_the_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for path in made:
        assert main(["gradescope", "setup", "--to", str(path), "--rubric", str(SHIPPED)]) == 0
    assert made[0].read_bytes() == made[1].read_bytes()
    assert "upload it as the autograder of a programming assignment" in capsys.readouterr().out
    with zipfile.ZipFile(made[0]) as zipped:
        names = set(zipped.namelist())
        modes = {one.filename: stat.S_IMODE(one.external_attr >> 16) for one in zipped.infolist()}
        pinned = zipped.read("requirements.txt").decode().splitlines()
    assert {"setup.sh", "run_autograder", "assignment/rubric.yaml", "site/grader/cli.py"} <= names
    assert "assignment/reference/recordings/part1-mnist_cnn.json" in names
    assert not [name for name in names if name.endswith(".ipynb") or "__pycache__" in name]
    assert (modes["setup.sh"], modes["run_autograder"], modes["site/grader/cli.py"]) == (0o755, 0o755, 0o644)
    assert any(line.startswith("nbclient==") for line in pinned)
    assert made[0].stat().st_size < 30 * 2**20


def test_the_zip_s_scripts_are_sound_and_its_grader_answers(tmp_path: Path) -> None:
    from grader.commands import rubrics

    data = autograder.archive(rubrics.load(SHIPPED, require_reference=False))
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        zipped.extractall(tmp_path)
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(tmp_path / name)], check=True)
    import sys

    command = [sys.executable, "-m", "grader", "gradescope", "run", "--help"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "--autograder" in done.stdout


def test_a_file_outside_the_rubric_s_folder_cannot_be_packed(course: Rubric, tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(b"x")
    away = replace(course, datasets={"data.npz": tmp_path / "data.npz"})
    course.path.write_text("x")
    with pytest.raises(UsageError, match="lies outside"):
        autograder.archive(away)


# --- Classroom 50 ------------------------------------------------------------------------------------------


def test_classroom_50_gets_whole_points_that_add_up(course: Rubric) -> None:
    told = classroom50.result(course, classroom50.of_environment(RUNNER, NOW), [graded("ann")])
    jsonschema.validate(told, CLASSROOM50)
    assert told == {
        "schema": "classroom50/result/v1",
        "classroom": "cs-principles",
        "assignment": "mnist",
        "assignment_type": "individual",
        "owner": "alice",
        "submission": "submit/2026-06-01T14-32-05Z-a1b2c3d",
        "commit": "https://example.org/commit/1",
        "release": "https://example.org/releases/1",
        "review": "https://example.org/commit/1",
        "datetime": "2026-06-01T14:32:01Z",
        "score": 33,
        "max-score": 100,
        "tests": [
            {"test-name": "runs", "passed": True, "score": 15, "max-score": 15},
            {"test-name": "architecture", "passed": False, "score": 18, "max-score": 35},
            {"test-name": "history", "passed": False, "score": 0, "max-score": 50},
        ],
    }


@given(st.floats(0, 50, allow_nan=False))
def test_a_lost_fraction_is_never_shown_in_full(points: float) -> None:
    grade = graded("ann")
    one = replace(grade, checks=(*grade.checks[:2], replace(grade.checks[2], points=points)))
    course = Rubric(Path("r"), "a0", "t", 100.0, rubric_execution(), {}, ())
    told: Any = classroom50.result(course, classroom50.of_environment(RUNNER, NOW), [one])
    jsonschema.validate(told, CLASSROOM50)
    assert told["tests"][2]["passed"] is (points == 50)


def test_classroom_50_gets_no_result_without_a_score(course: Rubric) -> None:
    facts = classroom50.of_environment(RUNNER, NOW)
    assert classroom50.result(course, facts, [ended("ann", Status.GRADER_ERROR)]) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"CLASSROOM": "", "RELEASE_URL": ""},
            "CLASSROOM, RELEASE_URL is not set; expected what Classroom 50's runner",
        ),
        ({"ASSIGNMENT_TYPE": "pair"}, "ASSIGNMENT_TYPE is 'pair'; expected one of individual, group, team"),
    ],
)
def test_what_the_runner_does_not_set_is_named(change: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        classroom50.of_environment(RUNNER | change, NOW)
    assert str(raised.value).startswith(told)


def test_a_finished_run_is_exported_for_classroom_50(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "grades", [graded("ann"), graded("ann", "part2"), graded("bo")])
    assert main(["export", "classroom50", "--rubric", str(SHIPPED)]) == 2
    assert main(["export", "classroom50", "--classroom", "cs", "--rubric", str(SHIPPED)]) == 0
    told = json.loads((tmp_path / "grades/export/classroom50/ann/result.json").read_bytes())
    jsonschema.validate(told, CLASSROOM50)
    assert (told["owner"], told["classroom"], len(told["tests"])) == ("ann", "cs", 6)
    assert capsys.readouterr().out.splitlines() == [
        "note: 'bo' has no score yet, and gets no file",
        "1 score in grades/export/classroom50",
    ]


# --- one student's hand-in ---------------------------------------------------------------------------------


def handed(folder: Path, *names: str) -> list[Grade]:
    course = rubric(folder / "course", "part1", "part2")
    hand = folder / "hand"
    hand.mkdir()
    for name in names:
        (hand / name).parent.mkdir(parents=True, exist_ok=True)
        (hand / name).write_text(name)
    return list(hand_in.grade(course, hand, "ann", Wanted(), Progress()))


def test_without_a_notebook_each_part_is_missing(tmp_path: Path) -> None:
    found = handed(tmp_path, "notes.txt")
    assert [(one.student, one.part, one.status, one.score) for one in found] == [
        ("ann", "part1", Status.MISSING, 0.0),
        ("ann", "part2", Status.MISSING, 0.0),
    ]


def test_two_notebooks_for_a_part_are_ambiguous_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere part2.ipynb").write_text("x")
    (tmp_path / "hand-links").mkdir()
    course = rubric(tmp_path / "course", "part1", "part2")
    hand = tmp_path / "hand-links"
    (hand / "a part1.ipynb").write_text("1")
    (hand / "deep").mkdir()
    (hand / "deep" / "b part1.ipynb").write_text("2")
    (hand / "part2.ipynb").symlink_to(tmp_path / "elsewhere part2.ipynb")
    found = hand_in.grade(course, hand, "ann", Wanted(), Progress())
    assert [one.status for one in found] == [Status.AMBIGUOUS, Status.MISSING]


def test_a_file_is_no_hand_in(tmp_path: Path, course: Rubric) -> None:
    with pytest.raises(UsageError, match="is not a folder; expected the one that holds what was handed in"):
        hand_in.grade(course, tmp_path / "none", "ann", Wanted(), Progress())
