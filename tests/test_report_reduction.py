from __future__ import annotations

import base64
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.reduction import reduce

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0rest").decode()
LEFT_OUT = "\n[… the rest is left out here; the executed notebook has it]"


def notebook(*cells: object, **metadata: object) -> nbformat.NotebookNode:
    book: nbformat.NotebookNode = nbformat.from_dict(
        {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )
    return book


def code(*outputs: object, **extra: object) -> dict[str, object]:
    return {
        "cell_type": "code",
        "source": "x",
        "outputs": list(outputs),
        "execution_count": 1,
        "metadata": {},
        **extra,
    }


def reduced_outputs(*outputs: object) -> list[dict[str, Any]]:
    cells = reduce(notebook(code(*outputs))).cells
    return [dict(output) for output in cells[0].outputs]


def display(**data: object) -> dict[str, object]:
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {"image/png": {"width": "1 onload=x"}}}


def stream(text: object, name: str = "stdout") -> dict[str, object]:
    return {"output_type": "stream", "name": name, "text": text}


def test_metadata_identifiers_and_unknown_fields_stay_behind() -> None:
    hostile = notebook(
        {"cell_type": "markdown", "source": ["# a\n", "b"], "metadata": {"tags": ["x"]}, "id": '"><script>'},
        code(metadata={"tags": ["<x>"]}, extra=1),
        {"cell_type": "raw", "source": "<b>", "metadata": {"raw_mimetype": "text/html"}},
        widgets={"application/vnd.jupyter.widget-state+json": {}},
        language_info={"name": "../../x", "pygments_lexer": {}},
    )
    assert reduce(hostile) == {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"language_info": {"name": "python", "pygments_lexer": "ipython3"}},
        "cells": [
            {"cell_type": "markdown", "id": "cell-1", "metadata": {}, "source": "# a\nb", "attachments": {}},
            {
                "cell_type": "code",
                "id": "cell-2",
                "metadata": {},
                "source": "x",
                "execution_count": 1,
                "outputs": [],
            },
            {"cell_type": "raw", "id": "cell-3", "metadata": {}, "source": "<b>"},
        ],
    }


@pytest.mark.parametrize(
    ("forms", "shown"),
    [
        ({"image_png": PNG, "text_plain": "<Figure>"}, {"image/png": PNG}),
        ({"image_png": [PNG[:8] + "\n", PNG[8:]]}, {"image/png": PNG}),
        ({"image_jpeg": JPEG, "text_plain": "x"}, {"image/jpeg": JPEG}),
        ({"image_png": JPEG, "text_plain": "x"}, {"text/plain": "x"}),
        ({"image_png": '" onerror="x', "text_plain": "x"}, {"text/plain": "x"}),
        ({"image_svg+xml": "<svg/>", "text_plain": "x"}, {"text/plain": "x"}),
        ({"application_javascript": "alert(1)"}, {"text/plain": ""}),
        ({"text_html": "<b>x</b>", "text_plain": "x"}, {"text/html": "<b>x</b>"}),
        ({"text_html": "<div></div><script>plot()</script>", "text_plain": "x"}, {"text/plain": "x"}),
        ({"text_html": "<script>plot()</script>"}, {"text/html": "<script>plot()</script>"}),
        ({"text_latex": "$x$"}, {"text/plain": "$x$"}),
        ({"text_markdown": "*x*", "text_plain": "x"}, {"text/markdown": "*x*"}),
        ({"text_markdown": "![x](attachment:x.png)"}, {"text/markdown": "![x](missing)"}),
        ({"text_html": {"a": 1}, "text_plain": 3}, {"text/plain": ""}),
    ],
)
def test_an_output_keeps_the_one_form_that_says_most_and_is_safe(
    forms: dict[str, Any], shown: dict[str, str]
) -> None:
    assert reduced_outputs(display(**forms)) == [{"output_type": "display_data", "metadata": {}, "data": shown}]


def test_a_progress_bar_in_pieces_is_shown_as_it_ended() -> None:
    pieces = [stream("Epoch 1/1\n"), stream("\r 1/9 =\b\b"), stream("\r 9/9 =====\n"), stream("oops\n", "stderr")]
    assert [(output["name"], output["text"]) for output in reduced_outputs(*pieces)] == [
        ("stdout", "Epoch 1/1\n 9/9 =====\n"),
        ("stderr", "oops\n"),
    ]


def test_an_error_without_a_traceback_is_told_by_its_name() -> None:
    assert reduced_outputs({"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": 3}) == [
        {"output_type": "error", "ename": "", "evalue": "", "traceback": ["ValueError: no"]}
    ]


def test_attachments_are_called_by_number_and_missing_ones_by_that_name() -> None:
    cell = {
        "cell_type": "markdown",
        "metadata": {},
        "source": "![a](attachment:a.png) ![b](attachment:b.svg) ![c](attachment:nowhere)",
        "attachments": {"b.svg": {"image/svg+xml": "PHN2Zz4="}, "a.png": {"image/png": PNG}},
    }
    reduced = reduce(notebook(cell)).cells[0]
    assert reduced.source == "![a](attachment:0) ![b](missing) ![c](missing)"
    assert reduced.attachments == {"0": {"image/png": PNG}}


def test_long_texts_are_cut_and_a_page_has_an_end() -> None:
    [output] = reduced_outputs(stream("x" * 100_001))
    assert output["text"] == "x" * 100_000 + LEFT_OUT
    cells = reduce(notebook(*[code(stream("y" * 200_000), stream("z", "stderr"))] * 100)).cells
    assert len(cells) < 45
    assert cells[-1].source == LEFT_OUT
    assert sum(len(output.text) for cell in cells[:-1] for output in cell.outputs) < 4_100_000


def test_many_tiny_outputs_have_an_end_too() -> None:
    outputs = reduced_outputs(*[stream("x"), stream("y", "stderr")] * 20_000)
    assert len(outputs) == 1_999  # the cell itself costs as much as one


def test_lone_surrogates_become_something_that_can_be_written() -> None:
    assert reduced_outputs(stream("a\ud800b"))[0]["text"] == "a?b"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
OUTPUT = st.fixed_dictionaries(
    {},
    optional={
        "output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"]) | JSON,
        "data": st.dictionaries(st.sampled_from(["text/html", "image/png", "text/plain"]), JSON) | JSON,
        "text": JSON,
        "name": JSON,
        "traceback": JSON,
    },
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "source": JSON,
        "outputs": st.lists(OUTPUT | JSON, max_size=3) | JSON,
        "attachments": st.dictionaries(st.text(max_size=3), JSON, max_size=2) | JSON,
        "execution_count": JSON,
        "id": JSON,
        "metadata": JSON,
    },
)


@given(st.lists(CELL | JSON, max_size=3) | JSON)
def test_whatever_a_notebook_holds_the_reduced_one_is_valid(cells: object) -> None:
    reduced = reduce(nbformat.from_dict({"cells": cells, "metadata": {}}))
    nbformat.validate(reduced)
    assert reduced.nbformat == 4
