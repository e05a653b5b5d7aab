"""The text that was saved with a cell: put together as a run's own text is, and bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_output

from grader.inside.evidence import shown_text
from grader.inside.pull import Reader
from grader.inside.saved import MAX_CELL, MAX_NOTEBOOK, MAX_OUTPUTS, Shelf


def saved(outputs: Any) -> str:
    return Shelf().take(Reader(json.dumps(outputs).encode()))


def stream(text: Any, name: Any = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(data: Any, kind: Any = "display_data") -> dict[str, Any]:
    return {"output_type": kind, "metadata": {}, "data": data}


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ([], ""),
        ([stream("a\n"), stream(["b\n", "c"])], "a\nb\nc"),
        ([stream("a"), stream("hidden", "stderr"), stream("b")], "ab"),
        ([shown({"text/plain": "5", "text/html": "<b>5</b>"}, "execute_result")], "5\n"),
        ([shown({"image/png": "AAAA", "text/plain": ["<Figure", ">"]})], "<Figure>\n"),
        ([shown({"image/png": "AAAA"})], "\n"),
        ([{"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["t"]}], ""),
        ([{"text": "first", "name": "stdout", "output_type": "stream"}], "first"),
        ([{"output_type": "pyout", "text": ["7"], "prompt_number": 1}], "7\n"),
        ([{"output_type": "stream", "stream": "stdout", "text": "old"}], "old"),
        ([stream("é😀\ud800")], "é😀?"),
        ("none", ""),
        ({"0": stream("a")}, ""),
        (
            [7, None, [stream("a")], stream(7), stream(["a", 7, "b"]), shown("x"), shown({"text/plain": {}})],
            "ab\n\n",
        ),
        ([stream("a", ["stdout"]), stream("b", "stdout" * 100), {}], ""),
    ],
)
def test_the_saved_text_is_what_a_reader_saw(outputs: Any, text: str) -> None:
    assert saved(outputs) == text


CHUNKS = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text()), max_size=5)


@given(CHUNKS, st.lists(st.text(), max_size=3))
def test_saved_outputs_read_like_the_ones_of_a_run(chunks: list[tuple[str, str]], results: list[str]) -> None:
    streams = [new_output("stream", name=name, text=text) for name, text in chunks]
    displays = [new_output("display_data", data={"text/plain": text}) for text in results]
    cell = new_code_cell(outputs=streams + displays)
    assert saved(cell.outputs) == shown_text(cell).encode("utf-8", "replace").decode()


@pytest.mark.parametrize("character", ["a", "é", "😀", "\x01", '"', "\ud800"])
@pytest.mark.parametrize("lines", [1, 7])
def test_a_long_text_keeps_its_head(character: str, lines: int) -> None:
    text = character * MAX_CELL
    written = text.encode("utf-8", "replace").decode()
    pieces = [text[number::lines] for number in range(lines)]
    assert saved([stream(pieces)]) == written
    assert saved([stream([*pieces, "b"])]) == written + "…"
    assert saved([stream(pieces), stream("b")]) == written + "…"
    assert saved([stream(text + text)]) == written + "…"
    assert saved([stream("b"), stream(text)]) == "b" + written[1:] + "…"


def test_outputs_beyond_a_number_are_left_out() -> None:
    assert saved([stream("a")] * MAX_OUTPUTS) == "a" * MAX_OUTPUTS
    assert saved([stream("a")] * (MAX_OUTPUTS + 1)) == "a" * MAX_OUTPUTS + "…"


def test_a_notebook_has_a_share_for_all_its_cells() -> None:
    shelf = Shelf()
    full = json.dumps([stream("a" * MAX_CELL)]).encode()
    texts = [shelf.take(Reader(full)) for _ in range(MAX_NOTEBOOK // MAX_CELL)]
    assert set(texts) == {"a" * MAX_CELL}
    assert shelf.take(Reader(full)) == "…"
    assert shelf.take(Reader(b"[]")) == ""


def test_what_follows_the_outputs_is_left_for_the_next() -> None:
    reader = Reader(json.dumps({"outputs": [stream(["a"] * 3), 7], "source": "x"}).encode())
    shelf = Shelf()
    found = [shelf.take(reader) if name == "outputs" else reader.value(9) for name in reader.members()]
    reader.end()
    assert found == ["aaa", "x"]
