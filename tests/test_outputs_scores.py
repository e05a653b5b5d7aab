from __future__ import annotations

import csv
import dataclasses
import io
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import (
    Adjustment,
    Check,
    CodeCriterion,
    ExecutesCriterion,
    Execution,
    Grade,
    Lateness,
    Part,
    Result,
    Rubric,
    Status,
)
from grader.outputs.scores import write_scores, write_totals

CRITERIA = (ExecutesCriterion("runs", 15), CodeCriterion("seeded", 85, ("np.random.seed(0)",)))


def rubric(*parts: str) -> Rubric:
    return Rubric(
        path=Path("/course/rubric.yaml"),
        assignment="assignment-0",
        title="MNIST",
        points=100.0 * len(parts),
        execution=Execution(),
        datasets={},
        parts=tuple(Part(part, (), Path("/course/reference.ipynb"), CRITERIA) for part in parts),
    )


ONE = rubric("part1")
TWO = rubric("part1", "part2")


def check(criterion: str, points: float, most: float) -> Check:
    return Check(criterion, criterion, points, most)


def graded(student: str, part: str = "part1", runs: float = 15, seeded: float = 85) -> Grade:
    return Grade(
        student=student,
        part=part,
        notebook=f"{student}.ipynb",
        status=Status.GRADED,
        score=runs + seeded,
        max_score=100,
        checks=(check("runs", runs, 15), check("seeded", seeded, 85)),
        seconds=41.26,
        trained="kernel",
        device="cpu",
        isolation="landlock",
        sha256="ab12",
    )


def unjudged(student: str, part: str = "part1") -> Grade:
    """What a careless stage might hand on: our own trouble, with figures in it all the same."""
    grade = graded(student, part, runs=0, seeded=0)
    return dataclasses.replace(grade, status=Status.GRADER_ERROR, message="the disk is full")


def lines(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8").split("\n")


HEADER = (
    "student,part,notebook,status,score,max_score,runs,seeded,"
    "flags,message,seconds,reference,trained,evidence,device,isolation,sha256,"
    "late,late_penalty,adjusted,final"
)


TOTALS = "student,score,max_score,status,flags,late,late_penalty,adjusted,final"


def test_what_dates_and_people_made_of_a_grade_stands_beside_the_raw_score(tmp_path: Path) -> None:
    when = datetime(2026, 5, 1, tzinfo=UTC)
    more = (Adjustment("ann", "part2", "seeded", 2.5, "the seed was set", "tina", when),)
    results = {
        "part1": Lateness(late=True, seconds=90_000.0, penalty=10.0, why="1 day 1 h"),
        "part2": Lateness(late=False, seconds=0.0, penalty=0.0, why=""),
    }

    def result(grade: Grade) -> Result:
        return Result(grade, lateness=results[grade.part], adjustments=more if grade.part == "part2" else ())

    grades = [graded("ann", "part1", seeded=0), graded("ann", "part2", seeded=80)]
    rows = lines(write_scores(tmp_path, TWO, grades, result))
    assert [row.partition("ab12,")[2] for row in rows[1:3]] == ["1 day 1 h,10,,5", ",0,2.5,97.5"]
    assert lines(write_totals(tmp_path, TWO, grades, result))[1] == "ann,110,200,graded,,1 day 1 h,10,2.5,102.5"


def test_a_row_holds_what_the_grade_holds_with_short_numbers_and_no_part(tmp_path: Path) -> None:
    grade = dataclasses.replace(graded("ann", seeded=18.75), flags=("a", "b"), message='says "no"')
    path = write_scores(tmp_path, ONE, [grade])
    assert path == tmp_path / "scores.csv"
    row = 'ann,,ann.ipynb,graded,33.75,100,15,18.75,a; b,"says ""no""",41.3,,kernel,,cpu,landlock,ab12,,,,33.75'
    assert lines(path) == [HEADER, row, ""]


def test_a_row_names_the_evidence_behind_each_comparison_without_its_reasons(tmp_path: Path) -> None:
    runs, seeded = check("runs", 15, 15), check("seeded", 85, 85)
    compared = (
        runs,
        dataclasses.replace(seeded, evidence="observed: the model in the kernel"),
        dataclasses.replace(seeded, criterion="history", evidence="verified: the grader trained it: twice"),
    )
    grade = dataclasses.replace(graded("ann"), checks=compared)
    for one, shown in ((grade, "seeded observed; history verified"), (unjudged("ann"), "")):
        row = lines(write_scores(tmp_path, ONE, [one]))[1]
        assert f",kernel,{shown},cpu,landlock,ab12," in row


def test_several_parts_name_their_columns_and_leave_the_other_part_s_blank(tmp_path: Path) -> None:
    path = write_scores(tmp_path, TWO, [graded("ann", "part2"), graded("ann", "part1", seeded=0)])
    assert lines(path) == [
        HEADER.replace("runs,seeded", "part1.runs,part1.seeded,part2.runs,part2.seeded"),
        "ann,part1,ann.ipynb,graded,15,100,15,0,,,,,41.3,,kernel,,cpu,landlock,ab12,,,,15",
        "ann,part2,ann.ipynb,graded,100,100,,,15,85,,,41.3,,kernel,,cpu,landlock,ab12,,,,100",
        "",
    ]


def test_our_own_trouble_leaves_score_and_points_blank(tmp_path: Path) -> None:
    path = write_scores(tmp_path, ONE, [unjudged("ann")])
    assert (
        lines(path)[1] == "ann,,ann.ipynb,grader_error,,100,,,,the disk is full,41.3,,kernel,,cpu,landlock,ab12,,,,"
    )


def test_a_submission_that_never_ran_has_a_row_with_its_zero(tmp_path: Path) -> None:
    grade = Grade("ann", "part1", "", Status.MISSING, 0.0, 100.0, (check("runs", 0, 15),), message="no notebook")
    assert lines(write_scores(tmp_path, ONE, [grade]))[1] == "ann,,,missing,0,100,0,,,no notebook,0,,none,,,,,,,,0"


def test_rows_are_in_order_of_student_and_of_the_rubric_s_parts_from_any_iterator(tmp_path: Path) -> None:
    names = ["ann", "ann2", "ben", "cy", "Åsa"]
    grades = (graded(name, part) for name in names for part in ("part2", "part1"))
    rows = [line.split(",")[:2] for line in lines(write_scores(tmp_path, TWO, grades))[1:-1]]
    assert rows == [[name, part] for name in names for part in ("part1", "part2")]


def test_grades_out_of_order_are_refused_and_leave_the_table_as_it_was(tmp_path: Path) -> None:
    before = write_scores(tmp_path, ONE, [graded("ann")]).read_bytes()
    with pytest.raises(ValueError, match="the grades of 'ann' come after those of 'ben', out of order"):
        write_scores(tmp_path, ONE, [graded("ben"), graded("ann")])
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("scores.csv", before)]


def test_no_grades_leave_a_header(tmp_path: Path) -> None:
    assert lines(write_scores(tmp_path, ONE, [])) == [HEADER, ""]
    assert lines(write_totals(tmp_path, ONE, [])) == [TOTALS, ""]


def test_totals_add_the_parts_up_and_say_what_stands_in_the_way(tmp_path: Path) -> None:
    timeout = dataclasses.replace(graded("ben", "part2", runs=0), status=Status.TIMEOUT, flags=("look",))
    grades = [
        graded("ann", "part1"),
        graded("ann", "part2", seeded=0.5),
        graded("ben", "part1"),
        timeout,
        graded("cy", "part1"),
        unjudged("cy", "part2"),
        graded("dee", "part1"),
    ]
    assert lines(write_totals(tmp_path, TWO, grades)) == [
        TOTALS,
        "ann,115.5,200,graded,,,,,115.5",
        "ben,185,200,part2: timeout,part2: look,,,,185",
        "cy,,200,part2: grader_error,,,,,",
        "dee,,200,part2: not graded yet,,,,,",
        "",
    ]


def test_a_one_part_total_shows_the_status_as_it_is(tmp_path: Path) -> None:
    broken = dataclasses.replace(graded("ann", runs=0, seeded=0), status=Status.UNREADABLE)
    assert lines(write_totals(tmp_path, ONE, [broken]))[1] == "ann,0,100,unreadable,,,,,0"


def test_pandas_reads_the_figures_back_as_figures(tmp_path: Path) -> None:
    table = pd.read_csv(write_scores(tmp_path, ONE, [graded("ann", seeded=18.75), unjudged("ben")]))
    assert table["score"].tolist()[0] == 33.75
    assert table["score"].isna().tolist() == [False, True]
    assert table["runs"].tolist()[0] == 15


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\r\n=1", "' =1"),
        ("  =1", "'  =1"),
        ("\u00a0\u200b=1", "'\u00a0\u200b=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\u22121", "'\u22121"),
        ("found 1;=1", "found 1;'=1"),
        ('found;"=1"', 'found;\'"=1"'),
        ('"=1"', '\'"=1"'),
        ('"quoted"', '"quoted"'),
        ("ann\x1b[2J\u2067\u200f", "ann\ufffd[2J\ufffd\ufffd"),
        ("\udcff", "\ufffd"),
        ("a\nb\r\nc\td", "a b c d"),
        ("a\x00b\u202ec", "a\ufffdb\ufffdc"),
        ("\ud800x", "\ufffdx"),
        ("Zoë 李 👩\u200d🔬", "Zoë 李 👩\u200d🔬"),
        ("loss = 1 - 2", "loss = 1 - 2"),
        ("", ""),
    ],
)
def test_texts_are_one_line_that_no_spreadsheet_runs(tmp_path: Path, written: str, stored: str) -> None:
    path = write_scores(tmp_path, ONE, [dataclasses.replace(graded("ann"), message=written)])
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["message"] for row in csv.DictReader(file)] == [stored]


HOSTILE = st.text(st.characters() | st.sampled_from('=+-@;,"\t\r\n \u200b\ufeff\uff1d\u202e'), max_size=12)
GRADES = st.lists(
    st.builds(
        Grade,
        student=HOSTILE,
        part=st.sampled_from(["part1", "part2"]),
        notebook=HOSTILE,
        status=st.sampled_from(Status),
        score=st.none() | st.floats(0, 100),
        max_score=st.just(100.0),
        flags=st.lists(HOSTILE, max_size=2).map(tuple),
        message=HOSTILE,
    ),
    max_size=5,
).map(lambda grades: sorted(grades, key=lambda grade: grade.student))


def begins_like_a_formula(cell: str) -> bool:
    seen = "".join(character for character in cell if unicodedata.category(character) not in {"Cf", "Zs"})
    return re.match(r"[=+\-@\t\r]", unicodedata.normalize("NFKC", seen)) is not None


@given(GRADES)
def test_any_texts_give_one_whole_row_a_grade_and_no_formula(
    tmp_path_factory: pytest.TempPathFactory, grades: list[Grade]
) -> None:
    folder = tmp_path_factory.mktemp("grades")
    for path, count in [
        (write_scores(folder, TWO, grades), len(grades)),
        (write_totals(folder, TWO, grades), len({grade.student for grade in grades})),
    ]:
        text = path.read_bytes().decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len(rows) == count + 1
        assert len(text.split("\n")) == count + 2
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not [cell for row in rows for cell in row if begins_like_a_formula(cell)]
        assert len(pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)) == count


@given(st.floats(0, 1000, allow_nan=False).map(lambda value: round(value, 4)))
def test_points_are_never_written_with_noise(tmp_path_factory: pytest.TempPathFactory, points: float) -> None:
    path = write_scores(tmp_path_factory.mktemp("grades"), ONE, [graded("ann", runs=points)])
    cell = lines(path)[1].split(",")[6]
    assert float(cell) == points
    assert re.fullmatch(r"\d+(\.\d*[1-9])?", cell)
