"""What a file holds by itself is read in bounded time and memory, or refused with a reason."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from saved_notebooks import CODE, OUTPUT, code_cell, displayed, notebook, old_notebook, stream

from grader import notebook_file
from grader.errors import UsageError
from grader.model import Cell, Outcome
from grader.notebook_file import MAX_BYTES, Saved, opened

NOTEBOOK, TEXT = Path("a.ipynb"), Path("a.txt")
ROOT = Path(__file__).parents[1]
PEAK = "print(re.search('VmHWM:\\\\s+([0-9]+)', Path('/proc/self/status').read_text())[1])"


def of_json(value: object) -> Saved:
    return opened(json.dumps(value).encode(), NOTEBOOK)


def refused(content: bytes, path: Path = NOTEBOOK) -> str:
    with pytest.raises(UsageError) as told:
        opened(content, path)
    return str(told.value)


def test_a_text_is_one_text_without_cells() -> None:
    digest = hashlib.sha256(OUTPUT.encode()).hexdigest()
    assert opened(OUTPUT.encode(), TEXT) == Saved((OUTPUT,), digest)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_a_shell_of_windows_writes_is_read(encoding: str) -> None:
    assert opened("┃ Layer ┃\n".encode(encoding), TEXT).texts == ("┃ Layer ┃\n",)


def test_cells_keep_their_sources_and_what_they_show() -> None:
    error = {"output_type": "error", "ename": "NameError", "evalue": "", "traceback": []}
    warning = {"output_type": "stream", "name": "stderr", "text": "a warning"}
    found = of_json(
        notebook(
            {"cell_type": "markdown", "source": "# A title"},
            code_cell(CODE, stream("one\n"), warning, displayed("two"), stream("three")),
            code_cell("fail()", error),
            code_cell("never()", count=None),
            code_cell("counted()", count=0),
        )
    )
    assert found.cells == (
        Cell(1, CODE, Outcome.RAN, "one\ntwo\nthree"),
        Cell(2, "fail()", Outcome.RAISED, ""),
        Cell(3, "never()", Outcome.NOT_RUN, ""),
        Cell(4, "counted()", Outcome.RAN, ""),
    )
    assert found.texts == ("one\ntwo\nthree", "", "", "")


def test_notebooks_of_the_third_format_are_read_too() -> None:
    found = of_json(old_notebook("one", "two"))
    assert found.cells == (Cell(1, CODE, Outcome.RAN, "one\n"), Cell(2, CODE, Outcome.RAN, "two\n"))


def test_a_stream_of_the_third_format_names_itself_otherwise() -> None:
    old = old_notebook("")
    old["worksheets"][0]["cells"][0]["outputs"] = [
        {"output_type": "stream", "stream": "stdout", "text": ["out"]},
        {"output_type": "stream", "stream": "stderr", "text": ["err"]},
    ]
    assert of_json(old).texts == ("out",)


@pytest.mark.parametrize("wrong", [None, 1, 1.5, True, "text", [], {}, [[]], {"a": 1}, ["text", 1]])
@pytest.mark.parametrize(
    "name", ["cell_type", "source", "execution_count", "outputs", "output_type", "text", "name"]
)
def test_a_value_of_another_kind_is_passed_over(name: str, wrong: object) -> None:
    output = stream("shown")
    cell = code_cell("source", output)
    holder = output if name in output else cell
    holder[name] = wrong
    found = of_json(notebook(cell, code_cell("other", stream("kept"))))
    assert found.texts[-1] == "kept"
    assert all(isinstance(each.source, str) and isinstance(each.text, str) for each in found.cells or ())


def test_half_characters_become_question_marks() -> None:
    assert of_json(notebook(code_cell("a = '\ud800'", stream("\udfff")))).texts == ("?",)


FORMAT = "'nbformat', from 2 to 4,"
AGAIN = "save it again with Jupyter or Colab"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "'a.ipynb' is empty; expected a notebook, or a text"),
        (b" \n", "'a.ipynb' is empty; expected a notebook, or a text"),
        (b"<html>", f"'a.ipynb' is not a notebook: its JSON cannot be read; {AGAIN}"),
        (b"[" * 100_000, f"'a.ipynb' is not a notebook: its JSON cannot be read; {AGAIN}"),
        (b'{"a":' * 100_000, f"'a.ipynb' is not a notebook: its JSON cannot be read; {AGAIN}"),
        (b'{"nbformat": ' + b"9" * 10_000 + b"}", f"'a.ipynb' is not a notebook: its JSON cannot be read; {AGAIN}"),
        (b"[]", f"'a.ipynb' is not a notebook: its JSON is no object; {AGAIN}"),
        (
            b"[[]," * 300_000,
            "'a.ipynb' holds more than 500,000 lists and objects; clear its widgets and plots",
        ),
        (
            b'{"nbformat": 4}',
            f"'a.ipynb' is not a notebook that can be read: it has no cells as expected; {AGAIN}",
        ),
        (
            b'{"nbformat": true, "cells": []}',
            f"'a.ipynb' is not a notebook that can be read: it has no {FORMAT} as expected; {AGAIN}",
        ),
        (
            b'{"cells": []}',
            f"'a.ipynb' is not a notebook that can be read: it has no {FORMAT} as expected; {AGAIN}",
        ),
        ('{"é"}'.encode("latin-1"), "'a.ipynb' is not UTF-8 text, at byte 2; save it as UTF-8"),
        (b"x" * (MAX_BYTES + 1), "'a.ipynb' is larger than 32 MiB; remove images from its outputs"),
    ],
    ids=range(13),
)
def test_what_is_no_notebook_is_refused_with_the_reason(content: bytes, told: str) -> None:
    assert refused(content) == told


def test_a_binary_file_is_no_text() -> None:
    assert refused(b"\x89PNG", TEXT) == "'a.txt' is not UTF-8 text, at byte 0; save it as UTF-8"
    assert refused(b"PK\0\0", TEXT).startswith("'a.txt' is not a text: it holds NUL bytes;")


def test_more_text_code_or_cells_than_anybody_reads_are_refused() -> None:
    long = json.dumps(notebook(code_cell("", stream("x" * 3_000_000)), code_cell("", stream("x" * 3_000_000))))
    assert refused(long.encode()).startswith("'a.ipynb' shows more than 4 MiB of text;")
    assert refused(b"x" * 9_000_000, TEXT).startswith("'a.txt' shows more than 4 MiB of text;")
    assert refused(json.dumps(notebook(code_cell("#" * 3_000_000))).encode()) == (
        "'a.ipynb' holds more than 2 MiB of code; load data from files"
    )
    many = notebook(*(code_cell("") for _ in range(2_001)))
    assert refused(json.dumps(many).encode()) == "'a.ipynb' has more than 2,000 cells; join some of them"


def test_images_of_megabytes_are_passed_over() -> None:
    image = {"output_type": "display_data", "data": {"image/png": "A" * 20_000_000, "text/plain": "<Figure>"}}
    began = time.process_time()
    assert of_json(notebook(code_cell("plot()", image))).texts == ("<Figure>\n",)
    assert time.process_time() - began < 5


def test_folders_and_pipes_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    for path in (tmp_path, tmp_path / "pipe.ipynb", tmp_path / "none.txt"):
        with pytest.raises(UsageError, match="is not a file; expected a notebook, or a text"):
            notebook_file.read(path)


@pytest.mark.parametrize("value", ['"ab",', "300,", "{},", '"\U0001f600",', '{"a":[', "[[],[],"])
def test_the_worst_that_the_bytes_can_hold_takes_bounded_memory_and_time(tmp_path: Path, value: str) -> None:
    """In a process of its own, whose peak is its own."""
    content = b'{"nbformat": 4, "cells": [' + value.encode() * (MAX_BYTES // len(value.encode()) - 10) + b"0]}"
    (tmp_path / "a.ipynb").write_bytes(content[:MAX_BYTES])
    code = (
        "import re, sys; from pathlib import Path; from grader import errors, notebook_file\n"
        "try: notebook_file.read(Path(sys.argv[1]))\n"
        "except errors.UsageError: pass\n"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-c", f"{code}{PEAK}", tmp_path / "a.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 800 * 1024  # KiB
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 20
