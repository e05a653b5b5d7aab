from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.extract.lines import Lines


@given(st.text(st.sampled_from("ab\n\r\u2028\x85😀")))
def test_lines_are_what_a_split_at_newlines_gives(text: str) -> None:
    lines = Lines(text)
    assert list(lines) == text.split("\n")
    assert [lines[number] for number in range(len(lines))] == text.split("\n")
