"""What is a notebook that can be run, and what is said of everything else."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.inside.contents import MAX_CELLS, MAX_SOURCE
from grader.inside.explain import AGAIN, CLEAR, HAND_IN, MAX_REASON
from grader.inside.notebook import MAX_BYTES, Handed, UnreadableError, read

ROOT = Path(__file__).parents[1]
REAL = sorted((ROOT / "submissions").rglob("*.ipynb"))
WITH_JUPYTER = f"save it with Jupyter or Colab, and {HAND_IN}"
DOWNLOAD = "download the notebook (File > Download > Download .ipynb), and hand that in"


def notebook(*cells: Any, **fields: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | fields


def code(source: Any, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": 1} | fields


def version_3(*sheets: Any, **fields: Any) -> dict[str, Any]:
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": list(sheets)} | fields


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def handed(content: bytes) -> Handed:
    return read(io.BytesIO(content))


def cells_of(content: bytes) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in handed(content).notebook.cells]


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        handed(content)
    return str(caught.value)


SOUND = as_bytes(notebook(code("a = 1")))


# --- no text, no JSON --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", f"the file is empty; {AGAIN}"),
        (b" \n\t", f"the file is empty; {AGAIN}"),
        (bytes(100), f"the file is damaged: NUL at byte 0; {AGAIN}"),
        (SOUND + b"\0", f"the file is damaged: NUL at byte {len(SOUND)}; {AGAIN}"),
        (b'{"cells": "\xe9"}', f"the file is not UTF-8 text: invalid continuation byte at byte 11; {AGAIN}"),
        (b"\xff" + SOUND, f"the file is not UTF-8 text: invalid start byte at byte 0; {AGAIN}"),
        (SOUND + b"\xc3", f"the file is not UTF-8 text: unexpected end of data at byte {len(SOUND)}; {AGAIN}"),
        (
            b" " * (2**20 - 1) + b"\xc3\xa9" + b" " * 2**20 + b"\xc3(",
            f"the file is not UTF-8 text: invalid continuation byte at byte {2**21 + 1}; {AGAIN}",
        ),
    ],
)
def test_what_is_no_text_is_unreadable(content: bytes, reason: str) -> None:
    assert refusal(content) == reason


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8-sig", "UTF-8 with a byte order mark"),
        *((encoding, "UTF-16") for encoding in ("utf-16", "utf-16-le", "utf-16-be")),
        *((encoding, "UTF-32") for encoding in ("utf-32", "utf-32-le", "utf-32-be")),
    ],
)
def test_another_encoding_is_named(encoding: str, named: str) -> None:
    expected = f"the file is encoded as {named}; expected plain UTF-8: {WITH_JUPYTER}"
    assert refusal(SOUND.decode().encode(encoding)) == expected


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04....", f"a zip archive or an office document; unpack it, and {HAND_IN}"),
        (b"\x1f\x8b\x08..", f"a gzip archive; unpack it, and {HAND_IN}"),
        (b"%PDF-1.7\n%\xe2\xe3", f"a PDF; {AGAIN}"),
        (b"\x89PNG\r\n\x1a\n", f"an image; {AGAIN}"),
        (b"{\\rtf1\\ansi {\\fonttbl}}", f"a rich text document; {AGAIN}"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
            "a Git LFS pointer, which stands for the notebook; run `git lfs pull`, and hand in what it fetches",
        ),
    ],
)
def test_files_of_other_programs_are_told_by_how_they_begin(content: bytes, what: str) -> None:
    assert refusal(content) == f"the file is not a notebook, but {what}"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html>\n<html><body>Sign in", f"looks like an HTML page; {AGAIN}"),
        (b"\n <HTML lang='en'>", f"looks like an HTML page; {AGAIN}"),
        (b"import numpy as np\nprint(1)\n", f"looks like a Python script; {AGAIN}"),
        (b"#!/usr/bin/env python\nx", f"looks like a Python script; {AGAIN}"),
        (b"print('a script')", f"looks like a Python script; {AGAIN}"),
        (b"diff --git a/x b/x", f"looks like a patch; {AGAIN}"),
        (
            b"https://colab.research.google.com/drive/1",
            f"looks like a link to a notebook, as Google Drive and browsers keep it; {DOWNLOAD}",
        ),
        (b"hello", f"it 'hello' is not expected in line 1, at byte 0; {AGAIN}"),
    ],
)
def test_what_is_no_json_is_told_by_how_it_looks(content: bytes, what: str) -> None:
    assert refusal(content) == f"the file is not JSON: it {what}".replace("it it ", "")


CUT_OFF = [
    *(SOUND[:end] for end in range(1, len(SOUND))),
    b'{\n"cells": [\n{"source": "abc',
    *(b'{"cells": [' + end for end in (b'{"source": "ab\\u00', b'"\\', b"nul", b"-", b"1.", b"1e+", b"-Inf")),
    b"[1, ",
]


@pytest.mark.parametrize("content", CUT_OFF)
def test_a_file_that_ends_too_early_is_cut_off(content: bytes) -> None:
    assert refusal(content) == (
        f"the file is not JSON: it is cut off after {len(content)} bytes, not saved or copied whole; {AGAIN}"
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"{'cells': []}", "\"'cells': [\" is not expected in line 1, at byte 1"),
        (b'{"cells": [],}', "'}' is not expected in line 1, at byte 13"),
        (b'{"cells": [1,]}', "']}' is not expected in line 1, at byte 13"),
        (b'{"cells": [1 2]}', "'2]}' is not expected in line 1, at byte 13"),
        (b'{"cells"; []}', "'; []}' is not expected in line 1, at byte 8"),
        (SOUND + b"x", f"'x' is not expected in line 1, at byte {len(SOUND)}"),
        (SOUND + SOUND, f"'{SOUND[:10].decode()}' is not expected in line 1, at byte {len(SOUND)}"),
        (b'{"a": "x\ny"}', "'\\ny\"}' is not expected in line 1, at byte 8"),
        (b'{"a": "\\x"}', "'\\\\x\"}' is not expected in line 1, at byte 7"),
        (b'{"a": 01}', "'01}' is not expected in line 1, at byte 6"),
        (b'{"a": TRUE}', "'TRUE}' is not expected in line 1, at byte 6"),
        (b'{"a": "\xe2\x80\xae" b}', "'b}' is not expected in line 1, at byte 12"),
        (b"{\xe2\x80\xae}", "'\\u202e}' is not expected in line 1, at byte 1"),
        (
            b'{\n "cells": [\n<<<<<<< HEAD\n',
            "it has marks of an unresolved Git merge in line 3, at byte 14; resolve it, and",
        ),
    ],
)
def test_what_is_wrong_with_json_is_quoted_with_its_place(content: bytes, found: str) -> None:
    expected = f"the file is not JSON: {found}; {AGAIN}"
    assert refusal(content) == expected.replace("and; ", "and ")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("NaN", f"the file holds NaN in line 1, at byte 42, which JSON does not know; {CLEAR}"),
        ("-Infinity", f"the file holds -Infinity in line 1, at byte 42, which JSON does not know; {CLEAR}"),
        ("9" * 5000, f"the file holds a number of 5000 digits in line 1, at byte 42, more than 1000; {AGAIN}"),
        (
            "[" * 100_000,
            f"the file is nested too deeply to be a notebook, over 200 levels in line 1, at byte 240; {AGAIN}",
        ),
        (
            '{"a":' * 100_000 + "1" + "}" * 100_000,
            f"the file is nested too deeply to be a notebook, over 200 levels in line 1, at byte 1032; {AGAIN}",
        ),
    ],
)
def test_what_no_notebook_holds_is_unreadable_wherever_it_is(value: str, reason: str) -> None:
    assert refusal(b'{"nbformat": 4, "cells": [], "metadata": [' + value.encode() + b"]}") == reason


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'{"cells": [], "cells": []}', "cells"),
        (b'{"cells": [], "c\\u0065lls": []}', "cells"),
        (b'{"cells": [{"source": "a", "source": "b"}]}', "source"),
        (b'{"metadata": {"kernelspec": {"name": "a", "name": "b"}}}', "name"),
        (b'{"cells": [{"outputs": [{"data": {"text/plain": "a", "text/plain": "b"}}]}]}', "text/plain"),
        (b'{"nbformat": {"a": 1, "a": 2}}', "a"),
    ],
)
def test_a_name_that_an_object_has_twice_is_quoted(content: bytes, name: str) -> None:
    assert refusal(content).startswith(f"the file has the name '{name}' twice in one object, in line 1, at byte ")


# --- JSON, but no notebook ---------------------------------------------------------------------------------

NO_NOTEBOOK = "the file is JSON, but not a notebook: "


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        *((content, f"{NO_NOTEBOOK}it is no object") for content in (b"[]", b"[1, 2]", b"null", b"7", b'"text"')),
        (b"{}", f"{NO_NOTEBOOK}it has no 'nbformat'"),
        (as_bytes({"nbformat": 4, "metadata": {}}), f"{NO_NOTEBOOK}it has no list of 'cells'"),
        (as_bytes(notebook(cells={"0": code("1")})), f"{NO_NOTEBOOK}it has no list of 'cells'"),
        (as_bytes(version_3(nbformat=4)), f"{NO_NOTEBOOK}it has no list of 'cells'"),
        (as_bytes(notebook(nbformat=3)), f"{NO_NOTEBOOK}it has no list of 'worksheets'"),
        (as_bytes(version_3(worksheets=5)), f"{NO_NOTEBOOK}it has no list of 'worksheets'"),
        (as_bytes(version_3({"cells": []}, 5)), "worksheet 2 of the notebook has no list of 'cells'"),
        (as_bytes(version_3({"cells": "x"})), "worksheet 1 of the notebook has no list of 'cells'"),
        *(
            (as_bytes(notebook(nbformat=value)), f"{NO_NOTEBOOK}its 'nbformat' is {shown}; expected 4")
            for value, shown in (
                ("4", "'4'"),
                (4.0, "4.0"),
                (True, "True"),
                (None, "None"),
                ([4], "[4]"),
                (0, "0"),
                (-3, "-3"),
                ("x" * 5000, "something long"),
            )
        ),
        (as_bytes(notebook(code("1"), "print(1)")), "cell 2 of the notebook is no object"),
        (
            as_bytes(notebook({"source": "1"})),
            "cell 1 of the notebook has no 'cell_type'; expected 'code' or 'markdown'",
        ),
        (
            as_bytes(notebook(code("1", cell_type="Code"))),
            "cell 1 of the notebook has the 'cell_type' 'Code'; expected 'code' or 'markdown'",
        ),
        (as_bytes(notebook({"cell_type": "code"})), "cell 1 of the notebook has no 'source'"),
        *(
            (as_bytes(notebook(code(source))), f"cell 1 of the notebook has {shown} as its source; expected text")
            for source, shown in (
                (5, "5"),
                (None, "nothing"),
                (False, "False"),
                ({"a": 1}, "an object"),
                (["a", 1], "a list of other things than lines"),
                ([["a"]], "a list of other things than lines"),
            )
        ),
        (
            as_bytes(notebook(*[code("1")] * (MAX_CELLS + 1))),
            "the notebook has 2001 cells, more than 2000; join some, and",
        ),
        (
            as_bytes(notebook(code("#" * (MAX_SOURCE + 1)))),
            "the notebook's cells hold more than 2 MiB of text; load data from files, and",
        ),
        (
            as_bytes(notebook(*[code("#" * (MAX_SOURCE // 2))] * 3)),
            "the notebook's cells hold more than 2 MiB of text; load data from files, and",
        ),
        (
            as_bytes(notebook(code("\x01" * 3 * MAX_SOURCE))),
            "the notebook's cells hold more than 2 MiB of text; load data from files, and",
        ),
    ],
)
def test_what_is_no_notebook_is_unreadable(content: bytes, reason: str) -> None:
    told = refusal(content)
    assert told in (f"{reason}; {AGAIN}", f"{reason}: {AGAIN}", f"{reason} {AGAIN}")


@pytest.mark.parametrize(("number", "age"), [(1, "older"), (5, "newer"), (99, "newer"), (10**40, "newer")])
def test_a_format_that_cannot_be_read_is_named(number: int, age: str) -> None:
    assert refusal(as_bytes(notebook(nbformat=number))) == (
        f"the notebook is of nbformat {number}, {age} than what can be read; "
        f"expected 4: open it with Jupyter or Colab, save it again, and {HAND_IN}"
    )


def test_half_a_character_in_a_source_is_quoted() -> None:
    assert refusal(as_bytes(notebook(code("1"), code("'\ud800'")))) == (
        "cell 2 of the notebook holds half a character, '\\ud800'; delete it, save the notebook again, "
        f"and {HAND_IN}"
    )


def test_a_link_that_google_drive_keeps_is_told() -> None:
    link = {"": "WARNING! DO NOT EDIT THIS FILE!", "doc_id": "1", "resource_key": "", "email": "ann@x.org"}
    assert refusal(as_bytes(link)) == (
        f"{NO_NOTEBOOK}a link to a notebook, as Google Drive and browsers keep it; {DOWNLOAD}"
    )


def test_a_file_over_the_size_limit_is_not_looked_into(tmp_path: Path) -> None:
    with (tmp_path / "n.ipynb").open("w+b") as stream:
        stream.truncate(MAX_BYTES + 1)
        with pytest.raises(UnreadableError) as caught:
            read(stream)
    assert str(caught.value) == f"the file has more than 256 MiB; {CLEAR}"


# --- notebooks ---------------------------------------------------------------------------------------------


DEEP = [[[[[[1]]]]]]


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        (as_bytes(notebook()), []),
        (b"\n " + json.dumps(notebook(code("'é😀'")), indent=1, ensure_ascii=False).encode(), [("code", "'é😀'")]),
        (as_bytes(notebook(code("'é😀\0'"))), [("code", "'é😀\0'")]),
        (as_bytes(notebook(code(["a = 1\n", "b = 2"]))), [("code", "a = 1\nb = 2")]),
        (as_bytes(notebook(code([]))), [("code", "")]),
        (as_bytes(notebook({"cell_type": "markdown", "source": "# T", "metadata": {}})), [("markdown", "# T")]),
        (as_bytes(notebook({"cell_type": "markdown"})), [("markdown", "")]),
        (as_bytes(notebook({"cell_type": "raw", "source": "r", "attachments": 7})), [("markdown", "r")]),
        (as_bytes(notebook(code("1"), nbformat_minor=99, metadata=[1], extra={"a": [{}]})), [("code", "1")]),
        (as_bytes(notebook(code("1", outputs="none", metadata={"tags": 7}))), [("code", "1")]),
        (as_bytes(notebook(code("1", outputs=[{"output_type": "?"}, 7]))), [("code", "1")]),
        (as_bytes(notebook(code("1", outputs=[{"data": DEEP * 3}], other={"a": [DEEP, 2]}))), [("code", "1")]),
        (
            as_bytes(
                version_3(
                    {"cells": [{"cell_type": "heading", "level": 1, "source": "T"}]},
                    {"cells": [{"cell_type": "html", "source": "h"}, {"cell_type": "code", "input": ["a\n", "b"]}]},
                )
            ),
            [("markdown", "T"), ("markdown", "h"), ("code", "a\nb")],
        ),
        (as_bytes(version_3({"cells": [{"cell_type": "code", "input": "a"}]}, nbformat=2)), [("code", "a")]),
    ],
)  # fmt: skip
def test_the_cells_of_a_notebook_are_read(content: bytes, cells: list[tuple[str, str]]) -> None:
    assert cells_of(content) == cells


@pytest.mark.parametrize("path", REAL, ids=lambda path: str(path.relative_to(ROOT)))
def test_real_notebooks_are_read_as_jupyter_reads_them(path: Path) -> None:
    content = path.read_bytes()
    try:
        theirs = nbformat.reads(content.decode(), as_version=4)
    except nbformat.reader.NotJSONError:
        assert refusal(content).startswith("the file is not JSON: ")
        return
    expected = [("code" if cell.cell_type == "code" else "markdown", cell.source) for cell in theirs.cells]
    assert cells_of(content) == expected


def test_of_a_notebook_only_the_sources_are_run() -> None:
    saved = code("1 + 1", metadata={"tags": ["skip-execution"]}, outputs=[{"output_type": "stream"}], id="theirs")
    metadata = {"kernelspec": {"name": "julia"}, "execution": {"timeout": 1}}
    kept = handed(as_bytes(notebook(saved, metadata=metadata))).notebook
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


def test_saved_text_is_kept_by_the_index_of_its_cell() -> None:
    shown = {"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]}
    content = notebook({"cell_type": "markdown", "source": ""}, code("1", outputs=[shown]), code("2"))
    assert handed(as_bytes(content)).saved == {1: "a\nb\n"}


# --- languages ---------------------------------------------------------------------------------------------

BY_KERNEL_R = "the notebook names the language 'R', and code cell 2 is not Python"
OPEN_WITH_PYTHON = f"expected Python: open the notebook with a Python kernel, save it again, and {HAND_IN}"


def test_a_notebook_in_another_language_is_refused_with_the_cell_that_shows_it() -> None:
    cells = (code("x = 1"), {"cell_type": "markdown", "source": "text"}, code("y %>% f()"))
    content = notebook(*cells, metadata={"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}})
    assert refusal(as_bytes(content)) == f"{BY_KERNEL_R}; {OPEN_WITH_PYTHON}"


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": 7}, {"kernelspec": {"name": 7}}, {"language_info": []}])
def test_metadata_that_say_nothing_stand_for_python(metadata: Any) -> None:
    assert cells_of(as_bytes(notebook(code("no python"), metadata=metadata))) == [("code", "no python")]


def test_python_code_is_run_whatever_its_kernel_is_called() -> None:
    content = notebook(code("%matplotlib inline\nx = 1"), metadata={"kernelspec": {"name": "ir", "language": "R"}})
    assert cells_of(as_bytes(content)) == [("code", "%matplotlib inline\nx = 1")]


# --- size and time -----------------------------------------------------------------------------------------

MEASURED = """
    import io, resource, sys, tempfile
    from grader.inside.notebook import UnreadableError, read

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    {build}
    before = peak()
    resource.setrlimit(resource.RLIMIT_DATA, (1536 * 2**20, 1536 * 2**20))
    file.seek(0)
    try:
        handed = read(file)
        print(peak() - before, len(handed.saved[0]), handed.notebook.cells[0].source)
    except UnreadableError as error:
        print(peak() - before, error)
"""
WRITE = """
    file = tempfile.TemporaryFile()
    file.write(b'{{"cells": [{{"cell_type": "code", "source": "a = 1", "outputs": [' + {begin!r})
    for _ in range(200):
        file.write({piece!r} * (2**20 // len({piece!r})))
    file.write({end!r} + b']}}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}')
"""
IMAGE = b'{"output_type": "display_data", "data": {"image/png": "'
TEXT = b'{"output_type": "stream", "name": "stdout", "text": '


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begin", "piece", "end"),
    [
        (TEXT + b'"', b"saved text, 1 2 3 [4]\\n", b'"}'),
        (TEXT + b"[", b'"saved text, 1 2 3 [4]\\n",\n    ', b'""]}'),
        (IMAGE, b"iVBORw0KGgo", b'", "text/plain": "<Figure>"}}'),
    ],
)
def test_200_mb_of_saved_outputs_are_passed_over_in_little_memory(begin: bytes, piece: bytes, end: bytes) -> None:
    build = WRITE.format(begin=begin, piece=piece, end=end)
    script = textwrap.dedent(MEASURED.replace("    {build}", build))
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    megabytes, saved, source = done.stdout.split(" ", 2)
    assert source == "a = 1\n"
    assert int(saved) == (9 if b"Figure" in end else 64 * 1024 + 1)
    assert int(megabytes) < 300
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "make",
    [
        lambda size: b"[" * size,
        lambda size: b"[" + b"[[[[]]]]," * (size // 9) + b"1]",
        lambda size: b"[[[[" + b"1," * (size // 2) + b"[[[[]]]]]]]]",
        lambda size: b'{"a":' * (size // 5),
        lambda size: b'"' * size,
        lambda size: b'"' + b"\\" * size,
        lambda size: b'{"cells":[' + b"{}," * (size // 3) + b"1]}",
        lambda size: b'{"cells":[{"source":[' + b"[]," * (size // 3) + b"1]}]}",
        lambda size: b'{"cells":[{"outputs":[' + b'{"text":[""]},' * (size // 14) + b"1]}]}",
        lambda size: b'{"cells":[{"outputs":[{"text":[' + b'"",' * (size // 3) + b"1]}]}]}",
        lambda size: b'{"cells":[{"outputs":[{"data":{' + b'"a":1,' * (size // 6) + b'"b":1}}]}]}',
        lambda size: b'{"a":' + b"9" * size,
        lambda size: b'{"a":"' + b"\\u00" * (size // 4),
        lambda size: b"{" + b" " * size,
        lambda size: b"\n" * size + b"x",
        lambda size: b"<" * size,
        lambda size: b"x" * size,
        lambda size: b"x." * (size // 2),
    ],
)
def test_no_file_takes_longer_than_its_size_explains(make: Callable[[int], bytes]) -> None:
    content = make(2_000_000)
    began = time.process_time()
    with pytest.raises(UnreadableError):
        handed(content)
    assert time.process_time() - began < 5


# --- any bytes ---------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
TEXTS = st.text() | st.lists(st.text(), max_size=4)
OUTPUT = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "display_data", "execute_result", "pyout", "error"]) | JSON},
    optional={
        "name": st.sampled_from(["stdout", "stderr"]) | JSON,
        "text": TEXTS | JSON,
        "data": st.dictionaries(st.sampled_from(["text/plain", "text/html"]), TEXTS | JSON) | JSON,
    },
)
CELL = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", "html"]) | JSON,
        "metadata": st.just({}) | JSON,
        "source": TEXTS | JSON,
    },
    optional=dict.fromkeys(("id", "input", "language", "level"), JSON)
    | {"outputs": st.lists(OUTPUT | JSON, max_size=3) | JSON},
)
KERNEL = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "language", "display_name"), st.text() | JSON))
NOTEBOOK = st.fixed_dictionaries(
    {
        "nbformat": st.sampled_from([4, 1, 2, 3, 5, "4", None]),
        "metadata": st.just({}) | JSON | st.fixed_dictionaries({"kernelspec": KERNEL, "language_info": KERNEL}),
    },
    optional={
        "nbformat_minor": st.sampled_from([0, 2, 4, 5, 6, -1, "5", None]),
        "cells": st.lists(CELL | JSON, max_size=3) | JSON,
        "worksheets": st.lists(
            st.fixed_dictionaries({"cells": st.lists(CELL | JSON, max_size=3)}) | JSON, max_size=2
        ),
    },
)


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A real notebook with some of its bytes flipped, left out, doubled or put in."""
    content = bytearray(draw(st.sampled_from([path.read_bytes() for path in REAL] + [SOUND])))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.sampled_from([0, 1, 2, 10, 1000])))
        content[begin:end] = draw(
            st.binary(max_size=4)
            | st.sampled_from([b"", b'"', b"[", b"}", b"NaN,", b"\\", bytes(content[begin:end]) * 2])
        )
    return bytes(content)


@settings(max_examples=400)
@given(content=st.binary(max_size=300) | JSON.map(as_bytes) | NOTEBOOK.map(as_bytes) | changed())
def test_any_bytes_are_a_valid_notebook_or_unreadable(content: bytes) -> None:
    try:
        found = handed(content)
    except UnreadableError as error:
        reason = str(error)
    else:
        reason = ""
        check(found)
    assert len(reason) <= MAX_REASON
    assert reason.isprintable()


def check(found: Handed) -> None:
    nbformat.validate(found.notebook)
    code_cells = {index for index, cell in enumerate(found.notebook.cells) if cell.cell_type == "code"}
    assert set(found.saved) <= code_cells
    assert all(text.encode() for text in found.saved.values())
