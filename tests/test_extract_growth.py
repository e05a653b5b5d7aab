"""Reading takes time in proportion to the text, whatever it is: four times as much takes no ten times as long."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.extract import refused
from grader.extract.history import histories
from grader.extract.summary import summaries

CASES = {case.stem: case.read_bytes().decode() for case in (Path(__file__).parent / "printed" / "cases").iterdir()}
SIZE = 50_000  # characters
TIMES = 4
MOST = 10  # times the time: squared time would be 16, and a busy machine must not fail a linear reader
NOISE = 0.005  # seconds that are too short to be told apart
ATTEMPTS = 4

Reader = Callable[[str], object]
READERS: dict[str, Reader] = {
    "summaries": summaries,
    "histories": histories,
    "not summaries": refused.summaries,
    "not histories": refused.histories,
}
HEAD = "".join(CASES["s09_keras_3"].splitlines(keepends=True)[:4])
OLD_HEAD = "".join(CASES["s03_keras_2_2"].splitlines(keepends=True)[:3])
UNITS = [
    *[("", CASES[name]) for name in ("s05_tensorflow_2_9", "s07_keras_3_after_fit", "p05_keras_3", "h04_pandas")],
    *[
        ("", unit)
        for unit in (" ", "\n", "\b", "a\b", "\r", "a\r", "\x1b", "\x1b[", "\x1b]", "|", "┃", "│", "┌\n", "…")
    ],
    *[
        ("", unit)
        for unit in ("(", "[('a', ", "{'a': [", "[ ", "1", "1/", "1/Unknown ", "Epoch 1/2", "Epoch 0\n", " - ")
    ],
    *[
        ("", unit)
        for unit in ("Layer (type) ", "____________\n", "============\n", "_", "<a.", "<a.b History", "1%|")
    ],
    *[("Epoch 1/2\n2/2 ", unit) for unit in ("━", "[=", "- 1s - loss: 1", "- loss: 1", "1/Unknown - 1s ")],
    *[(HEAD, unit) for unit in ("│", "│ a │ (, │ 1 │\n", "│ … │ … │ … │\n", "│ a\n", "…")],
    *[(OLD_HEAD, unit) for unit in ("a\n", " " * 65 + "\n", "a (", OLD_HEAD)],
    *[
        ("  loss  acc\n", unit)
        for unit in ("0 1 1\n", "0  1.0  1.0 ", "\\\n", "  loss  acc\n0 1 1\n", "  a \\\n0 1\n")
    ],
]


def seconds(reader: Reader, text: str) -> float:
    began = time.process_time()
    reader(text)
    return time.process_time() - began


def grows_too_fast(reader: Reader, start: str, unit: str) -> bool:
    short, long = (start + unit * (size // len(unit)) for size in (SIZE, SIZE * TIMES))
    return seconds(reader, long) > MOST * max(seconds(reader, short), NOISE)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(("start", "unit"), UNITS)
def test_the_time_grows_with_the_text_and_no_faster(name: str, start: str, unit: str) -> None:
    assert not all(grows_too_fast(READERS[name], start, unit) for _ in range(ATTEMPTS))


def test_a_reader_that_takes_squared_time_would_be_found() -> None:
    def squared(text: str) -> None:
        for place in range(0, len(text), 100):
            text.count("x", place)

    assert all(grows_too_fast(squared, "", "a") for _ in range(ATTEMPTS))


PIECES = [line for text in CASES.values() for line in text.splitlines(keepends=True)]


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join))
def test_no_mixture_of_lines_makes_a_reader_fail(text: str) -> None:
    for reader in READERS.values():
        reader(text)


@settings(deadline=None)
@given(st.sampled_from(sorted(CASES)), st.data())
def test_no_damage_makes_a_reader_fail(name: str, data: st.DataObject) -> None:
    text = CASES[name]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        new = data.draw(st.sampled_from(["", "\n", "│", "…", "(", "\r", "\b" * 30, "\x1b[", "9" * 40, "/", " "]))
        text = text[:start] + new + text[start + data.draw(st.sampled_from([0, 1, 20])) :]
    for reader in READERS.values():
        reader(text)
