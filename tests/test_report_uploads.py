"""Feedback in one archive leads each page to the student whose it is, by the rules that the systems have.

The rules are written out here once more, from the sources that `grader/report/uploads.py` names: whatever students
are called, and whatever their systems made of it, what goes back must reach them and nobody else.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from reported import ended, graded, rubric, run

from grader import handed_in
from grader.cli import main
from grader.model import Adjustment, Check, Grade, Lateness, Result, Slot, Status
from grader.report import comments, uploads
from grader.report.again import Written, again
from grader.submissions import archives, find

CANVAS = (
    "lovelaceada_340934_208490284_mnist.ipynb",
    "lovelaceada_340999_208490290_mnist.ipynb",  # another of that name
    "turingalan_LATE_334244_394803489_my_hw_1_2.ipynb",
    "lópezana_77_394803490_hw.ipynb",
    "lópezana_77_394803495_hw-1.ipynb",  # handed in again
    "anon_aB3xY_81_hw.ipynb",
    "kim_78_text.html",
    "anon_5_82_hw.ipynb",  # a code of a digit alone; a user called Anon could have no other
)
MOODLE = (
    "Ada Lovelace_1201_assignsubmission_file_/mnist.ipynb",
    "Ada Lovelace_1202_assignsubmission_file_/mnist.ipynb",
    "Zoë O'Brien-Smith_1203_assignsubmission_file_/mnist.ipynb",
    "Participant_1204_assignsubmission_file_/mnist.ipynb",
    "Text Only_1205_assignsubmission_onlinetext_/onlinetext.html",
)


# --- what the systems make of a name -----------------------------------------------------------------------


def moodle_takes(path: str, participants: Iterable[int]) -> tuple[int, str] | None:
    """The participant and the file's name, as Moodle's importer since 4.1 tells them."""
    name = path.rpartition("/")[2]
    if name.startswith((".", "~")):
        return None
    pieces = f"/import/{path}".split("/")
    while pieces:
        info = pieces.pop(0).split("_", 4)
        if len(info) < 4 or not re.fullmatch(r"[0-9]+", info[1]) or int(info[1]) not in participants:
            continue
        if (info[2], info[3]) in (("assignfeedback", "file"), ("assignsubmission", "file")):
            return int(info[1]), "/".join([*info[4:], *pieces])
    return None


def moodle_took(path: str, participants: Iterable[int], *, whole: bool) -> tuple[int, str] | None:
    """As its importers before did: by the whole path, or by the file's name alone."""
    info = (f"/import/{path}" if whole else path.rpartition("/")[2]).split("_", 4)
    if len(info) < 5 or not re.fullmatch(r"[0-9]+", info[1]) or int(info[1]) not in participants:
        return None
    return (int(info[1]), info[4]) if (info[2], info[3]) == ("assignfeedback", "file") else None


def canvas_takes(path: str, attachments: Mapping[str, tuple[str, ...]], groups: Iterable[str] = ()) -> str | None:
    """The user, or the code of who is anonymous; `attachments` has the files that each of them handed in."""
    name = path.rpartition("/")[2]
    for group in groups:
        if name.startswith(f"{group}_"):
            name = name.removeprefix(f"{group}_")
            break
    pieces = [piece for piece in name.split("_") if piece != "LATE"]
    if pieces[0] == "anon":
        user, attachment = f"anon_{pieces[1]}", pieces[2]
    else:
        user, attachment = [*[one for one in pieces if re.fullmatch(r"[0-9]+", one)], "", ""][:2]
    if pieces[-1].startswith("link") or name.startswith("._"):
        return None
    return user if attachment in attachments.get(user, ()) else None


# --- from a download to an archive -------------------------------------------------------------------------


def downloaded(folder: Path, names: Iterable[str]) -> Path:
    path = folder / "submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return path


def finished(tmp_path: Path, download: Path, grade: dict[str, Grade] | None = None) -> Written:
    """What a run of that download would leave, each student's flag being their name; then their feedback."""
    out, course = tmp_path / "grades", rubric(tmp_path, hidden=True)
    out.mkdir(exist_ok=True)
    found = find(archives.unpack(download, out / "submitted").folder, course)
    handed_in.store(out, found)
    named = [(grade or {}).get(one.student) or graded(one.student, text="SECRET") for one in found.submissions]
    run(out, [replace(one, notebook=f"for {one.student}.ipynb") for one in named])
    return again(course, out, feedback=True)


def entries(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def meant_for(page: str) -> str:
    """The student whose page it is, by the notebook's name in it."""
    found = re.search(r"for ([^<]*)\.ipynb", page)
    assert found
    return found[1].replace("&#39;", "'")


def test_moodle_s_download_comes_back_as_an_archive_that_moodle_takes(tmp_path: Path) -> None:
    written = finished(tmp_path, downloaded(tmp_path, MOODLE))
    path = tmp_path / "grades" / "feedback-moodle.zip"
    assert written.lines == (f"for Moodle's 'Upload multiple feedback files in a zip': {path}, with 5 of 5",)
    pages = entries(path)
    assert list(pages) == [
        "Ada Lovelace_1201_assignfeedback_file_feedback.html",
        "Ada Lovelace_1202_assignfeedback_file_feedback.html",
        "Text Only_1205_assignfeedback_file_feedback.html",
        "Zoë O Brien Smith_1203_assignfeedback_file_feedback.html",
        "student_1204_assignfeedback_file_feedback.html",
    ]
    everybody = range(1000, 2000)
    for name, page in pages.items():
        taken = moodle_takes(name, everybody)
        assert taken == moodle_took(name, everybody, whole=True) == moodle_took(name, everybody, whole=False)
        assert taken == (int(meant_for(page).rpartition("_")[2]), "feedback.html")
        assert page == (written.index / next(written.index.glob(f"*{taken[0]}*"))).read_text("utf-8")
        assert "SECRET" not in page
    assert not (tmp_path / "grades" / "feedback-canvas.zip").exists()


def test_canvas_download_comes_back_as_an_archive_that_canvas_takes(tmp_path: Path) -> None:
    written = finished(tmp_path, downloaded(tmp_path, CANVAS))
    out = tmp_path / "grades"
    assert written.lines == (
        f"for Canvas' 'Re-Upload Submissions': {out / 'feedback-canvas.zip'}, with 6 of 7",
        f"the same in words, by number: {out / 'feedback-canvas.csv'}, with 5 of 7",
    )
    assert written.remarks[-1] == (
        "not in feedback-canvas.zip, as nothing that was downloaded tells by which number their feedback is taken: "
        "'kim_78'; give them theirs by hand (or, where an older grader graded, grade the same download again: it "
        "runs nothing twice)"
    )
    pages = entries(out / "feedback-canvas.zip")
    assert list(pages) == [
        "anon_5_82_feedback.html",
        "anon_aB3xY_81_feedback.html",
        "lovelaceada_340934_208490284_feedback.html",
        "lovelaceada_340999_208490290_feedback.html",
        "lópezana_77_394803495_feedback.html",
        "turingalan_334244_394803489_feedback.html",
    ]
    attachments = {
        "340934": ("208490284",),
        "340999": ("208490290",),
        "334244": ("394803489",),
        "77": ("394803495",),  # those of an earlier attempt are no longer the submission's
        "anon_aB3xY": ("81",),
        "anon_5": ("82",),
    }
    for name, page in pages.items():
        user = canvas_takes(name, attachments, ["student", "lovelaceada"])
        assert user is not None
        assert meant_for(page).endswith(user)
        assert "SECRET" not in page


def test_the_sheet_of_comments_names_students_by_number_and_says_nothing_hidden(tmp_path: Path) -> None:
    finished(tmp_path, downloaded(tmp_path, CANVAS))
    with (tmp_path / "grades" / "feedback-canvas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    said = "32.5 of 100 points. It runs: 15 of 15. The network: 17.5 of 35. The figures: 0 of 50."
    assert rows == [
        {"Student": name, "ID": number, "SIS Login ID": "", "Comment": said}
        for name, number in (
            ("kim", "78"),
            ("lovelaceada", "340934"),
            ("lovelaceada", "340999"),
            ("lópezana", "77"),
            ("turingalan", "334244"),
        )
    ]


def test_the_same_pages_make_the_same_archive(tmp_path: Path) -> None:
    download = downloaded(tmp_path, MOODLE)
    finished(tmp_path, download)
    path = tmp_path / "grades" / "feedback-moodle.zip"
    before = path.read_bytes()
    again(rubric(tmp_path, hidden=True), tmp_path / "grades", feedback=True)
    assert path.read_bytes() == before
    with zipfile.ZipFile(path) as archive:
        assert {(one.date_time, one.external_attr >> 16) for one in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 0o644)
        }


def test_two_under_one_number_get_nothing_by_it_and_are_named(tmp_path: Path) -> None:
    names = (*MOODLE, "Eve_01201_assignsubmission_file_/mnist.ipynb")
    written = finished(tmp_path, downloaded(tmp_path, names))
    assert len(entries(tmp_path / "grades" / "feedback-moodle.zip")) == 4
    assert written.pages == 6
    assert written.remarks[-1] == (
        "not in feedback-moodle.zip, as several have the same number: 'Ada Lovelace_1201', 'Eve_01201'; look at "
        "what was downloaded, and give them theirs by hand"
    )


def test_who_is_not_of_the_system_is_named_and_gets_no_invented_number(tmp_path: Path) -> None:
    written = finished(tmp_path, downloaded(tmp_path, (*MOODLE, "late by mail 1206/mnist.ipynb")))
    assert len(entries(tmp_path / "grades" / "feedback-moodle.zip")) == 5
    assert "'late by mail 1206'; give them theirs by hand" in written.remarks[-1]


def test_who_has_no_score_gets_no_feedback_yet(tmp_path: Path) -> None:
    failed = {"Ada Lovelace_1201": ended("Ada Lovelace_1201", Status.GRADER_ERROR)}
    written = finished(tmp_path, downloaded(tmp_path, MOODLE), failed)
    assert len(entries(tmp_path / "grades" / "feedback-moodle.zip")) == written.pages == 4
    assert written.remarks[-1] == "no feedback yet, for want of a score: 'Ada Lovelace_1201'"
    assert len(list(written.index.iterdir())) == 4


def test_another_system_s_archive_does_not_stay(tmp_path: Path) -> None:
    finished(tmp_path, downloaded(tmp_path, CANVAS))
    (tmp_path / "grades" / "ledger.sqlite").unlink()
    plain = finished(tmp_path, downloaded(tmp_path, ("ann/mnist.ipynb", "ben/mnist.ipynb")))
    assert plain.lines == ()
    assert list((tmp_path / "grades").glob("feedback-*")) == []


def test_the_command_says_what_the_archive_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = str(Path(__file__).parents[1] / "rubric.yaml")
    finished(tmp_path, downloaded(tmp_path, MOODLE[:1]))
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--rubric", shipped, "--feedback"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "feedback for 1 student: grades/feedback",
        "for Moodle's 'Upload multiple feedback files in a zip': grades/feedback-moodle.zip, with 1 of 1",
    ]


# --- names that are made to be trouble ---------------------------------------------------------------------

NAMES = st.one_of(
    st.text(max_size=80),
    st.text("_0123456789./\\~:\x00\n LATEanon", max_size=30),
    st.sampled_from(["../../etc/passwd", "CON", "nul.txt", "~x", ".x", "._x", "LATE", "anon", "1_2", "link_", "İ"]),
)
NUMBERS = st.integers(0, 10**12).map(str)


@given(NAMES, NUMBERS, NUMBERS)
@example("a_99_assignsubmission_file_", "1", "2")
@example("x" * 500 + "_3_4", "1", "2")
@example("\u0939\u093f\u0928\u094d" * 30, "1", "2")
def test_whatever_somebody_is_called_their_feedback_is_theirs(name: str, user: str, file: str) -> None:
    slot = Slot(user, file)
    moodle, canvas = uploads.moodle(name, slot), uploads.canvas(name, slot)
    assert moodle is not None
    assert canvas is not None
    assert moodle_takes(moodle, [int(user)]) == (int(user), "feedback.html")
    assert moodle_took(moodle, [int(user)], whole=True) == moodle_took(moodle, [int(user)], whole=False)
    assert canvas_takes(canvas, {user: (file,)}) == user
    for entry in (moodle, canvas):
        assert len(entry.encode()) < 250
        assert not re.search(r"[\x00-\x1f/\\:*?\"<>|]|^[.~ ]", entry)
        assert zipfile.ZipInfo(entry).filename == entry


@given(NAMES, NAMES, NUMBERS, NUMBERS)
def test_no_two_numbers_share_an_entry_on_any_file_system(one: str, other: str, user: str, another: str) -> None:
    assume(user != another)
    for entry in (uploads.moodle, uploads.canvas):
        first, second = entry(one, Slot(user, "1")), entry(other, Slot(another, "1"))
        assert first
        assert second
        assert first.casefold() != second.casefold()


@pytest.mark.parametrize("slot", [Slot(), Slot("x"), Slot("\u0967", "1"), Slot("1_2", "1"), Slot("../1", "1")])
def test_what_is_no_number_makes_no_name(slot: Slot) -> None:
    assert uploads.moodle("ann", slot) is None
    assert uploads.canvas("ann", slot) is None


# --- comments ----------------------------------------------------------------------------------------------


def test_a_comment_says_what_the_score_is_made_of_and_why_points_are_missing(tmp_path: Path) -> None:
    adjustment = Adjustment("ann", "part1", "history", 2.5, "r", "tina", datetime(2026, 5, 1, tzinfo=UTC))
    late = Lateness(late=True, seconds=3.0, penalty=1.0, why="late")
    grade = replace(graded("ann", text="=1+1;-2"), status=Status.NOTEBOOK_ERROR, reason="cell 3 raised\nan error")
    said = comments.comment(rubric(tmp_path), [Result(grade, lateness=late, adjustments=(adjustment,))])
    assert said == (
        "34 of 100 points (32.5 scored, +2.5 by hand, 1 off for lateness). cell 3 raised an error. "
        "It runs: 15 of 15. The network: 17.5 of 35, a layer is missing. The figures: 0 of 50, =1+1;-2."
    )
    row = comments.sheet([comments.Line("=cmd()", "7", "@x", said)]).decode().splitlines()[1]
    assert row.startswith("'=cmd(),7,'@x,")
    assert "=1+1;'-2" in row


def test_a_comment_stays_short_whatever_a_notebook_holds(tmp_path: Path) -> None:
    many = tuple(Check(str(n), f"criterion {n}", 0, 1, why="x\n" * 5_000) for n in range(100))
    said = comments.comment(rubric(tmp_path, "a", "b"), [Result(replace(graded("ann", "a"), checks=many))])
    assert said.startswith("32.5 of 200 points. a: criterion 0: 0 of 1, x x")
    assert len(said) == 4000
