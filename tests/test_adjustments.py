"""Points that a person added: read whole, or refused with every fault."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.adjustments import NAME, SEEN, load, unknown
from grader.errors import UsageError
from grader.handed_in import Hand, HandedIn
from grader.model import (
    Adjustment,
    CodeCriterion,
    ExecutesCriterion,
    Execution,
    Grade,
    Identity,
    LatePolicy,
    Part,
    Rubric,
    Status,
)
from grader.results import beside

CRITERIA = (ExecutesCriterion("runs", 15), CodeCriterion("seeded", 85, ("np.random.seed(0)",)))
NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
DAY = datetime(2026, 5, 1, tzinfo=UTC)


def rubric(*parts: str) -> Rubric:
    each = tuple(Part(part, (), Path("/course/reference.ipynb"), CRITERIA) for part in parts)
    return Rubric(Path("/course/rubric.yaml"), "a0", "MNIST", 100.0 * len(parts), Execution(), {}, each)


ONE, TWO = rubric("part1"), rubric("part1", "part2")


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / NAME
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def test_without_a_file_nothing_is_adjusted_and_nothing_written(tmp_path: Path) -> None:
    assert load(tmp_path / NAME, ONE) == ()
    assert list(tmp_path.iterdir()) == []


def test_a_line_names_its_writer_and_time_or_the_file_s_owner_and_when_it_was_first_seen(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "student,criterion,points,reason,by,when",
        '"Zoë, Z.",seeded,+2.5,the seed was set later,tina,2026-05-01T02:00+02:00',
        "ben,,-5,handed in by mail,,",
    )
    expected = (
        Adjustment("Zoë, Z.", "part1", "seeded", 2.5, "the seed was set later", "tina", DAY),
        Adjustment("ben", "", "", -5.0, "handed in by mail", path.owner(), NOW),
    )
    before = path.read_bytes()
    assert load(path, ONE, NOW) == expected
    assert load(path, ONE, NOW + timedelta(days=3)) == expected
    assert path.read_bytes() == before
    assert len(json.loads((tmp_path / SEEN).read_text("utf-8"))) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_spreadsheet_s_semicolons_decimal_commas_are_read(tmp_path: Path, encoding: str) -> None:
    lines = (
        "Student;Criterion;Points;Reason",
        "ann;part2.runs;2,5;it ran",
        ";;;",
        "ann;part2;\u22121;late",
    )
    found = load(written(tmp_path, *lines, encoding=encoding), TWO, NOW)
    assert [(one.part, one.criterion, one.points) for one in found] == [("part2", "runs", 2.5), ("part2", "", -1.0)]


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "student,criterion,points,reason,when",
        ",runs,1,why,",
        "ann,runs,many,why,",
        "ann,runs,1,,",
        "ann,run,1,why,",
        "ann,runs,nan,why,yesterday",
    )
    with pytest.raises(UsageError) as raised:
        load(path, ONE, NOW)
    assert str(raised.value).splitlines() == [
        f"'{path}' cannot be used:",
        "line 2: there is no student; expected a name as in scores.csv",
        "line 3: 'many' is no number of points; expected one such as 2.5 or -5",
        "line 4: there is no reason; write one, for the student will read it",
        "line 5: 'run' is no criterion of the rubric; expected one of 'runs', 'seeded', or nothing for the whole",
        "line 6: 'nan' is no number of points; expected one such as 2.5 or -5",
        "line 6: 'yesterday' is no date; expected one such as 2026-05-01 or 2026-05-01T14:30+02:00",
    ]
    assert not (tmp_path / SEEN).exists()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"student,criterion,points\n", "has no column 'reason'; expected the columns student, criterion, points"),
        (b"student,criterion,points,reason\nann,,1,\xff\n", "line 2: it is not UTF-8; save it as 'CSV UTF-8'"),
        (b"", "has no column 'student'"),
    ],
)
def test_a_file_of_another_form_is_refused(data: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(data)
    with pytest.raises(UsageError) as raised:
        load(path, ONE)
    assert told in str(raised.value)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"a": 1}', b'{"a": ["b", "c"]}'])
def test_a_damaged_note_is_told_and_not_overwritten(data: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, "student,criterion,points,reason", "ann,,1,why")
    (tmp_path / SEEN).write_bytes(data)
    with pytest.raises(UsageError, match="is damaged: it says who made which adjustment, and when"):
        load(path, ONE)
    assert (tmp_path / SEEN).read_bytes() == data


@given(st.binary(max_size=300), st.sampled_from([b"student,criterion,points,reason\n", b""]))
def test_any_bytes_are_adjustments_or_a_usage_fault(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, header: bytes
) -> None:
    path = tmp_path_factory.mktemp("course") / NAME
    path.write_bytes(header + data)
    found: tuple[Adjustment, ...] = ()
    with suppress(UsageError):
        found = load(path, ONE, NOW)
    assert all(one.student and one.reason for one in found)


def test_an_adjustment_of_nobody_is_told() -> None:
    one = Adjustment("an", "part1", "runs", 2.5, "why", "tina", DAY)
    told = "adjustments.csv: nobody here is called 'an', so 2.5 points for them count for nothing; names are as "
    assert list(unknown([one], ["ann"])) == [told + "the column student of scores.csv has them"]
    assert list(unknown([one], ["an"])) == []


def test_points_reach_their_part_and_what_is_for_the_whole_the_first_one() -> None:
    whole = Adjustment("ann", "", "", 1.0, "why", "tina", DAY)
    second = Adjustment("ann", "part2", "runs", -200.0, "why", "tina", DAY)
    result = beside(TWO, (whole, second))
    first, other = (Grade("ann", part, "", Status.GRADED, 90.0, 100.0) for part in ("part1", "part2"))
    assert [(one.adjusted, one.final) for one in map(result, (first, other))] == [(1.0, 91.0), (-200.0, 0.0)]
    blank = Grade("ann", "part1", "", Status.GRADER_ERROR, None, 100.0)
    assert result(blank).final is None


def test_lateness_and_who_it_is_come_from_what_was_handed_in() -> None:
    due = DAY
    course = replace(ONE, late_policy=LatePolicy(due=due, per_day=0.1))
    ann = Identity("Ann Ng", "7", "ann", "ann@x.edu")
    handed = HandedIn("Canvas", (), (Hand("ann", "part1", ann, due + timedelta(hours=30)),))
    result = beside(course, (), handed)(Grade("ann", "part1", "a.ipynb", Status.GRADED, 90.0, 100.0))
    assert (result.identity, result.penalty, result.final) == (ann, 20.0, 70.0)
    missing = beside(course, (), handed)(Grade("ann", "part1", "", Status.MISSING, 0.0, 100.0))
    assert (missing.lateness, missing.final) == (None, 0.0)
