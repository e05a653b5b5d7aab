"""The pages of a run: what they say, what they leave out, and that no student's text gets in as markup."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnist_facts import LAYERS, RECORDING
from reported import HOSTILE, ended, graded, rubric, run

from grader import handed_in
from grader.cli import main
from grader.errors import UsageError
from grader.model import (
    Adjustment,
    Found,
    HistoryCriterion,
    Identity,
    Interval,
    Lateness,
    Layer,
    Result,
    Status,
    Submission,
    Tolerance,
)
from grader.report import index, layers, shell, student
from grader.report.again import again
from grader.report.curves import Curve
from grader.report.student import Judged, Reader

WHEN = datetime(2026, 5, 1, tzinfo=UTC)


class Reading(HTMLParser):
    """Elements with their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def harmless(page: str) -> Reading:
    """Read it as a browser would: no element, attribute or address that is not ours."""
    reading = Reading(page)
    for tag, attributes in reading.elements:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form", "b"), tag
        assert not [name for name in attributes if name.startswith("on")], attributes
        address = attributes.get("href") or "#"
        assert re.fullmatch(r"#[\w-]+|#|(\.\./)*[\w./-]+\.html", address), address
    assert sum(tag == "script" for tag, _ in reading.elements) == page.count("<script>") <= 1
    assert "Content-Security-Policy" in page
    assert "default-src 'none'" in page
    return reading


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "grades"


# --- a finished run ----------------------------------------------------------------------------------------


def test_a_run_is_written_as_an_index_and_a_page_a_student(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann", flags=["look at this"]), graded("Bo b", text=HOSTILE), ended("cy", Status.MISSING)])
    written = again(rubric(tmp_path), out, feedback=False)
    assert (written.index, written.pages) == (out / "report" / "index.html", 3)
    pages = sorted((out / "report" / "students").iterdir())
    assert [page.name for page in pages] == ["Bo_b-" + pages[0].stem[-16:] + ".html", "ann.html", "cy.html"]
    for page in (written.index, *pages):
        harmless(page.read_text("utf-8"))
    told = Reading(written.index.read_text("utf-8")).text
    assert "3 students; of 100 points, mean 21.7, median 32.5; 1 with something to look at" in told
    assert "isolation 'none': the notebooks ran with your rights" in told


def test_a_student_s_page_shows_each_check_the_layers_the_curves_and_how_it_ran(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann", flags=["look at this"])], page="<p>it ran</p>")
    again(rubric(tmp_path), out, feedback=False)
    page = (out / "report" / "students" / "ann.html").read_text("utf-8")
    told = harmless(page).text
    for text in (
        "32.5 / 100",
        "To look at look at this",
        "It runs 15 / 15 all points found 3 of 3 ran",
        "The network 17.5 / 35 some points expected 8 layers found 7 layers why a layer is missing next add it",
        "The figures 0 / 50 no points expected 0.92 to 0.93 found 0.5 why 0.5 is too low next look at x",
        "Dropout (None, 12, 12, 64), 0 parameters \N{EN DASH} missing : the notebook's model has no such layer",
        "epoch 1: 0.5, outside 0.2453 to 0.2653",
        "loss: figures epoch this notebook may be 1 0.5 0.2453 to 0.2653 2 nan not judged 3 0.3 not judged",
        "<b>made up</b>",
        "device cpu (Some CPU)",
        "isolation landlock seed 0 threads 2 versions keras 3.15.1, python 3.11.7, tensorflow 2.21.0",
    ):
        assert text in told, text
    assert 'href="../../notebooks/ann/part1.html"' in page


def test_feedback_leaves_out_flags_links_and_what_is_hidden(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann", text="SECRET", flags=["FLAGGED"])], page="<p>it ran</p>")
    written = again(rubric(tmp_path, hidden=True), out, feedback=True)
    page = (written.index / "ann.html").read_text("utf-8")
    told = harmless(page).text
    assert (written.index, written.pages) == (out / "feedback", 1)
    assert "The figures 0 / 50 no points What it looks for is not shown." in told
    assert "It runs 15 / 15 all points found 3 of 3 ran" in told
    for secret in ("SECRET", "FLAGGED", "0.92 to 0.93", "Conv2D", "0.2453", 'href="../', "<svg"):
        assert secret not in page, secret


def test_feedback_without_hidden_criteria_shows_layers_and_curves(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann")])
    page = (again(rubric(tmp_path), out, feedback=True).index / "ann.html").read_text("utf-8")
    assert "Conv2D" in page
    assert "<svg" in page


def test_our_own_trouble_has_no_score_anywhere(tmp_path: Path, out: Path) -> None:
    run(out, [ended("ann", Status.GRADER_ERROR), graded("ben")])
    written = again(rubric(tmp_path), out, feedback=False)
    index_page = written.index.read_text("utf-8")
    assert "2 students; of 100 points, mean 32.5, median 32.5; 1 without a score yet" in Reading(index_page).text
    assert "ann</a></th><td>grader_error</td><td></td><td></td><td></td><td></td>" in index_page
    told = Reading((out / "report" / "students" / "ann.html").read_text("utf-8")).text
    assert "score \N{EN DASH} / 100" in told
    assert "it is grader_error" in told


def test_pages_of_who_is_gone_are_removed(tmp_path: Path, out: Path) -> None:
    course = rubric(tmp_path)
    run(out, [graded("ann"), graded("ben")])
    again(course, out, feedback=False)
    (out / "ledger.sqlite").unlink()
    run(out, [graded("ben")])
    again(course, out, feedback=False)
    assert [page.name for page in (out / "report" / "students").iterdir()] == ["ben.html"]


def test_adjustments_show_with_who_and_when_in_pages_and_tables(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann")])
    (out / "adjustments.csv").write_text(
        "student,criterion,points,reason,by,when\nann,history,2.5,<b>mine</b>,tina,2026-05-01\nzoe,,1,who,tina,\n"
    )
    written = again(rubric(tmp_path), out, feedback=False)
    told = harmless((out / "report" / "students" / "ann.html").read_text("utf-8")).text
    assert "final 35" in told
    assert "+2.5 on history: <b>mine</b> (tina, 2026-0" in told
    assert written.remarks[-1].startswith("adjustments.csv: nobody here is called 'zoe'")
    assert (out / "totals.csv").read_text("utf-8").splitlines()[1] == "ann,32.5,100,graded,,,,2.5,35"


def test_without_results_the_command_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        again(rubric(tmp_path), tmp_path / "none", feedback=False)
    where = tmp_path / "none"
    assert str(raised.value) == (
        f"'{where}' holds no results; expected those of a run: give `grader grade --out {where}` first, or name "
        "another folder with --out"
    )
    assert not where.exists()


def test_a_damaged_account_of_the_run_is_told(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann")])
    (out / "run.json").write_text("{", "utf-8")
    with pytest.raises(UsageError, match=r"run.json' is damaged: give the command that graded once more"):
        again(rubric(tmp_path), out, feedback=False)


def test_the_command_reports_the_shipped_rubric_s_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = str(Path(__file__).parents[1] / "rubric.yaml")
    run(tmp_path / "grades", [graded("ann")])
    assert main(["report", "--rubric", shipped]) == 0
    assert main(["report", "--rubric", shipped, "--feedback"]) == 0
    note = "note: isolation 'none': the notebooks ran with your rights"
    assert capsys.readouterr().out.splitlines() == [
        note,
        "report for 1 student: grades/report/index.html",
        note,
        "feedback for 1 student: grades/feedback",
    ]
    assert os.listdir(tmp_path / "grades" / "feedback") == ["ann.html"]  # noqa: PTH208 - one name


# --- hostile texts and sizes -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("course")


def judged(folder: Path, text: str) -> Judged:
    """With the text wherever one of a student's may stand."""
    grade = graded("ann", text=text, flags=[text, text])
    checks = tuple(replace(one, found=text, expected=text, next_step=text, evidence=text) for one in grade.checks)
    grade = replace(grade, checks=checks, reason=text, notebook=text, reference=text)
    adjustment = Adjustment("ann", "part1", "history", 1.0, text, text, WHEN)
    late = Lateness(late=True, seconds=3.0, penalty=1.0, why=text)
    result = Result(grade, Identity(text, text, text, text), WHEN, late, (adjustment,))
    layer = Layer(text, text, text, 7, {"activation": text})
    found = {"loss": (0.1, float("inf")), text: (1.0,)}
    return Judged(result, rubric(folder).parts[0], RECORDING, None, (layer, *LAYERS), found, "", text)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("<>&'\"{}% \n\u202e\x00\ud800", max_size=40), st.just(HOSTILE)))
def test_any_text_is_shown_as_text(course: Path, text: str) -> None:
    one = judged(course, text)
    for reader in Reader:
        harmless(student.page(rubric(course), text, [one], reader)).text.encode()
    page = index.page(rubric(course), {text: [one.result], "b": [one.result]}, [text])
    harmless(page).text.encode()


def test_pages_stay_small_whatever_a_notebook_holds(course: Path) -> None:
    one = judged(course, HOSTILE * 20_000)
    history = {f"metric {number}": tuple(range(5_000)) for number in range(200)}
    many = replace(one, snapshot=LAYERS * 100, history=history)
    page = student.page(rubric(course), HOSTILE * 1000, [many], Reader.TA)
    assert len(page.encode()) < 300_000
    assert "and 6" in harmless(page).text  # more layers than are listed


def test_an_index_of_a_thousand_students_stays_below_its_limit(course: Path) -> None:
    grade = graded("x", flags=["look"])
    everybody = {f"student{number:04} with a long name": [Result(grade)] for number in range(1_000)}
    page = index.page(rubric(course), everybody, [])
    assert len(page.encode()) < 300_000
    assert page.count("<tr data-status") == 1_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a\nb\x00\u202ec", "a b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}c"), ("x" * 99, "x" * 9 + "…")],
)
def test_texts_are_cut_and_cleaned(value: str, expected: str) -> None:
    assert shell.shown(value, 10) == expected


# --- layers and curves -------------------------------------------------------------------------------------


def test_layers_are_set_side_by_side_with_a_word_for_each_difference() -> None:
    other = replace(LAYERS[1], settings={**LAYERS[1].settings, "activation": "tanh"})
    wide = replace(LAYERS[5], output_shape="(None, 64)", parameters=589_888)
    rows, more = layers.rows(LAYERS, (LAYERS[0], other, *LAYERS[3:5], wide, *LAYERS[6:], LAYERS[4]))
    assert more == 0
    assert [(row.verdict, row.difference) for row in rows] == [
        ("same", ""),
        ("changed", "activation is 'tanh', expected 'relu'"),
        ("missing", "the notebook's model has no such layer"),
        ("same", ""),
        ("same", ""),
        ("changed", "another shape or number of parameters"),
        ("same", ""),
        ("same", ""),
        ("extra", "the reference has no such layer"),
    ]
    assert (rows[0].expected, rows[0].found) == ("Conv2D (None, 26, 26, 32), 320 parameters",) * 2


BAND = {1: Interval(0.2, 0.4, 0.3, "band of 16 seeds")}


@pytest.mark.parametrize(
    ("values", "dots", "lines", "out"),
    [
        ((0.3, 0.2, 0.1), 3, 1, 0),
        ((0.5,), 1, 0, 1),
        ((), 0, 0, 0),
        ((float("nan"), float("inf"), 1e300, -1e300, 0.1), 1, 0, 0),
        ((0.3, 0.3, float("nan"), 0.3, 0.3), 4, 2, 0),
        (tuple([0.3] * 5_000), 100, 1, 0),
    ],
)
def test_a_curve_draws_what_can_be_drawn(values: tuple[float, ...], dots: int, lines: int, out: int) -> None:
    svg = str(Curve("loss", values, BAND, {1: (0.25, 0.35), 2: (0.2, 0.3)}).svg)
    drawn = (svg.count("<circle"), svg.count('class="curve"'), svg.count('class="dot out"'))
    assert drawn == (dots, lines, out)
    assert svg.count("<title>epoch 1: 0.2 to 0.4</title>") == 1
    assert not re.search(r"nan|inf", re.sub(r"<title>.*?</title>", "", svg))


def test_the_figures_of_a_curve_stand_in_a_table_too() -> None:
    curve = Curve("loss", (0.5, float("nan")), BAND | {3: BAND[1]}, {})
    assert curve.rows == ((1, "0.5", "0.2 to 0.4"), (2, "nan", "not judged"), (3, "none", "0.2 to 0.4"))
    assert [curve.outside(1), Curve("loss", (0.2,), BAND, {}).outside(1)] == [True, False]


@pytest.mark.parametrize(("atol", "band"), [(0.01, "0.9108 to 0.9308"), (0.1, "0.8208 to 1.021")])
def test_curves_show_the_tolerance_of_the_criterion_that_judges(course: Path, atol: float, band: str) -> None:
    one = replace(judged(course, "x"), history={"acc": (0.92,)})
    criterion = HistoryCriterion("history", 50, "The figures", tolerance=Tolerance(atol=atol))
    changed = replace(one, part=replace(one.part, criteria=(*one.part.criteria[:2], criterion)))
    page = student.page(rubric(course), "ann", [changed], Reader.TA)
    assert f"accuracy: figures epoch this notebook may be 1 0.92 {band}" in Reading(page).text


def test_the_conditions_of_a_run_are_json_that_the_report_reads(out: Path) -> None:
    run(out, [])
    assert json.loads((out / "run.json").read_bytes())["remarks"]


# --- a run that was interrupted ----------------------------------------------------------------------------


def test_an_interrupted_run_s_report_has_a_row_for_everybody_and_says_who_waits(tmp_path: Path, out: Path) -> None:
    """As `grader grade` leaves it: everybody in handed_in.json, and in the ledger who was finished."""
    course = rubric(tmp_path, "part1", "part2")
    run(out, [graded("ann"), graded("ann", "part2"), graded("bob")])
    (out / "run.json").unlink()
    names = [(who, part) for who in ("ann", "bob", "cy") for part in ("part1", "part2")]
    handed_in.store(out, Found("plain", tuple(Submission(who, part, ()) for who, part in names)))
    written = again(course, out, feedback=False)
    note = (
        "the run was interrupted, and 2 of 3 students are not graded yet: 'bob', 'cy'; "
        "give the command that graded once more: it goes on where it stopped"
    )
    assert (written.pages, written.remarks) == (3, (note,))
    rows = [line.split(",")[:6] for line in (out / "scores.csv").read_text("utf-8").splitlines()[1:]]
    assert [(student, part, status, score) for student, part, _, status, score, _ in rows] == [
        ("ann", "part1", "graded", "32.5"),
        ("ann", "part2", "graded", "32.5"),
        ("bob", "part1", "graded", "32.5"),
        ("bob", "part2", "grader_error", ""),
        ("cy", "part1", "grader_error", ""),
        ("cy", "part2", "grader_error", ""),
    ]
    totals = [line.split(",")[:2] for line in (out / "totals.csv").read_text("utf-8").splitlines()[1:]]
    assert totals == [["ann", "65"], ["bob", ""], ["cy", ""]]
    told = Reading(written.index.read_text("utf-8")).text
    assert "3 students; of 200 points, mean 65.0, median 65.0; 2 without a score yet" in told
    assert note in told
    page = Reading((out / "report" / "students" / "cy.html").read_text("utf-8")).text
    assert "not graded: the run was interrupted" in page


def test_feedback_of_an_interrupted_run_is_for_who_is_graded(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann")])
    handed_in.store(out, Found("plain", tuple(Submission(who, "part1", ()) for who in ("ann", "bob"))))
    written = again(rubric(tmp_path), out, feedback=True)
    assert [path.name for path in written.index.iterdir()] == ["ann.html"]
    assert written.remarks[-1] == "no feedback yet, for want of a score: 'bob'"


def test_a_finished_run_s_report_says_nothing_of_an_interruption(tmp_path: Path, out: Path) -> None:
    run(out, [graded("ann"), ended("bob", Status.MISSING)])
    found = (Submission("ann", "part1", ()), Submission("bob", "part1", ()), Submission("bob", "gone", ()))
    handed_in.store(out, Found("plain", found))
    assert again(rubric(tmp_path), out, feedback=False).remarks == (
        "isolation 'none': the notebooks ran with your rights",
    )
