"""What is a notebook that can be run, and what is said of everything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.inside.notebook import MAX_CELLS, MAX_SOURCE, UnreadableError, read


def notebook(*cells: Any, **fields: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | fields


def code(source: Any, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": 1} | fields


def cells_of(path: Path, content: bytes) -> list[tuple[str, str]]:
    path.write_bytes(content)
    return [(cell.cell_type, cell.source) for cell in read(path).cells]


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\t", "the file is empty"),
        (
            b"\xff\xfe" + '{"cells": []}'.encode("utf-16-le"),
            "the file is not UTF-8 text: invalid start byte at byte 0",
        ),
        (b'{"cells": "\xe9"}', "the file is not UTF-8 text: invalid continuation byte at byte 11"),
    ],
)
def test_what_is_no_text_is_unreadable(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        cells_of(tmp_path / "n.ipynb", content)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        (b"print('a script')", "the file is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (as_bytes(notebook(code("1")))[:-10], "the file is not JSON: "),
        (b"PK\x03\x04", "the file is not JSON: "),
        (b"[" * 100_000, "the file is nested too deeply to be a notebook"),
        (b'{"a":' * 100_000, "the file is nested too deeply to be a notebook"),
        (b"[]", "the file is JSON, but not a notebook"),
        (b"[1, 2]", "the file is JSON, but not a notebook"),
        (b"null", "the file is JSON, but not a notebook"),
        (b"7", "the file is JSON, but not a notebook"),
        (b'"text"', "the file is JSON, but not a notebook"),
        (b"{}", "the file is JSON, but not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "the file is JSON, but not a notebook: "),
        (as_bytes(notebook(nbformat=99)), "the file is JSON, but not a notebook"),
        (as_bytes(notebook(nbformat="4")), "the file is JSON, but not a notebook"),
        (as_bytes({"nbformat": 3, "worksheets": 5}), "the file is JSON, but not a notebook"),
        (as_bytes(notebook() | {"cells": {"0": code("1")}}), "the file is JSON, but not a notebook"),
        (as_bytes(notebook(code("1"), "print(1)")), "the file is JSON, but not a notebook"),
        (as_bytes(notebook(code("1", outputs="none"))), "the file is JSON, but not a notebook"),
        (as_bytes(notebook(code(5))), "cell 1 of the notebook has no text as its source"),
        (as_bytes(notebook(code(None))), "cell 1 of the notebook has no text as its source"),
        (as_bytes(notebook(*[code("1")] * (MAX_CELLS + 1))), "the notebook has 2001 cells, more than 2000"),
        (as_bytes(notebook(code("#" * (MAX_SOURCE + 1)))), "the notebook's cells hold more than 2 MiB of text"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_unreadable(tmp_path: Path, content: bytes, beginning: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        cells_of(tmp_path / "n.ipynb", content)
    assert str(caught.value).startswith(beginning)
    assert len(str(caught.value)) <= 300


def test_a_file_over_the_size_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "n.ipynb").open("wb") as stream:
        stream.truncate(256 * 1024**2 + 1)
    with pytest.raises(UnreadableError, match="the file has more than 256 MiB"):
        read(tmp_path / "n.ipynb")


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        (as_bytes(notebook()), []),
        (b"\xef\xbb\xbf" + as_bytes(notebook(code("print('BOM')"))), [("code", "print('BOM')")]),
        (as_bytes(notebook(code(["a = 1\n", "b = 2"]))), [("code", "a = 1\nb = 2")]),
        (as_bytes(notebook(code("x", execution_count=float("nan")))), [("code", "x")]),
        (as_bytes(notebook(code("'\ud800'"))), [("code", "'?'")]),
        (as_bytes(notebook({"cell_type": "markdown", "source": "# T", "metadata": {}})), [("markdown", "# T")]),
        (as_bytes(notebook({"cell_type": "raw", "source": "r", "metadata": {}})), [("markdown", "r")]),
        (as_bytes(notebook(code("1"), nbformat_minor=99)), [("code", "1")]),
        (as_bytes(notebook(code("1", outputs=[{"output_type": "?"}], metadata={"tags": 7}))), [("code", "1")]),
        (
            as_bytes(
                {
                    "nbformat": 3,
                    "nbformat_minor": 0,
                    "metadata": {"name": ""},
                    "worksheets": [
                        {"cells": [{"cell_type": "code", "input": ["a = 1\n", "b"], "outputs": []}]},
                    ],
                }
            ),
            [("code", "a = 1\nb")],
        ),
    ],
)  # fmt: skip
def test_the_cells_of_a_notebook_are_read(tmp_path: Path, content: bytes, cells: list[tuple[str, str]]) -> None:
    assert cells_of(tmp_path / "n.ipynb", content) == cells


def test_of_a_notebook_only_the_sources_are_kept(tmp_path: Path) -> None:
    saved = code("1 + 1", metadata={"tags": ["skip-execution"]}, outputs=[{"output_type": "stream"}], id="theirs")
    kernel = {"kernelspec": {"name": "julia"}, "execution": {"timeout": 1}}
    (tmp_path / "n.ipynb").write_bytes(as_bytes(notebook(saved, metadata=kernel)))
    kept = read(tmp_path / "n.ipynb")
    nbformat.validate(kept)
    assert kept == {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "id": "cell-1",
                "cell_type": "code",
                "metadata": {},
                "execution_count": None,
                "source": "1 + 1",
                "outputs": [],
            }
        ],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
CELL = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", "html"]) | JSON,
        "metadata": st.just({}) | JSON,
        "source": st.text() | st.lists(st.text()) | JSON,
    },
    optional=dict.fromkeys(("outputs", "id", "input", "language", "level"), JSON),
)
NOTEBOOK = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([4, 1, 2, 3, 5, "4", None]), "metadata": st.just({}) | JSON},
    optional={
        "nbformat_minor": st.sampled_from([0, 2, 4, 5, 6, -1, "5", None]),
        "cells": st.lists(CELL | JSON, max_size=3) | JSON,
        "worksheets": st.lists(
            st.fixed_dictionaries({"cells": st.lists(CELL | JSON, max_size=3)}) | JSON, max_size=2
        ),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | JSON.map(as_bytes) | NOTEBOOK.map(as_bytes))
def test_any_bytes_are_a_valid_notebook_or_unreadable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "n.ipynb").write_bytes(content)
    try:
        found = read(tmp_path / "n.ipynb")
    except UnreadableError:
        return
    nbformat.validate(found)
