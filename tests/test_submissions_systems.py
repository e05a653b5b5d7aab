"""Each system's download is recognised, and becomes one row for each student, with what is known of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import moments
from grader.errors import UsageError
from grader.model import Execution, Found, Identity, Part, Resubmissions, Rubric, StudentNames, Submission
from grader.submissions import find
from grader.submissions import pattern as named
from grader.submissions.metadata import scalars

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def rubric(**parts: tuple[str, ...]) -> Rubric:
    made = tuple(Part(name, globs, Path("/reference.ipynb"), ()) for name, globs in parts.items())
    return Rubric(Path("/rubric.yaml"), "ps1", "PS 1", 0, Execution(), {}, made)


ONE = rubric(part1=())
TWO = rubric(part1=("part1*",), part2=("part2*",))


def hand_in(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            (folder / name).mkdir(exist_ok=True)
        else:
            (folder / name).write_text(f'{{"name": "{name}"}}', "utf-8")
    return folder


def rows(found: Found, folder: Path) -> dict[str, str]:
    """Student -> the only notebook, or the reason why there is none."""
    return {
        one.student: str(one.notebooks[0].relative_to(folder)) if len(one.notebooks) == 1 else one.reason
        for one in found.submissions
    }


def identities(found: Found) -> dict[str, Identity]:
    return {one.student: one.identity for one in found.submissions}


def of(found: Found, student: str) -> Submission:
    (one,) = (one for one in found.submissions if one.student == student)
    return one


NONE = "no notebook was found: no file's name ends in .ipynb"


# --- Canvas ------------------------------------------------------------------------------------------------


def test_canvas_files_are_told_apart_by_the_users_number(tmp_path: Path) -> None:
    hand_in(
        tmp_path,
        *("smithbob_340934_208490284_hw.ipynb", "smithbob_340999_208490290_hw.ipynb"),
        *("wellslane_LATE_334244_394803489_my_hw_1_2.ipynb", "lópez_77_394803490_report.pdf", "kim_78_text.html"),
    )
    found = find(tmp_path, ONE)
    assert found.system == "Canvas"
    assert found.remarks == ("submissions: recognised as Canvas' download (5 students)",)
    assert rows(found, tmp_path) == {
        "kim_78": NONE,
        "lópez_77": NONE,
        "smithbob_340934": "smithbob_340934_208490284_hw.ipynb",
        "smithbob_340999": "smithbob_340999_208490290_hw.ipynb",
        "wellslane_334244": "wellslane_LATE_334244_394803489_my_hw_1_2.ipynb",
    }
    assert identities(found)["wellslane_334244"] == Identity(name="wellslane", id="334244")
    assert [one.marked_late for one in found.submissions] == [False, False, False, False, True]


def test_canvas_keeps_who_is_anonymous_apart_too(tmp_path: Path) -> None:
    hand_in(tmp_path, "anon_aB3xY_1_hw.ipynb", "LATE_anon_Zz9_2_hw.ipynb")
    found = find(tmp_path, ONE)
    assert [(one.student, one.marked_late) for one in found.submissions] == [
        ("anon_Zz9", True),
        ("anon_aB3xY", False),
    ]


def test_what_canvas_did_not_name_is_kept_and_told(tmp_path: Path) -> None:
    hand_in(tmp_path, *(f"name{n}_{n}_9{n}_hw.ipynb" for n in range(10, 30)), "zoe.ipynb")
    found = find(tmp_path, ONE)
    assert (found.system, len(found.submissions)) == ("Canvas", 21)
    assert of(found, "zoe").notebooks == (tmp_path / "zoe.ipynb",)
    assert found.remarks[1] == "not named as Canvas names files, and taken as they are: 'zoe'"


def test_a_sheet_and_one_stray_do_not_hide_a_small_class(tmp_path: Path) -> None:
    names = ("ada", "bo", "cy", "dee")
    hand_in(
        tmp_path, *(f"{who}_{n}_9{n}_hw.ipynb" for n, who in enumerate(names)), "grades.csv", "by_mail/hw.ipynb"
    )
    found = find(tmp_path, ONE)
    assert (found.system, len(found.submissions)) == ("Canvas", 5)


def test_names_that_look_a_bit_like_canvas_stay_plain(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada_1_2_x.ipynb", "bo_hw_3.ipynb", "cleo/hw.ipynb")
    found = find(tmp_path, ONE)
    assert found.system == "plain"
    assert [one.student for one in found.submissions] == ["ada_1_2_x", "bo_hw_3", "cleo"]


AGAIN = ("ada_1_100_part1.ipynb", "ada_1_140_part1-2.ipynb", "ada_1_120_part1-1.ipynb", "ada_1_101_part2.ipynb")


@pytest.mark.parametrize(
    ("policy", "chosen"),
    [
        (Resubmissions.NEWEST, ["ada_1_140_part1-2.ipynb"]),
        (Resubmissions.FIRST, ["ada_1_100_part1.ipynb"]),
        (Resubmissions.AMBIGUOUS, ["ada_1_100_part1.ipynb", "ada_1_120_part1-1.ipynb", "ada_1_140_part1-2.ipynb"]),
    ],
)
def test_of_several_attempts_the_rubrics_one_counts(
    tmp_path: Path, policy: Resubmissions, chosen: list[str]
) -> None:
    hand_in(tmp_path, *AGAIN)
    found = find(tmp_path, replace(TWO, resubmissions=policy))
    part1, part2 = found.submissions
    assert [one.name for one in part1.notebooks] == chosen
    assert [one.name for one in part2.notebooks] == ["ada_1_101_part2.ipynb"]
    told = found.remarks[1:]
    assert told == (() if len(chosen) > 1 else (f"1 student handed in more than once: the {policy} counts",))


def test_two_files_of_different_names_are_no_attempts_at_the_same(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada_1_100_first.ipynb", "ada_1_140_second.ipynb")
    assert len(find(tmp_path, ONE).submissions[0].notebooks) == 2


# --- Moodle ------------------------------------------------------------------------------------------------


def test_moodles_folders_have_names_and_numbers(tmp_path: Path) -> None:
    hand_in(
        tmp_path,
        "Ada Lovelace_12_assignsubmission_file_/deep/hw.ipynb",
        "Ada Lovelace_13_assignsubmission_file_/hw.ipynb",
        "Bo_Under Score_14_assignsubmission_onlinetext_/onlinetext.html",
        "Cleo_15_assignsubmission_file_/hw.ipynb",
        "Cleo_15_assignsubmission_onlinetext_/onlinetext.html",
    )
    found = find(tmp_path, ONE)
    assert found.remarks == ("submissions: recognised as Moodle's download (4 students)",)
    assert rows(found, tmp_path) == {
        "Ada Lovelace_12": "Ada Lovelace_12_assignsubmission_file_/deep/hw.ipynb",
        "Ada Lovelace_13": "Ada Lovelace_13_assignsubmission_file_/hw.ipynb",
        "Bo_Under Score_14": NONE,
        "Cleo_15": "Cleo_15_assignsubmission_file_/hw.ipynb",
    }
    assert identities(found)["Ada Lovelace_12"] == Identity(name="Ada Lovelace", id="12")


def test_moodles_flat_files_and_hidden_identities(tmp_path: Path) -> None:
    hand_in(
        tmp_path, "Participant_7_assignsubmission_file_part1 a.ipynb", "Participant_8_assignsubmission_file_x.pdf"
    )
    found = find(tmp_path, rubric(part1=("part1*",)))
    assert found.system == "Moodle"
    assert rows(found, tmp_path) == {
        "Participant_7": "Participant_7_assignsubmission_file_part1 a.ipynb",
        "Participant_8": NONE,
    }
    assert identities(found)["Participant_7"] == Identity(id="7")


# --- Gradescope --------------------------------------------------------------------------------------------

METADATA = """\
---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: '100'
    :email: ada@example.edu
  :created_at: 2026-05-01 12:00:00.123456789 Z
  :score: 1.0
  :history:
  - :id: 5
    :created_at: 2026-04-01 12:00:00.0 Z
submission_2:
  :submitters:
  - :name: Bo Ek
    :sid: '200'
    :email: bo@example.edu
  - :name: Ada Lovelace
    :sid:
    :email: other@example.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: &1 2026-05-01 12:00:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
    time: *1
submission_3:
  :submitters:
  - :name: Cleo
    :sid: '300'
"""


def gradescope(folder: Path, metadata: str = METADATA) -> Path:
    hand_in(folder, "submission_1/hw.ipynb", "submission_2/hw.ipynb", "submission_9/hw.ipynb")
    (folder / "submission_metadata.yml").write_text(metadata, "utf-8")
    return folder


def test_gradescope_gives_each_of_a_group_a_row(tmp_path: Path) -> None:
    found = find(gradescope(tmp_path), ONE)
    assert found.remarks == (
        "submissions: recognised as Gradescope's export (5 students)",
        "not named as 'submission_metadata.yml' names folders, and taken as they are: 'submission_9'",
    )
    assert rows(found, tmp_path) == {
        "Ada Lovelace_100": "submission_1/hw.ipynb",
        "Ada Lovelace_other@example.edu": "submission_2/hw.ipynb",
        "Bo Ek_200": "submission_2/hw.ipynb",
        "Cleo_300": NONE,
        "submission_9": "submission_9/hw.ipynb",
    }
    assert of(found, "Ada Lovelace_100").identity == Identity("Ada Lovelace", "100", "", "ada@example.edu")
    assert of(found, "Ada Lovelace_100").handed_in == NOON.replace(microsecond=123456)
    assert of(found, "Bo Ek_200").handed_in == NOON


def test_gradescopes_export_may_lie_in_a_folder_of_its_own(tmp_path: Path) -> None:
    gradescope(tmp_path / "assignment_1234_export")
    assert find(tmp_path, ONE).system == "Gradescope"


def test_of_two_submissions_of_one_student_the_newest_counts(tmp_path: Path) -> None:
    one = "  :submitters:\n  - :name: Ada\n    :sid: '1'\n  :created_at: 2026-05-0"
    gradescope(tmp_path, f"submission_1:\n{one}2 12:00:00 Z\nsubmission_2:\n{one}1 12:00:00 Z\n")
    found = find(tmp_path, ONE)
    assert of(found, "Ada_1").notebooks == (tmp_path / "submission_1/hw.ipynb",)
    assert of(found, "Ada_1").handed_in == NOON.replace(day=2)


@pytest.mark.parametrize("damage", ["", "{", "- 1", "submission_1: *x", "\t", "submission_1: {:submitters: 3}"])
def test_damaged_metadata_lose_nobody(tmp_path: Path, damage: str) -> None:
    found = find(gradescope(tmp_path, damage), ONE)
    assert [one.student for one in found.submissions] == ["submission_1", "submission_2", "submission_9"]
    assert found.remarks[1].startswith("'submission_metadata.yml' tells nobody's name")


def test_a_hostile_name_in_metadata_is_one_line_and_leads_nowhere(tmp_path: Path) -> None:
    hostile = 'submission_1:\n  :submitters:\n  - {":name": "a\\nb\\0\\u2028c", ":sid": "../../x"}\n"../../etc":\n'
    found = find(gradescope(tmp_path, hostile + "  :submitters:\n  - :name: Zed\n"), ONE)
    names = [one.student for one in found.submissions]
    assert [name.partition("~")[0] for name in names] == [
        "Zed_../../etc",
        "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}c_../../x",
        "submission_2",
        "submission_9",
    ]
    assert found.submissions[0].notebooks == ()


def test_aliases_and_depth_cost_nothing() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{n}: &{n} [*{p}, *{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert list(scalars(bomb.encode())) == [(("a", "0"), "x"), (("a", "1"), "x")]
    assert list(scalars(b"[" * 100_000)) == []


@given(st.binary(max_size=400) | st.text("ab:-\n []{}'\"&*!|> \t", max_size=200).map(str.encode))
def test_any_bytes_are_metadata_or_nothing(data: bytes) -> None:
    assert all(isinstance(step, str) for path, _ in scalars(data) for step in path)


# --- nbgrader ----------------------------------------------------------------------------------------------


def nbgrader(folder: Path, stamp: str = "2026-05-01 12:00:00.000000 UTC") -> Path:
    hand_in(folder, "submitted/ada/ps1/hw.ipynb", "submitted/ada/ps2/hw.ipynb", "submitted/bo/ps2/hw.ipynb")
    (folder / "submitted/ada/ps1/timestamp.txt").write_text(stamp, "utf-8")
    return folder


@pytest.mark.parametrize("top", ["", "submitted"])
def test_nbgraders_students_have_the_rubrics_assignment_and_a_time(tmp_path: Path, top: str) -> None:
    found = find(nbgrader(tmp_path) / top, ONE)
    assert found.remarks == ("submissions: recognised as nbgrader's submitted assignments (2 students)",)
    ada, bo = found.submissions
    assert (ada.notebooks, ada.handed_in) == ((tmp_path / "submitted/ada/ps1/hw.ipynb",), NOON)
    assert (bo.notebooks, bo.reason) == ((), "no notebook was found: no folder 'ps1'")


@pytest.mark.parametrize("stamp", ["", "yesterday", "9999-99-99 99:99", "2026-05-01 12:00 EST", "\0" * 5000])
def test_a_stamp_that_is_no_time_tells_nothing(tmp_path: Path, stamp: str) -> None:
    assert find(nbgrader(tmp_path, stamp), ONE).submissions[0].handed_in is None


# --- GitHub ------------------------------------------------------------------------------------------------


def test_github_classrooms_folder_names_the_prefix(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "ps-1-submissions", "ps-1-ada-l/hw.ipynb", "ps-1-bo/.git/HEAD", "ps-1-bo/hw.ipynb")
    found = find(folder, ONE)
    assert found.remarks == ("submissions: recognised as GitHub Classroom's repositories (2 students)",)
    assert rows(found, folder) == {"ada-l": "ps-1-ada-l/hw.ipynb", "bo": "ps-1-bo/hw.ipynb"}
    assert identities(found)["ada-l"] == Identity(login="ada-l")


def test_clones_whose_names_begin_alike_are_github_classrooms_too(tmp_path: Path) -> None:
    hand_in(tmp_path, *(f"hw-{who}/{what}" for who in ("ada", "amy", "bo") for what in (".git/HEAD", "hw.ipynb")))
    assert list(rows(find(tmp_path, ONE), tmp_path)) == ["ada", "amy", "bo"]


def test_classroom_50_adds_what_its_table_knows(tmp_path: Path) -> None:
    hand_in(tmp_path, "cs-ps1-ada/hw.ipynb", "cs-ps1-bo/hw.ipynb", "cs-ps1-cy/README.md")
    for who in ("ada", "bo"):
        (tmp_path / f"cs-ps1-{who}/.classroom50.yaml").write_text('classroom: "cs"\nassignment: "ps1"\n', "utf-8")
    (tmp_path / "scores.csv").write_text(
        "username,first_name,last_name,email,section,score,max_score,datetime,submission_tag,submitted_by,review_url,"
        "late,override\nada,Ada,Lovelace,ada@example.edu,,1,1,2026-05-01T12:00:00Z,,,,true,\n",
        "utf-8",
    )
    found = find(tmp_path, ONE)
    assert found.remarks == ("submissions: recognised as Classroom 50's download (3 students)",)
    assert rows(found, tmp_path) == {"ada": "cs-ps1-ada/hw.ipynb", "bo": "cs-ps1-bo/hw.ipynb", "cy": NONE}
    ada = of(found, "ada")
    assert ada.identity == Identity("Ada Lovelace", "", "ada", "ada@example.edu")
    assert (ada.handed_in, ada.marked_late) == (NOON, True)


# --- Google ------------------------------------------------------------------------------------------------


def test_googles_copies_are_called_by_what_they_are_copies_of(tmp_path: Path) -> None:
    hand_in(tmp_path, "Copy of ada.ipynb", "Kopie von bo.ipynb", "cleo.ipynb")
    found = find(tmp_path, ONE)
    assert found.remarks == ("submissions: recognised as Google's copies (3 students)",)
    assert rows(found, tmp_path) == {
        "ada": "Copy of ada.ipynb",
        "bo": "Kopie von bo.ipynb",
        "cleo": "cleo.ipynb",
    }


def test_copies_of_one_name_are_different_peoples(tmp_path: Path) -> None:
    hand_in(tmp_path, "Copy of Part1.ipynb", "Copy of Part1 (1).ipynb", "Copy of Part1 (2).ipynb")
    found = find(tmp_path, ONE)
    assert len(found.submissions) == 3
    assert found.remarks[1].startswith("the names of some copies do not tell whose they are")


def test_google_classrooms_titles_stand_behind_the_name(tmp_path: Path) -> None:
    hand_in(tmp_path, "Ada Lovelace - MNIST.ipynb", "Bo Ek - MNIST.ipynb", "Cy - MNIST.ipynb")
    assert list(rows(find(tmp_path, ONE), tmp_path)) == ["Ada Lovelace", "Bo Ek", "Cy"]


# --- a pattern and a mapping -------------------------------------------------------------------------------


def with_students(pattern: str = "", mapping: Path | None = None) -> Rubric:
    return replace(ONE, students=StudentNames(pattern, mapping))


def test_a_pattern_takes_paths_apart_and_loses_nobody(tmp_path: Path) -> None:
    hand_in(tmp_path, "week3/ada-1.ipynb", "week3/ada-2.ipynb", "week3/odd.ipynb", "bo.ipynb")
    found = find(tmp_path, with_students(r"week\d/(?P<student>\w+)-(?P<attempt>\d)\.ipynb"))
    assert found.remarks == (
        "submissions: recognised as named by the pattern (3 students)",
        "2 not named as the pattern says, and taken as they are",
        "1 student handed in more than once: the newest counts",
    )
    assert rows(found, tmp_path) == {"ada": "week3/ada-2.ipynb", "bo": "bo.ipynb", "week3": "week3/odd.ipynb"}


def test_an_expression_is_spared_long_names(tmp_path: Path) -> None:
    deep = "a" * 200 + "/" + "a" * 60
    hand_in(tmp_path, f"{deep}!.ipynb", "bo.ipynb")
    found = find(tmp_path, with_students(r"(?P<student>a*a*a*a*a*|bo)\.ipynb"))
    assert len(found.submissions) == 2


def test_an_expression_that_does_not_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "LONGEST_TIME", 0.05)
    hand_in(tmp_path, "a" * 200 + ".ipynb")
    with pytest.raises(UsageError, match=r"^the pattern .* was not done with the names after 0\.05 s"):
        find(tmp_path, with_students("(?P<student>a*a*a*a*a*a*)b"))
    assert find(tmp_path, ONE).system == "plain"


def mapped(path: Path, *lines: str) -> Rubric:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return with_students(mapping=path)


def test_a_mapping_names_files_and_tells_who_is_missing(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "in", "a1.ipynb", "a2.ipynb", "x/Ü.ipynb", "left.ipynb")
    who = mapped(
        tmp_path / "who.csv",
        "file,student,email,handed_in,due,late",
        "a1.ipynb,Ada,ada@example.edu,2026-05-01 12:00 UTC,,",
        "a2,Ada,,2026-05-01 13:00 UTC,,yes",
        "x/u\u0308.ipynb,Ümit,,,2026-05-01T14:00+02:00,no",
        "gone.ipynb,Cy,,,,",
    )
    found = find(folder, who)
    assert found.remarks == (
        "submissions: recognised as the mapping of files to students (4 students)",
        "1 files or folders that the mapping does not name, taken as they are",
        "1 student handed in more than once: the newest counts",
    )
    assert rows(found, folder) == {
        "Ada": "a2.ipynb",
        "Cy": "no notebook was found: the mapping names 'gone.ipynb', which is not here",
        "left": "left.ipynb",
        "Ümit": "x/Ü.ipynb",
    }
    assert (of(found, "Ada").handed_in, of(found, "Ada").marked_late) == (NOON.replace(hour=13), True)
    assert of(found, "Ümit").due == NOON


def test_a_mapping_without_files_completes_what_a_system_knows(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "in", "smithbob_340934_2_hw.ipynb", "kim_5_3_hw.ipynb")
    who = mapped(
        tmp_path / "who.csv",
        "student;id;name;email;due",
        "Bob Smith;340934;Bob Smith;bob@example.edu;2026-05-01 12:00 UTC",
        "Zoe;999;;;",
    )
    found = find(folder, who)
    assert found.remarks == (
        "submissions: recognised as Canvas' download (2 students)",
        "the mapping tells of 1 who are not here: 'Zoe'",
    )
    bob = of(found, "smithbob_340934")
    assert bob.identity == Identity("Bob Smith", "340934", "", "bob@example.edu")
    assert bob.due == NOON


def test_all_faults_of_a_mapping_are_told_at_once(tmp_path: Path) -> None:
    who = mapped(tmp_path / "who.csv", "file,student,due,late", "a,,tomorrow,perhaps", "b,Bo,,", "B,Bo,,")
    with pytest.raises(UsageError) as caught:
        find(hand_in(tmp_path / "in", "a.ipynb"), who)
    assert str(caught.value).splitlines() == [
        f"the mapping '{tmp_path}/who.csv' cannot be used:",
        "line 2: there is no student; expected a name as the tables are to have it",
        f"line 2: 'tomorrow' is no due; expected {moments.EXPECTED}",
        "line 2: 'perhaps' does not tell who is late; expected yes, no or nothing",
        "line 4: 'B' again (first on line 3)",
    ]


@given(st.binary(max_size=300), st.sampled_from([b"", b"file,student\n", b"student,due\n"]))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_bytes_are_a_mapping_or_a_usage_fault(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, head: bytes
) -> None:
    folder = tmp_path_factory.mktemp("class")
    hand_in(folder / "in", "ada.ipynb")
    (folder / "who.csv").write_bytes(head + data)
    try:
        found = find(folder / "in", with_students(mapping=folder / "who.csv"))
    except UsageError as error:
        assert "who.csv" in str(error)  # noqa: PT017 - either is right
    else:
        assert any(one.notebooks for one in found.submissions)


# --- all of them -------------------------------------------------------------------------------------------

PIECES = [
    "ada",
    "Bo Ek",
    "_",
    "1",
    "22",
    "LATE",
    "anon",
    "-",
    "assignsubmission",
    "file",
    "Copy of ",
    " - ",
    "ß",
    ".",
    "\n",
]
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join)


@given(st.sets(NAMES, min_size=1, max_size=8), st.integers(0, 255))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_notebook_is_lost_whatever_names_look_like(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], kinds: int
) -> None:
    folder = tmp_path_factory.mktemp("class")
    made = set()
    for number, name in enumerate(sorted(names)):
        path = folder / f"x{name}" / "hw.ipynb" if kinds >> number & 1 else folder / f"x{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(name, "utf-8")
        made.add(path)
    found = find(folder, replace(ONE, resubmissions=Resubmissions.AMBIGUOUS))
    assert {one for each in found.submissions for one in each.notebooks} == made
    students = [one.student for one in found.submissions]
    assert len(set(students)) == len(students)
