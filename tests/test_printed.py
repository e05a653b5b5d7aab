"""What is left of a text that was cut to fit its column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import CUT, is_left_of, may_be_alike


@pytest.mark.parametrize(
    ("printed", "whole"),
    [
        ("Dense", "Dense"),
        ("MaxPooling2…", "MaxPooling2D"),
        ("(No… 26, 26, 32)", "(None, 26, 26, 32)"),
        ("(No… 26,… 32)", "(None, 26, 26, 32)"),
        ("…", "anything"),
        ("[(None, 2), (None, 2), (N…", "[(None, 2), (None, 2), (None, 2)]"),
    ],
)
def test_it_matches_by_what_is_left(printed: str, whole: str) -> None:
    assert is_left_of(printed, whole)


@pytest.mark.parametrize(
    ("printed", "whole"),
    [
        ("Dense", "Dens"),
        ("Conv…", "Dense"),
        ("(No… 26, 32)", "(None, 26, 26, 64)"),
        ("ab…ba", "aba"),
        ("a…b…c", "acb"),
        ("a…bb…b", "abb"),
        ("", "Dense"),
    ],
)
def test_what_else_is_left_does_not_match(printed: str, whole: str) -> None:
    assert not is_left_of(printed, whole)


@given(st.lists(st.text("ab", max_size=4), min_size=2, max_size=5), st.data())
def test_whatever_was_cut_out_is_matched(parts: list[str], data: st.DataObject) -> None:
    between = [data.draw(st.text("ab", max_size=4)) for _ in parts]
    whole = "".join(part + cut for part, cut in zip(parts, [*between[:-1], ""], strict=True))
    assert is_left_of(CUT.join(parts), whole)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Dense", "Dense", True),
        ("Dense", "Dens", False),
        ("MaxPooling2…", "MaxPooling2D", True),
        ("MaxPooling2…", "MaxPoo…", True),
        ("MaxPooling2…", "AveragePoo…", False),
        ("(No… 26, 32)", "(None,… 32)", True),
        ("(No… 26, 32)", "(None,… 64)", False),
        ("…", "…", True),
        ("…", "Dense", True),
    ],
)
def test_either_of_two_texts_may_be_what_is_left(one: str, other: str, *, alike: bool) -> None:
    assert (may_be_alike(one, other), may_be_alike(other, one)) == (alike, alike)


@given(st.text("ab", max_size=9), *[st.lists(st.integers(0, 9), min_size=2, max_size=2).map(sorted)] * 2)
def test_what_is_left_of_one_text_is_alike(whole: str, first: list[int], second: list[int]) -> None:
    one, other = (whole[: cut[0]] + CUT + whole[cut[1] :] for cut in (first, second))
    assert may_be_alike(one, other)
    assert may_be_alike(one, whole)
