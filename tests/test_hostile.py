"""Hostile notebooks, broken files and strange names, graded by the real command in every layer there is here.

The whole set takes some twenty minutes in each layer; a few of each kind run with the ordinary tests.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import broken_files
import hostile
import hostile_run
import pytest
from broken_files import FILES, NAMES, Broken
from hostile import Hostile, Truth
from hostile_doors import Doors, places
from hostile_run import Finished, Setting
from hostile_world import COURSES, World, hand_over, left_behind, plant, secrets_in, snapshot, world
from IPython.core.inputtransformer2 import TransformerManager

from grader.inside import landlock
from grader.model import Status

MIB = 2**20
SET = hostile.load()
UNCONFINED = {"time", "outputs", "metadata"}  # groups that reach for nothing, and run in no confinement too
LAYERS = (Setting("bubblewrap"), Setting("landlock", ordinary=True), Setting("none", ordinary=True))
WALLS = LAYERS[:2]  # the layers that promise something
FEW = {
    *("time-sleep_in_atexit", "time-deadlock", "resources-forks_until_refused", "resources-memory_in_children"),
    *("resources-disk_in_large_files", "outputs-too_much_and_done", "outputs-closes_its_sockets"),
    *("files-reads_what_everybody_may", "files-writes_outside", "files-changes_metadata_outside"),
    *(
        "honest-magics",
        "honest-large_array",
        "processes-kills_its_parent",
        "processes-daemon",
        "sockets-path_of_the_host",
        "sockets-abstract_names",
    ),
    *("sockets-network_of_this_machine", "kernel-exits", "metadata-error_allowed", "honest-shell_line"),
}
FEW_FILES = {"empty", "page", "symbolic_link", "pipe", "nested_lists", "r_with_r", "version_3"}
transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]  # IPython has no types
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # but a new line
CONDITIONS: Sequence[set[str]] = (
    {"bubblewrap"},
    {"landlock"},
    {"none"},
    {"bubblewrap", "old"},
    {"landlock", "old"},
)


def runs_in(entry: Hostile, setting: Setting) -> bool:
    return setting.layer != "none" or entry.group in UNCONFINED


PAIRS = [(setting, entry) for setting in LAYERS for entry in SET if runs_in(entry, setting)]


@dataclass(frozen=True)
class Report:
    """All that was found after the grader had gone over the world's courses."""

    setting: Setting
    world: World
    finished: Mapping[str, Finished]
    rows: Mapping[str, Mapping[str, Mapping[str, str]]]
    changed: Mapping[str, tuple[str, ...]]
    reached: tuple[str, ...]
    disturbed: tuple[str, ...]

    @property
    def conditions(self) -> set[str]:
        layer = next(iter(self.rows.values()))["neighbour"]["isolation"]
        return {layer} | ({"old"} if landlock.abi() < landlock.SCOPES else set())


@pytest.fixture(scope="module")
def graded() -> Iterator[Callable[[Setting, bool], Report | str]]:
    """A few of the set, or all, graded once in each setting that is asked for; or why it cannot be, there."""
    with ExitStack() as stack:

        @cache
        def in_setting(setting: Setting, everything: bool) -> Report | str:  # noqa: FBT001 - a key of the cache
            with world(setting.uid) as made:
                hand_over(made)
                refused = hostile_run.refusal(made, made.course("named"), setting.layer)
            if refused:
                return f"this machine does not offer {setting}: {refused}"
            return some_of_the_set(stack, setting) if not everything else whole_set(stack, setting)

        yield in_setting


def some_of_the_set(stack: ExitStack, setting: Setting) -> Report:
    made = stack.enter_context(world(setting.uid))
    broken_files.place(made.course("tight") / "submissions", FEW_FILES)
    return grade(made, setting, [entry for entry in SET if entry.name in FEW])


def whole_set(stack: ExitStack, setting: Setting) -> Report:
    made = stack.enter_context(world(setting.uid))
    broken_files.place(made.course("tight") / "submissions", {broken.name for broken in FILES})
    broken_files.place_named(made.course("named") / "submissions")
    return grade(made, setting, [entry for entry in SET if runs_in(entry, setting)])


@pytest.fixture(params=WALLS, ids=str)
def report(request: pytest.FixtureRequest, graded: Callable[[Setting, bool], Report | str]) -> Report:
    return offered(graded(request.param, False))  # noqa: FBT003 - a key of the cache


@pytest.fixture
def whole(request: pytest.FixtureRequest, graded: Callable[[Setting, bool], Report | str]) -> Report:
    return offered(graded(request.param, True))  # noqa: FBT003 - a key of the cache


def offered(report: Report | str) -> Report:
    if isinstance(report, str):
        pytest.skip(report)
    return report


def grade(made: World, setting: Setting, entries: Sequence[Hostile]) -> Report:
    """Hand the entries in, let the command grade all courses that have any, and look at what has become of them."""
    doors = Doors(made)
    try:
        for entry in entries:
            plant(made, entry.name)
            limits = hostile.limits(entry)
            text = hostile.notebook(entry, places(made, entry.name, limits, doors))
            (made.course(limits) / "submissions" / f"{entry.name}.ipynb").write_text(text, "utf-8")
        hand_over(made)
        before = {folder.name: snapshot(folder) for folder in watched(made)}
        courses = [name for name in COURSES if len(list((made.course(name) / "submissions").iterdir())) > 1]
        finished = {name: hostile_run.run(made, made.course(name), setting.layer) for name in courses}
        changed = {folder.name: difference(before[folder.name], snapshot(folder)) for folder in watched(made)}
        rows = {name: hostile_run.rows(made.course(name)) for name in courses}
        return Report(setting, made, finished, rows, changed, tuple(doors.reached), tuple(doors.disturbed()))
    finally:
        doors.close()


def watched(made: World) -> list[Path]:
    """Folders in which nothing may change, each of a name of its own."""
    return [made.home, *(made.course(name) for name in COURSES), *sorted((made.root / "planted").iterdir())]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths whose facts differ."""
    return tuple(sorted(path for path in {*before, *after} if before.get(path) != after.get(path)))


def own_doing(path: str) -> bool:
    """Whether it is the grader's own affair to change this in a course."""
    return path in (".", "log", "out") or path.startswith("out/")


# --- the set itself ------------------------------------------------------------------------------------------


def test_the_set_has_more_than_a_hundred_notebooks() -> None:
    assert len(SET) > 110
    assert {entry.name for entry in SET} >= FEW
    assert {broken.name for broken in FILES} >= FEW_FILES


@pytest.mark.parametrize("entry", SET, ids=lambda entry: entry.name)
def test_every_entry_says_what_it_does_and_what_must_become_of_it(entry: Hostile) -> None:
    assert len(entry.values("title")) == 1
    assert hostile.limits(entry) in COURSES
    assert all(hostile.truth(entry, conditions).statuses for conditions in CONDITIONS)


@pytest.mark.parametrize("entry", SET, ids=lambda entry: entry.name)
def test_every_cell_is_python_so_that_no_typing_error_stands_in_for_an_attack(entry: Hostile) -> None:
    given = dict.fromkeys(hostile.PLACES, 7)
    code = [transform(hostile.fill(cell.source, given)) for cell in entry.cells]
    trees = [ast.parse(each, entry.name) for each in code]
    assert all(isinstance(tree, ast.Module) for tree in trees)


# --- a few of each kind ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("entry", [entry for entry in SET if entry.name in FEW], ids=lambda entry: entry.name)
def test_a_hostile_notebook_gets_the_row_it_deserves_and_reaches_nothing(report: Report, entry: Hostile) -> None:
    assert faults_of_notebook(report, entry) == []


@pytest.mark.slow
@pytest.mark.parametrize("broken", [one for one in FILES if one.name in FEW_FILES], ids=lambda one: one.name)
def test_a_broken_file_gets_a_row_with_the_reason(report: Report, broken: Broken) -> None:
    assert faults_of_file(report, broken) == []


@pytest.mark.slow
def test_nothing_leaks_nothing_stays_and_nothing_is_disturbed(report: Report) -> None:
    assert faults_of_run(report) == []


# --- all of them -----------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(("whole", "entry"), PAIRS, indirect=["whole"], ids=str)
def test_each_hostile_notebook_gets_the_row_it_deserves(whole: Report, entry: Hostile) -> None:
    assert faults_of_notebook(whole, entry) == []


@pytest.mark.long
@pytest.mark.parametrize("whole", LAYERS, indirect=True, ids=str)
@pytest.mark.parametrize("broken", FILES, ids=lambda broken: broken.name)
def test_each_broken_file_gets_a_row_with_the_reason(whole: Report, broken: Broken) -> None:
    assert faults_of_file(whole, broken) == []


@pytest.mark.long
@pytest.mark.parametrize("whole", LAYERS, indirect=True, ids=str)
def test_names_that_no_student_should_have_are_graded_like_others(whole: Report) -> None:
    rows, folder = whole.rows["named"], whole.world.course("named") / "out"
    assert len(rows) == len(NAMES) + 1
    assert {student: row["status"] for student, row in rows.items()} == dict.fromkeys(rows, "graded")
    assert {row["score"] for row in rows.values()} == {"1"}
    assert [student for student in rows if student.lstrip()[:1] in set("=+-@")] == []
    kept = [path.name for path in (folder / "notebooks").iterdir()]
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in kept}) == len(rows)
    assert [name for name in kept if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name)] == []
    written = (folder / "scores.csv").read_text("utf-8") + (folder / "totals.csv").read_text("utf-8")
    assert CONTROLS.findall(written + whole.finished["named"].printed) == []


@pytest.mark.long
@pytest.mark.parametrize("whole", LAYERS, indirect=True, ids=str)
def test_nothing_leaks_stays_or_is_disturbed_by_the_whole_set(whole: Report) -> None:
    assert faults_of_run(whole) == []


# --- what counts as a fault ----------------------------------------------------------------------------------


def faults_of_notebook(report: Report, entry: Hostile) -> list[str]:
    """Everything that is not as it should be, so that one run tells all."""
    course = hostile.limits(entry)
    row = report.rows[course].get(entry.name)
    if row is None:
        return ["it has no row"]
    truth, folder = hostile.truth(entry, report.conditions), report.world.course(course)
    shown, page = hostile_run.shown(folder, entry.name), hostile_run.page(folder, entry.name)
    hidden = (*truth.hides, *(() if report.setting.layer == "none" else ("REACHED",)))
    return [
        *faults_of_row(row, truth),
        *(f"does not show {text!r}: {shown[-1500:]!r}" for text in truth.shows if text not in shown),
        *(f"shows {text!r}: {around(shown, text)!r}" for text in hidden if text in shown),
        *(f"its page holds {found}" for found in hostile_run.active_in(page)),
        *(f"changed {path}" for path in report.changed[entry.name]),
    ]


def faults_of_row(row: Mapping[str, str], truth: Truth) -> Iterator[str]:
    expected = {status.value for status in truth.statuses}
    if row["status"] not in expected:
        yield f"is {row['status']}, expected {sorted(expected)}: {row['message']}"
    if truth.score is not None and row["score"] != truth.score:
        yield f"has the score {row['score']!r}, expected {truth.score!r}: {row['message']}"
    if row["max_score"] != "1" or row["score"] not in ("0", "1") or CONTROLS.search("".join(row.values())):
        yield f"is no sound row: {row}"
    yield from (f"does not say {text!r}: {row['message']}" for text in truth.says if text not in row["message"])


def faults_of_file(report: Report, broken: Broken) -> list[str]:
    row = report.rows["tight"].get(f"broken-{broken.name}")
    if row is None:
        return ["it has no row"]
    silent = not re.search(broken.says, row["message"], re.IGNORECASE)
    return [
        *faults_of_row(row, Truth(broken.statuses)),
        *([f"does not say {broken.says!r}: {row['message']}"] if silent else []),
        *(["has no reason"] if row["status"] == Status.UNREADABLE and not row["message"] else []),
    ]


def faults_of_run(report: Report) -> list[str]:
    made, faults = report.world, []
    for name, finished in report.finished.items():
        faults += [f"{name}: leaked into {path}" for path in secrets_in(made, made.course(name) / "out")]
        faults += [f"{name}: outlived by {process}" for process in finished.alive]
        faults += [f"{name}: changed {path}" for path in report.changed[name] if not own_doing(path)]
        faults += [f"{name}: no grade for {one}" for one, row in report.rows[name].items() if row["score"] == ""]
        if finished.code != 0 or made.token in finished.printed or CONTROLS.search(finished.printed):
            faults.append(f"{name}: ended with {finished.code}: {finished.printed[-2000:]!r}")
        if finished.peak > 300 * 10**6:
            faults.append(f"{name}: the grader held {finished.peak // MIB} MiB")
        isolations = {row["isolation"] for row in report.rows[name].values() if row["status"] != "unreadable"}
        if report.setting.layer not in (*isolations, "auto") or len(isolations) != 1:
            faults.append(f"{name}: the rows tell of {isolations}")
    return [
        *faults,
        *(f"left {path}" for path in left_behind(made)),
        *(f"reached {door}" for door in report.reached),
        *(f"changed {path} at home" for path in report.changed["home"]),
        *(f"disturbed a process: {change}" for change in report.disturbed),
    ]


def around(text: str, word: str) -> str:
    at = text.index(word)
    return text[max(0, at - 200) : at + 300]
