from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.extract.terminal import plain

PRINTED = Path(__file__).parent / "printed"

controls = st.text(st.sampled_from("ab0 é😀\n\t\r\b\x07\x1b[]K2;m\\P\x7f\ud800"))


def test_text_without_control_characters_is_left_as_it_is() -> None:
    assert plain("one\ttwo\n\n│ três │ 🙂\n") == "one\ttwo\n\n│ três │ 🙂\n"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\x1b[1m\x1b[38;5;34m34,826\x1b[0m (136.04 KB)", "34,826 (136.04 KB)"),
        ("\x1b]8;;https://keras.io\x1b\\a link\x1b]8;;\x1b\\", "a link"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b(Btext\x1b=", "text"),
        ("text\x1b", "text"),
        ("text\x1b[31", "text"),
        ("\x1b]0;never ended\nnext line", "\nnext line"),
        ("a\x00b\x07c\x0cd\x7f", "abcd"),
    ],
)
def test_escape_sequences_and_control_characters_are_dropped(printed: str, shown: str) -> None:
    assert plain(printed) == shown


def test_a_bar_that_is_redrawn_keeps_its_last_state() -> None:
    assert plain("\r1/4 [=>..] - ETA: 9s\r2/4 [==>.] - ETA: 4s\r4/4 [====] - 1s\n") == "4/4 [====] - 1s\n"


def test_the_end_of_a_longer_old_state_is_not_left_behind_the_new_one() -> None:
    assert plain("loss: 0.4999\rloss: 0.5") == "loss: 0.5"


def test_backspaces_and_a_carriage_return_redraw_the_line() -> None:
    assert plain("loss: 0.9" + "\b" * 80 + "\rloss: 0.5 ") == "loss: 0.5 "


def test_backspaces_behind_the_last_metric_erase_nothing() -> None:
    assert plain("val_acc: 0.9762" + "\b" * 300 + "\nnext") == "val_acc: 0.9762\nnext"


def test_text_after_backspaces_overwrites() -> None:
    assert plain("abc\b\bX") == "aXc"
    assert plain("abc\b\b\b\b\bXYZW") == "XYZW"


def test_a_carriage_return_with_nothing_after_it_erases_nothing() -> None:
    assert plain("done\r\x1b[0m\nnext\r") == "done\nnext"


def test_carriage_return_and_newline_end_a_line() -> None:
    assert plain("one\r\ntwo\r\n") == "one\ntwo\n"


def test_erasing_within_the_line_is_carried_out() -> None:
    assert plain("\rabc\b\b\x1b[K") == "a"
    assert plain("\rabc\x1b[2Kx") == "x"
    assert plain("abc\r\x1b[K") == ""


def test_what_a_notebook_kept_of_keras_bars_shows_one_line_a_bar() -> None:
    shown = plain((PRINTED / "keras3_notebook.txt").read_bytes().decode())
    bars = [line.rstrip() for line in shown.split("\n") if "━" * 20 in line and "/" in line]
    assert [bar.replace("━" * 20, "━") for bar in bars] == [
        "4/4 ━ 1s 92ms/step - accuracy: 0.1094 - loss: 2.3206 - val_accuracy: 0.0312 - val_loss: 2.3279",
        "4/4 ━ 0s 51ms/step - accuracy: 0.0938 - loss: 2.3321 - val_accuracy: 0.0312 - val_loss: 2.3270",
        "2/2 ━ 0s 22ms/step - accuracy: 0.0781 - loss: 2.3060",
        "2/2 ━ 0s 23ms/step",
    ]


@given(st.one_of(controls, st.text()))
def test_plain_text_has_no_control_characters_and_stays_as_it_is(text: str) -> None:
    shown = plain(text)
    assert not {character for character in shown if character < " " and character not in "\t\n"} - {""}
    assert plain(shown) == shown
    assert shown.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "unit",
    ["\b", "\r", "\x1b", "\x1b[", "\x1b[0;", "\x1b]", "\x1bP", "a\b", "a\r", "é\r\x1b[K", "ab\x1b[2K", "abc\b\b"],
)
def test_two_hundred_thousand_hostile_characters_take_seconds_at_most(unit: str) -> None:
    text = "a" * 100_000 + "\r" + unit * (200_000 // len(unit))
    started = time.process_time()
    plain(text)
    assert time.process_time() - started < 3
