"""A report in each form: nothing that a notebook told gets out of its place."""

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.selfcheck import places
from grader.selfcheck.formats import FORMATS, data, github, junit, markdown, page, text, written
from grader.selfcheck.report import Finding, Item, Level, Place, Report, Stage, Verdict, score_line
from grader.selfcheck.static import ONLY_SOURCE

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "check.schema.json").read_text("utf-8"))
HOSTILE = "<script>alert(1)</script> | `x` @octocat #1 [a](http://b) \x1b[31m\x00\u202e\ud800 ::error::x"
HOSTILE += "\n%0A, \ufffe &lt;"
TOLD = ("all run", "1 of 2", "cell 2, line 1: no", "mend it")
REPORT = Report(
    notebook="nb.ipynb",
    path="work/nb.ipynb",
    assignment="Digits",
    part="part1",
    stage=Stage.RUN,
    max_score=40.0,
    score=10.0,
    at_most=30.0,
    status="notebook_error",
    reason="a cell raised",
    items=(
        Item("runs", "It runs", Verdict.FAILED, 0.0, 10.0, 0.0, *TOLD, place=Place(2, 1)),
        Item("seed", "", Verdict.PASSED, 10.0, 10.0, 10.0),
        Item("history", "The figures", Verdict.NOT_JUDGED, None, 20.0, 20.0, why="not judged here"),
    ),
    flags=("look here",),
)


def hostile(value: str) -> Report:
    item = Item("id", value, Verdict.FAILED, 0.0, 1.0, 0.0, value, value, value, value, value, Place(1, 1))
    finding = Finding(Level.ERROR, value, value, Place(1, 1))
    told = dataclasses.replace(REPORT, notebook=value, path=value, reason=value, status="timeout")
    return dataclasses.replace(told, items=(item,), findings=(finding,), flags=(value,), notes=(value,))


ANY = st.text() | st.text(st.sampled_from("<>&\"'|`@#[]():/%,\n\r\t \\\x00\x1b\ud800\u2028ax1")) | st.just(HOSTILE)


def read(xml: str | bytes) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 - it is our own


# --- json --------------------------------------------------------------------------------------------------


def test_the_documented_schema_holds_for_what_is_written() -> None:
    for report in (REPORT, hostile(HOSTILE), dataclasses.replace(REPORT, score=None, status="grader_error")):
        jsonschema.validate(json.loads(data.render(report)), SCHEMA)


@given(ANY)
def test_what_is_written_as_json_reads_back_as_it_was(value: str) -> None:
    assert data.parse(data.render(hostile(value))) == hostile(value)
    assert data.render(hostile(value)).isascii()


def test_another_version_is_refused() -> None:
    with pytest.raises(
        ValueError, match="'grader/check/v2' is no form that can be read; expected 'grader/check/v1'"
    ):
        data.parse(json.dumps({"schema": "grader/check/v2"}))


# --- junit -------------------------------------------------------------------------------------------------

# The rules of the common schema: which attributes and children each element may have, and must.
RULES: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"tests", "failures", "errors", "time"}, {"skipped", "name"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time"},
        {"skipped", "timestamp"},
        {"testcase", "system-out"},
    ),
    "testcase": ({"name", "classname", "time"}, set(), {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, set(), set()),
    "error": ({"message", "type"}, set(), set()),
    "skipped": (set(), {"message"}, set()),
    "system-out": (set(), set(), set()),
}


def assert_valid(element: ET.Element) -> None:
    needed, allowed, children = RULES[element.tag]
    assert needed <= set(element.attrib) <= needed | allowed
    assert {child.tag for child in element} <= children
    for child in element:
        assert_valid(child)


def test_junit_has_a_case_for_each_criterion() -> None:
    suites = read(junit.render(REPORT))
    assert_valid(suites)
    suite = suites[0]
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "0 of 10 points: cell 2, line 1: no"
    assert failure.text == "expected: all run\nfound: 1 of 2\nwhy: cell 2, line 1: no\nnext: mend it"


def test_junit_calls_trouble_of_ours_an_error_and_no_failure() -> None:
    suites = read(junit.render(dataclasses.replace(REPORT, status="grader_error", score=None, items=())))
    assert_valid(suites)
    assert (suites.get("errors"), suites.get("failures")) == ("1", "0")


@given(ANY)
def test_junit_is_xml_whatever_a_notebook_told(value: str) -> None:
    written_ = junit.render(hostile(value))
    assert_valid(read(written_.encode()))
    assert "\x1b" not in written_


# --- github ------------------------------------------------------------------------------------------------


def test_annotations_name_the_cell_the_line_and_what_to_do() -> None:
    assert github.render(REPORT).splitlines() == [
        (
            "::error file=work/nb.ipynb,title=It runs (cell 2%2C line 1)::0 of 10 points%0Aexpected: all run%0A"
            "found: 1 of 2%0Awhy: cell 2, line 1: no%0Anext: mend it"
        ),
        "::warning file=work/nb.ipynb,title=To look at::look here",
        "::notice file=work/nb.ipynb,title=Not judged::The figures: not judged here",
        "nb.ipynb: 10 of 40 points, at most 30",
    ]


def test_at_most_ten_annotations_are_made_those_worth_most_first() -> None:
    items = tuple(Item(f"c{n}", "", Verdict.FAILED, 0.0, float(n), 0.0) for n in range(1, 15))
    *commands, _ = github.render(dataclasses.replace(REPORT, items=items, flags=())).splitlines()
    assert len(commands) == 10
    assert commands[0].startswith("::error file=work/nb.ipynb,title=c14::")
    assert commands[-1].endswith("::5 more findings are in the job's summary")


@given(ANY)
def test_no_text_begins_or_ends_a_command(value: str) -> None:
    lines = github.render(hostile(value)).split("\n")
    assert lines[-1] == ""
    *commands, plain, _ = lines
    for command in commands:
        match = re.fullmatch(r"::(error|warning|notice) ([^\r\n]*?)::([^\r\n]*)", command)
        assert match
        assert all(re.fullmatch(r"(file|line|title)=[^:,]*", one) for one in match[2].split(","))
    assert "::" not in plain


def test_the_line_of_the_file_is_found_where_the_cell_stands() -> None:
    source = json.dumps(
        {
            "metadata": {"kernelspec": {"cells": ["{"]}},
            "cells": [
                {"cell_type": "markdown", "source": ["x"]},
                {"cell_type": "code", "source": ["a\n", "b"], "outputs": [{"text": ["{", "}"]}]},
                {"cell_type": "code", "source": "one", "metadata": {"source": ["no"]}},
            ],
            "nbformat": 4,
        },
        indent=1,
    )
    lines = source.splitlines()
    (first, its), (second, other) = places.lines_of_cells(source)
    assert lines[first - 1].strip() == "{"
    assert [lines[n - 1].strip() for n in its] == ['"a\\n",', '"b"']
    assert [lines[n - 1].strip() for n in other] == ['"source": "one",']
    assert second > first
    assert f"line={other[0]}," in github.render(REPORT, source)


@given(st.text() | st.text(st.sampled_from('{}[]":,\\ncells code_type')))
def test_lines_are_looked_for_in_any_text(source: str) -> None:
    for first, lines in places.lines_of_cells(source):
        assert all(line >= first for line in lines)


# --- markdown and html -------------------------------------------------------------------------------------


def test_the_summary_is_a_table() -> None:
    assert markdown.render(REPORT).splitlines() == [
        "### Digits, part1: 10 of 40 points, at most 30",
        "",
        "nb&#46;ipynb",
        "",
        "**notebook&#95;error**: a cell raised",
        "",
        "| | criterion | points | what to look at |",
        "| --- | --- | ---: | --- |",
        (
            "| ❌ | It runs | 0 of 10 | **expected** all run<br>**found** 1 of 2<br>"
            "**why** cell 2, line 1&#58; no<br>**next** mend it |"
        ),
        "| ✅ | seed | 10 of 10 |  |",
        "| · | The figures | not judged of 20 | **why** not judged here |",
        "",
        "To look at: look here",
    ]


@given(ANY)
def test_no_text_becomes_markup_of_the_summary(value: str) -> None:
    told = markdown.render(hostile(value))
    rows = [line for line in told.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert all(row.count("|") == 5 for row in rows)
    assert not re.search(r"<(?!br>)|[`@\[\]]|(?<!&)#(?!## )(?!#+ )\w", told.replace("### ", ""))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@given(ANY)
def test_no_text_becomes_markup_of_the_page(value: str) -> None:
    tags = _Tags()
    tags.feed(page.render(hostile(value)))
    assert tags.tags <= {"div", "p", "b", "br", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert tags.attributes <= {"class", "style", "title"}


# --- the terminal ------------------------------------------------------------------------------------------


def test_lines_for_a_terminal_say_all_that_is_known() -> None:
    assert text.after(REPORT) == [
        "[yellow]notebook_error[/yellow]: a cell raised",
        "[red]✗[/red] It runs  0/10",
        "    expected: all run",
        "    found: 1 of 2",
        "    why: cell 2, line 1: no",
        "    next: mend it",
        "[green]✓[/green] seed  10/10",
        "· The figures  not judged of 20",
        "    why: not judged here",
        "[yellow]to look at:[/yellow] look here",
        "10 of 40 points, at most 30 in 0 s",
    ]


def test_before_a_run_the_terminal_tells_what_fails_on_the_source_alone() -> None:
    broken = Finding(Level.ERROR, "Python cannot read this cell", "look", Place(1, 2))
    lost = Item("first", "First", Verdict.FAILED, 0.0, 10.0, 0.0, "a", "b", "c", "d")
    source = dataclasses.replace(REPORT, items=(lost, *REPORT.items[1:]), findings=(broken,), score=None)
    head = [
        "nb.ipynb: Digits, part1",
        "[red]error:[/] cell 1, line 2: Python cannot read this cell",
        "    next: look",
    ]
    failed = ["[red]✗[/red] First  0/10", "    expected: a", "    found: b", "    why: c", "    next: d"]
    assert text.before(source) == [*head, f"1 of 2 patterns found, {ONLY_SOURCE}", *failed]
    assert text.static(dataclasses.replace(source, stage=Stage.STATIC)) == [
        *head,
        f"{ONLY_SOURCE}:",
        *failed,
        "[green]✓[/green] seed  10/10",
        "not judged, needs a run: The figures",
        "at most 30 of 40 points; nothing was run",
    ]


@given(ANY)
def test_no_text_commands_the_terminal(value: str) -> None:
    for said in (text.before, text.static, text.after):
        for line in said(hostile(value)):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", line)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_of_hidden_criteria_no_form_tells_more_than_points(form: str) -> None:
    item = Item("secret", "A secret", Verdict.FAILED, 0.0, 1.0, 0.0, hidden=True)
    told = written(dataclasses.replace(REPORT, items=(item,)), form)
    assert "A secret" in told
    assert "expected" not in told or form == "json"


def test_the_score_says_what_it_may_still_be() -> None:
    static = dataclasses.replace(REPORT, stage=Stage.STATIC, score=None)
    assert score_line(static) == "at most 30 of 40 points; nothing was run"
    assert score_line(dataclasses.replace(REPORT, at_most=10.0)) == "10 of 40 points"
    assert score_line(dataclasses.replace(REPORT, score=None, status="grader_error")) == (
        "no score of 40: grader error"
    )
