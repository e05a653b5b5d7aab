"""The beginning and the end of what is shown are kept, within the budget; what lies between is counted."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.inside.shown import HARD_STOP, OutputLimits, Shown

FRAME = len('{"output_type": "stream", "name": "stdout", "text": ""}')


def stream(text: str, name: str = "stdout") -> NotebookNode:
    output: NotebookNode = new_output("stream", name=name, text=text)
    return output


def picture(size: int) -> NotebookNode:
    output: NotebookNode = new_output("display_data", data={"image/png": "x" * size})
    return output


def texts(outputs: list[NotebookNode]) -> list[str]:
    return [output.get("text", "a picture") for output in outputs]


def test_what_fits_is_kept_as_a_reader_sees_it() -> None:
    shown = Shown(OutputLimits(bytes=10_000, messages=100))
    for output in (stream("a"), stream("b\n"), stream("oh", "stderr"), picture(10), stream("c")):
        shown.add(0, output)
    shown.add(1, stream("other cell"))
    assert shown.of_cell(0) == [stream("ab\n"), stream("oh", "stderr"), picture(10), stream("c")]
    assert shown.of_cell(1) == [stream("other cell")]
    assert shown.of_cell(2) == []
    assert (shown.over, shown.flooded) == (False, False)


def test_the_middle_is_left_out_and_counted_at_its_place() -> None:
    shown = Shown(OutputLimits(bytes=20 * 100, messages=1000))
    for number in range(50):
        shown.add(0, stream(f"{number:02}".ljust(98 - FRAME, ".") + "\n"))
    [only] = texts([new_output("stream", name="stdout", text="".join(texts(shown.of_cell(0))))])
    lines = only.splitlines()
    assert [line[:2] for line in lines if line[:2].isdigit()] == [
        f"{number:02}" for number in (*range(10), *range(40, 50))
    ]
    assert lines[11] == "[... 3,000 bytes in 30 messages left out ...]"
    assert (shown.over, shown.flooded) == (True, False)
    assert shown.excess() == "the notebook showed more than 2000 bytes of output"


def test_the_end_is_the_notebook_s_and_not_each_cell_s() -> None:
    shown = Shown(OutputLimits(bytes=20 * 100, messages=1000))
    for index in (0, 1):
        for number in range(30):
            shown.add(index, stream(f"{number:02}".ljust(100 - FRAME, ".")))
    first, second = ("".join(texts(shown.of_cell(index))) for index in (0, 1))
    assert re.findall(r"\d\d\.", first) == [f"{number:02}." for number in range(10)]
    assert "2,000 bytes in 20 messages" in first
    assert re.findall(r"\d\d\.", second) == [f"{number:02}." for number in range(20, 30)]


def test_of_a_text_over_half_the_budget_both_ends_are_kept_and_of_a_picture_nothing() -> None:
    shown = Shown(OutputLimits(bytes=3200, messages=100))
    shown.add(0, stream("begin" + "x" * 5000 + "end"))
    shown.add(1, picture(5000))
    ends = "x" * 95, "x" * 97
    assert texts(shown.of_cell(0)) == [
        f"begin{ends[0]}",
        f"\n[... {5008 + FRAME - 200:,} bytes in 1 message left out ...]\n",
        f"{ends[1]}end",
    ]
    [gap] = texts(shown.of_cell(1))
    assert re.fullmatch(r"\n\[\.\.\. 5,\d{3} bytes in 1 message left out \.\.\.\]\n", gap)
    assert shown.over


def test_messages_that_show_nothing_count_too() -> None:
    shown = Shown(OutputLimits(bytes=10_000, messages=10))
    for _ in range(11):
        shown.count()
    assert (shown.over, shown.flooded) == (True, False)
    assert shown.excess() == "the notebook sent more than 10 messages"
    for _ in range(30):
        shown.count()
    assert shown.flooded


@given(st.lists(st.tuples(st.integers(0, 3), st.text(max_size=400)), max_size=200))
def test_what_is_kept_never_exceeds_the_budget_and_nothing_is_lost_uncounted(sent: list[tuple[int, str]]) -> None:
    limits = OutputLimits(bytes=4000, messages=60)
    shown = Shown(limits)
    for index, text in sent:
        shown.add(index, stream(text))
    told = [output.get("text", "") for index in range(4) for output in shown.of_cell(index)]
    left_out = sum(
        int(n.replace(",", "")) for text in told for n in re.findall(r"in ([\d,]+) messages? left", text)
    )
    kept = len(shown._head) + len(shown._tail)
    assert sum(piece.size for piece in (*shown._head, *shown._tail)) <= limits.bytes
    assert kept <= limits.messages
    assert kept + left_out == len(sent) or any("left out" in text for _, text in sent)
    assert shown.flooded == (shown.bytes > HARD_STOP * limits.bytes)
