"""Sheets that were downloaded are filled in, and stay what they were; nobody is guessed at."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reported import ended, graded, rubric, run

from grader.cli import main
from grader.errors import UsageError
from grader.model import Adjustment, Grade, Identity, Lateness, Result, Rubric, Status
from grader.outputs.exports import canvas, moodle, people, sheet, tables
from grader.outputs.exports.people import Person, Row

DUE = datetime(2026, 5, 1, 21, 59, tzinfo=UTC)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Rubric:
    return rubric(tmp_path_factory.mktemp("course"))


def person(student: str, final: float | None = 32.5, **identity: str) -> Person:
    return Person(student, Identity(**identity), final, final, 0.0, ())


def written(folder: Path, text: str | bytes) -> sheet.Sheet:
    path = folder / "sheet.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return sheet.read(path)


CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,MNIST with Keras (4711),Other (12),Final Score\r\n"
    '"    Points Possible",,,,,100,10,(read only)\r\n'
    '"Årnes, Bo",11,u11,bo@x.edu,"A, B",5,7,12\r\n'
    '"Ng, Ann",12,u12,ann@x.edu,A,,"=1+1",""\r\n'
    "Nobody Here,13,u13,no@x.edu,A,1,2,3\r\n"
    '"Student, Test",14,,abc,A,,,\r\n'
)


def test_canvas_gradebook_gets_its_scores_and_nothing_else_changes(tmp_path: Path, course: Rubric) -> None:
    everybody = [person("årnesbo", 32.5, id="11"), person("ann", 100.0, login="ann@x.edu"), person("zoe")]
    done = canvas.filled(written(tmp_path, CANVAS), course, everybody, None)
    expected = CANVAS.replace('"A, B",5,7', '"A, B",32.5,7').replace('A,,"=1+1"', 'A,100,"=1+1"')
    assert done.data.decode() == expected
    assert (done.count, done.remarks) == (
        2,
        (
            "in 'sheet.csv' and not graded here, left as they were: 'Nobody Here', 'Student, Test'",
            "graded here and not in 'sheet.csv': 'zoe'",
        ),
    )


def test_canvas_names_decide_only_where_they_are_unique(tmp_path: Path, course: Rubric) -> None:
    text = "Student,ID,MNIST with Keras\nDoe, x\n" + '"Doe, Jo",1,\n"Doe, Jo",2,\n"Li,  Ann",3,\n'
    done = canvas.filled(written(tmp_path, text), course, [person("Jo Doe"), person("ann li")], None)
    assert done.data.decode() == text.replace('"Li,  Ann",3,', '"Li,  Ann",3,32.5')
    assert done.remarks[-1] == "graded here and not in 'sheet.csv': 'Jo Doe'"


def test_canvas_keeps_the_cell_of_who_has_no_score(tmp_path: Path, course: Rubric) -> None:
    done = canvas.filled(written(tmp_path, CANVAS), course, [person("x", None, id="11")], None)
    assert done.data.decode() == CANVAS
    assert done.count == 0
    assert done.remarks[-1] == "without a score, so that their cells were left as they were: 'x'"


def test_canvas_column_is_named_where_it_is_not_clear_and_other_points_are_told(
    tmp_path: Path, course: Rubric
) -> None:
    found = written(tmp_path, CANVAS)
    with pytest.raises(UsageError) as raised:
        canvas.filled(found, replace(course, title="Other name"), [], None)
    assert str(raised.value) == (
        f"'{found.path}' has no column called 'Other name'; name one with --column, of 'MNIST with Keras (4711)', "
        "'Other (12)', 'Final Score'"
    )
    done = canvas.filled(found, course, [person("x", id="11")], "Other (12)")
    assert '"A, B",5,32.5,12' in done.data.decode()
    assert done.remarks[0] == "Canvas gives this assignment 10 points, and the rubric 100; nothing is scaled"


MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",Comments\n'
    '"Participant 101","Ann Ng",ann@x.edu,"Submitted",,100.00,Yes,""\n'
    '"Participant 102","Bo Årnes",bo@x.edu,"Submitted","1,5",100.00,No,"<p>good, so far</p>"\n'
    '"Participant 103","Cy",cy@x.edu,"No submission",-,100.00,Yes,\n'
)


def test_moodle_worksheet_gets_its_grades_and_nothing_else_changes(tmp_path: Path, course: Rubric) -> None:
    everybody = [person("a", 32.5, id="101"), person("b", 99.5, email="BO@x.edu"), person("cy", 0.0)]
    done = moodle.filled(written(tmp_path, MOODLE), course, everybody, None)
    expected = MOODLE.replace('"Submitted",,', '"Submitted",32.5,').replace('"1,5"', '"99.5"').replace(",-,", ",0,")
    assert done.data.decode() == expected
    assert (done.count, done.remarks) == (
        3,
        ("1 rows of 'sheet.csv' say that their grade cannot be changed: Moodle will pass them over",),
    )


def test_moodle_blind_worksheet_is_matched_by_participant_and_scaled_to_its_maximum(
    tmp_path: Path, course: Rubric
) -> None:
    text = "Identifier,Status,Grade,Maximum grade\nTeilnehmer/in101,x,,20\n"
    done = moodle.filled(written(tmp_path, text), course, [person("p", 50.0, id="101")], None)
    assert done.data.decode() == text.replace("x,,20", "x,10,20")
    assert done.remarks == ("Moodle's maximum is 20 and the rubric's 100: grades are scaled to Moodle's",)


@pytest.mark.parametrize(
    ("into", "text", "told"),
    [
        (canvas.filled, "a,b\n", "has no columns 'Student' and 'ID'; expected the gradebook as Canvas exports it"),
        (
            moodle.filled,
            "Identifier,b\n",
            "has no column 'Grade'; expected the grading worksheet as Moodle exports it",
        ),
        (moodle.filled, "Grade\n", "has no column 'Identifier'; expected the grading worksheet"),
        (canvas.filled, "", "is empty; expected the CSV file that was downloaded"),
        (canvas.filled, "\ufeff\n", "is empty; expected the CSV file that was downloaded"),
    ],
)
def test_a_file_that_is_no_such_sheet_is_refused(
    into: object, text: str, told: str, tmp_path: Path, course: Rubric
) -> None:
    with pytest.raises(UsageError) as raised:
        into(written(tmp_path, text), course, [], None)  # type: ignore[operator]  # one of the two above
    assert told in str(raised.value)


# --- any sheet ---------------------------------------------------------------------------------------------


@given(st.binary(max_size=200) | st.text('a",;\r\n \t', max_size=60).map(str.encode))
def test_any_file_is_written_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("sheet") / "sheet.csv"
    path.write_bytes(b"a,b\n" + data)
    assert sheet.read(path).filled({}) == b"a,b\n" + data


@given(
    st.lists(
        st.lists(st.text(max_size=8).filter(lambda text: "\0" not in text), min_size=2, max_size=4), max_size=6
    ),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([",", ";", "\t"]),
)
def test_cells_are_read_as_python_s_own_reader_does(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], quoting: int, delimiter: str
) -> None:
    text = io.StringIO()
    table = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")  # type: ignore[arg-type]
    table.writerows([["one", "two", "three"], *rows])
    data = text.getvalue().encode("utf-8", "surrogatepass")
    path = tmp_path_factory.mktemp("sheet") / "sheet.csv"
    path.write_bytes(data)
    found = [[cell.text for cell in line] for line in sheet.read(path).lines]
    if all(character < "\ud800" or character > "\udfff" for character in text.getvalue()):
        assert found == [["one", "two", "three"], *rows]


def test_a_large_sheet_with_an_open_quote_is_read_in_linear_time(tmp_path: Path) -> None:
    text = "a,b\n" + '"x""y' * 200_000
    assert written(tmp_path, text).filled({}) == text.encode()


@given(st.lists(st.text("ab ", max_size=3), max_size=6), st.lists(st.text("ab ", max_size=3), max_size=6))
def test_no_row_and_no_student_is_matched_twice(rows: list[str], students: list[str]) -> None:
    asked = [Row(at, (), (), (name,)) for at, name in enumerate(rows)]
    everybody = [person(name) for name in dict.fromkeys(students)]
    found = people.match(everybody, asked)
    taken = [one.student for one in found.of.values()]
    assert len(taken) == len(set(taken))
    assert len(found.of) + len(found.rows) == len(asked)
    assert len(taken) + len(found.people) == len(everybody)


# --- tables ------------------------------------------------------------------------------------------------


def results(course: Rubric) -> list[Result]:
    more = Adjustment("ann", "part1", "history", 2.5, "why", "tina", DUE)
    late = Lateness(late=True, seconds=90_000.0, penalty=10.0, why="1 day 1 h")
    ann = Result(graded("ann"), Identity("Ng, =Ann", "7", "", "ann@x.edu"), DUE, late, (more,))
    return [ann, Result(graded("bo b"), Identity("Bo Lee b")), Result(ended("cy", Status.GRADER_ERROR))]


def test_nbgrader_s_columns_hold_raw_penalty_and_final_score(course: Rubric) -> None:
    everybody = people.everybody(course, results(course))
    header = "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,"
    assert tables.nbgrader(course, everybody, DUE).decode().splitlines() == [
        header + "late_submission_penalty,score,max_score",
        "a0,2026-05-01 21:59:00.000000,2026-05-01 21:59:00.000000,ann,Ng,'=Ann,ann@x.edu,35,10,25,100",
        "a0,2026-05-01 21:59:00.000000,,bo b,b,Bo Lee,,32.5,0,32.5,100",
        "a0,2026-05-01 21:59:00.000000,,cy,,,,,0,,100",
    ]


def test_gradescope_s_table_has_a_column_a_criterion_and_blanks_where_nothing_was_judged(course: Rubric) -> None:
    everybody = people.everybody(course, results(course))
    assert tables.gradescope(course, everybody).decode().splitlines() == [
        "Name,SID,Email,Total Score,Max Points,Status,runs,architecture,history",
        '"Ng, =Ann",7,ann@x.edu,25,100,Graded,15,17.5,0',
        "Bo Lee b,,,32.5,100,Graded,15,17.5,0",
        "cy,,,,100,Ungraded,,,",
    ]


def test_a_whole_needs_all_its_parts(course: Rubric) -> None:
    two = rubric(course.path.parent, "part1", "part2")
    both: list[Grade] = [graded("ann", "part1"), graded("ann", "part2"), graded("bo", "part1")]
    found = people.everybody(two, map(Result, both))
    assert [(one.student, one.final) for one in found] == [("ann", 65.0), ("bo", None)]


# --- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def graded_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "grades", [graded("ann"), graded("ann", "part2"), graded("bo", "part1"), graded("bo", "part2")])
    (tmp_path / "book.csv").write_text("Student,ID,MNIST classification with Keras (1)\nann,1,\nzoe,2,\n")
    return tmp_path


SHIPPED = ("--rubric", str(Path(__file__).parents[1] / "rubric.yaml"))


def test_the_command_fills_in_a_copy_and_names_who_is_left_over(
    graded_class: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (graded_class / "book.csv").read_bytes()
    assert main(["export", "canvas", "--sheet", "book.csv", *SHIPPED]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "note: in 'book.csv' and not graded here, left as they were: 'zoe'",
        "note: graded here and not in 'book.csv': 'bo'",
        "1 score in grades/export/canvas.csv",
    ]
    assert (graded_class / "grades/export/canvas.csv").read_bytes() == before.replace(b"ann,1,", b"ann,1,65")
    assert (graded_class / "book.csv").read_bytes() == before


def test_the_command_never_writes_over_the_sheet_and_asks_for_one_that_is_needed(
    graded_class: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del graded_class
    assert main(["export", "canvas", "--sheet", "book.csv", "--to", "book.csv", *SHIPPED]) == 2
    assert main(["export", "moodle", *SHIPPED]) == 2
    assert main(["export", "moodle", "--sheet", "none.csv", *SHIPPED]) == 3
    assert main(["export", "nbgrader", *SHIPPED]) == 0
    found = capsys.readouterr()
    assert found.err.splitlines() == [
        "grader: --to 'book.csv' is the sheet itself, which stays as it is; name another file",
        "grader: `grader export moodle` fills in a sheet; download it there, and name it with --sheet",
        "grader: 'none.csv': No such file or directory; expected it to be there: look at its name and folder",
    ]
    assert found.out == "2 scores in grades/export/nbgrader.csv\n"
