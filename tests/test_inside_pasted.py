"""What is said of characters that a PDF or a word processor has left in a cell."""

# ruff: noqa: RUF001 - such characters are what this is about
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.inside.pasted import LIGATURES, PLAIN, told

OPEN = "unterminated string literal (detected at line 1) (line 1)"
UNSEEN = "invalid non-printable character"
FROM = "such characters come along from a PDF or a word processor"


def syntax_error(source: str) -> str:
    """As the harness has it: Python's own message, and the line."""
    with pytest.raises(SyntaxError) as caught:
        compile(source, "1.py", "exec")
    return f"{caught.value.msg} (line {caught.value.lineno})"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = ‘a’", f"invalid character '‘' (U+2018) (line 1): type ' in its place; {FROM}"),
        ("x = 1\nprint(“a”)", f"invalid character '“' (U+201C) (line 2): type \" in its place; {FROM}"),
        ("x = 1 – 2", f"invalid character '–' (U+2013) (line 1): type - in its place; {FROM}"),
        ("x = 2 × 3", f"invalid character '×' (U+00D7) (line 1): type * in its place; {FROM}"),
        ("x\u00a0= 1", f"{UNSEEN} U+00A0 (line 1): type a plain space in its place; {FROM}"),
        ("x\u200b= 1", f"{UNSEEN} U+200B (line 1): delete it, though it cannot be seen; {FROM}"),
        (
            "x = 'abc’",
            f"{OPEN}: the line holds '’' (U+2019); type ' in its place; {FROM}",
        ),
        ("iﬀ = 1; ﬁnally:", f"invalid syntax (line 1): the line holds 'ﬁ' (U+FB01); type fi in its place; {FROM}"),
    ],
)  # fmt: skip
def test_the_character_is_named_with_its_place_and_its_plain_form(source: str, message: str) -> None:
    said = syntax_error(source)
    assert said + told("SyntaxError", said, source) == message


@pytest.mark.parametrize(
    ("name", "message", "source"),
    [
        ("SyntaxError", "invalid syntax (line 1)", "x = 'it’s' +"),
        ("SyntaxError", OPEN, "x = 'abc"),
        ("SyntaxError", "invalid character '☃' (U+2603) (line 1)", "x = ☃"),
        ("SyntaxError", "invalid character '‘' (U+2018)", "x = ‘a’"),
        ("SyntaxError", "invalid syntax (line 99)", "x = ‘a’"),
        ("ValueError", "invalid character '‘' (U+2018) (line 1)", "x = ‘a’"),
    ],
)
def test_of_other_faults_nothing_is_said(name: str, message: str, source: str) -> None:
    assert told(name, message, source) == ""


@pytest.mark.parametrize("character", LIGATURES)
def test_ligatures_in_names_are_no_fault(character: str) -> None:
    compile(f"a{character}b = 1", "1.py", "exec")
    assert len(unicodedata.normalize("NFKC", character)) > 1


def test_no_plain_form_is_itself_something_that_python_does_not_read() -> None:
    assert all(plain.isascii() for plain in PLAIN.values())


@given(message=st.text(), source=st.text())
@example(message="invalid character 'x' (U+FFFFF) (line 1)", source="")
@example(message="invalid non-printable character U+D800 (line 1)", source="")
def test_any_text_is_told_of_in_a_few_words(message: str, source: str) -> None:
    assert len(told("SyntaxError", message, source)) < 200
