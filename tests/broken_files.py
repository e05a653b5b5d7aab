"""Files that are no notebooks, or strange ones, and names that no student should have: made when they are needed.

Each comes with the statuses that its row may have and, where the reason matters, a word that its message must
hold. Most are small; the large ones are sparse or written in pieces, and lie in the folder of the test.
"""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.model import Status

Build = Callable[[Path], object]
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Broken:
    """`build` makes the file at the path it is given; `says` is a regular expression, case ignored."""

    name: str
    build: Build
    statuses: frozenset[Status] = frozenset({Status.UNREADABLE})
    says: str = ""


def content(data: bytes | str) -> Build:
    written = data.encode("utf-8") if isinstance(data, str) else data
    return lambda path: path.write_bytes(written)


def notebook(*sources: str, **changes: Any) -> str:
    """A sound notebook of version 4.5 but for `changes`."""
    facts = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell(source) for source in sources]}
    return json.dumps(facts | changes)


def cell(source: Any, **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": []}
    return facts | {"source": source} | changes


def kernelspec(name: str, language: str | None) -> dict[str, Any]:
    spec = {"name": name, "display_name": name}
    known = {} if language is None else {"language": language}
    return {"kernelspec": spec | known} | ({"language_info": {"name": language}} if language else {})


def version_3(number: int) -> str:
    """As notebooks of version 3 (and 2) hold their cells: in worksheets, code under `input`."""
    code = {"cell_type": "code", "language": "python", "collapsed": False, "outputs": [], "input": ["print('ran')"]}
    sheets = [{"cells": [{"cell_type": "markdown", "source": ["text"]}, code], "metadata": {}}]
    return json.dumps({"nbformat": number, "nbformat_minor": 0, "metadata": {"name": "old"}, "worksheets": sheets})


def saved_outputs(megabytes: int) -> Build:
    """A sound notebook whose saved output is that large."""

    def write(path: Path) -> None:
        output = {"output_type": "stream", "name": "stdout", "text": "@"}
        before, after = notebook("print('ran')").split('"outputs": []')
        start, end = json.dumps(output).split("@")
        with path.open("w", encoding="utf-8") as file:
            file.write(f'{before}"outputs": [{start}')
            for _ in range(megabytes):
                file.write("saved text \\n" * (MIB // 13))
            file.write(f"{end}]{after}")

    return write


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(400 * MIB)


def archive(path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as written:
        written.writestr("notebook.ipynb", notebook("print('ran')"))
    path.write_bytes(held.getvalue())


def link(path: Path) -> None:
    target = path.parent.parent / "linked.ipynb"
    target.write_text(notebook("print('linked')"), "utf-8")
    path.symlink_to(target)


def listening(path: Path) -> None:
    """By a short name, since the path of a socket has 108 bytes at most; the name stays when it is closed."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{descriptor}/{path.name}")
    os.close(descriptor)


def device(path: Path) -> None:
    """/dev/zero under the student's name, which root alone can make; else a link to it."""
    if os.geteuid() == 0:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    else:
        path.symlink_to("/dev/zero")


NESTED = '{"a":' * 100_000 + "1" + "}" * 100_000
R_CODE = "x <- c(1, 2, 3)\nlibrary(ggplot2)"
JULIA_CODE = "function f(x)\n  x + 1\nend"
PYTHON = "print('ran')"
NAN = json.dumps(json.loads(notebook(PYTHON)) | {"metadata": {"value": float("nan")}})
UNKNOWN = kernelspec("nowhere", None)
GRADED = frozenset({Status.GRADED})
RAISED = frozenset({Status.NOTEBOOK_ERROR})
EITHER = frozenset({Status.GRADED, Status.UNREADABLE})

FILES = (
    Broken("empty", content(b""), says="empty"),
    Broken("blank", content(b" \n\t\n"), says="empty"),
    Broken("truncated", content(notebook(PYTHON)[:120]), says="JSON"),
    Broken("truncated_in_a_character", content(notebook("print('é')").encode()[:-60] + b"\xc3")),
    Broken("page", content("<!DOCTYPE html>\n<html><body>Sign in</body></html>"), says="HTML|web page"),
    Broken("script", content("import numpy as np\nprint(1)\n"), says="JSON|script"),
    Broken("archive", archive, says="zip|archive"),
    Broken("paper", content(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"), says="PDF"),
    Broken("pointer", content("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"), says="LFS"),
    Broken("a_list", content("[1, 2, 3]"), says="notebook"),
    Broken("a_number", content("7"), says="notebook"),
    Broken("a_text", content('"text"'), says="notebook"),
    Broken("null", content("null"), says="notebook"),
    Broken("no_cells", content('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}'), says="cells"),
    Broken("cells_of_text", content(notebook(cells="print(1)")), says="cells"),
    Broken("cells_of_numbers", content(notebook(cells=[1, 2, 3])), says="cell"),
    Broken("source_of_numbers", content(notebook(cells=[cell(7)])), says="cell|source"),
    Broken("source_of_lists", content(notebook(cells=[cell([["print('ran')"]])])), says="cell|source"),
    Broken("nested_lists", content("[" * 100_000 + "]" * 100_000), says="nested|deep"),
    Broken("nested_metadata", content(notebook(PYTHON)[:-1] + ', "x": ' + NESTED + "}"), says="nested|deep"),
    Broken("unclosed_lists", content("[" * 1_000_000)),
    Broken("same_key_twice", content(notebook(PYTHON)[:-1] + ', "cells": []}'), says="twice|duplicate|repeat"),
    Broken("not_a_number", content(NAN), says="NaN"),
    Broken("infinity", content(NAN.replace("NaN", "-Infinity")), says="Infinity"),
    Broken("long_number", content(notebook(PYTHON)[:-1] + ', "n": ' + "9" * 100_000 + "}"), says="number|digits"),
    Broken("byte_order_mark", content(b"\xef\xbb\xbf" + notebook(PYTHON).encode()), says="byte.order mark|BOM"),
    Broken("utf_16", content(notebook(PYTHON).encode("utf-16")), says="UTF-16"),
    Broken("utf_32", content(notebook(PYTHON).encode("utf-32")), says="UTF-32"),
    Broken("latin_1", content(notebook("print('x')").replace("x", "é").encode("latin-1")), says="UTF-8"),
    Broken("invalid_utf_8", content(notebook(PYTHON).encode().replace(b"ran", b"\xff\xfe")), says="UTF-8"),
    Broken("zeros", content(bytes(10_000)), says="NUL|zero|null"),
    Broken("half_character", content(notebook("print('\ud800')")), EITHER | RAISED),
    Broken("saved_outputs", saved_outputs(200), GRADED),
    Broken("too_large", sparse, says="MiB|large|bytes"),
    Broken("version_1", content(version_3(1)), says="version|nbformat"),
    Broken("version_2", content(version_3(2)), GRADED),
    Broken("version_3", content(version_3(3)), GRADED),
    Broken("version_99", content(notebook(PYTHON, nbformat=99)), says="99"),
    Broken("version_of_text", content(notebook(PYTHON, nbformat="four")), says="version|nbformat"),
    Broken("version_of_infinite_size", content(notebook(PYTHON, nbformat=10**30)), says="version|nbformat"),
    Broken("version_missing", content('{"cells": [], "metadata": {}}'), says="version|nbformat"),
    Broken("later_minor_version", content(notebook(PYTHON, nbformat_minor=999)), GRADED),
    Broken("r_with_r", content(notebook(R_CODE, metadata=kernelspec("ir", "R"))), says=r"\bR\b"),
    Broken("r_with_python", content(notebook(PYTHON, metadata=kernelspec("ir", "R"))), GRADED),
    Broken("julia_with_julia", content(notebook(JULIA_CODE, metadata=kernelspec("julia", "julia"))), says="julia"),
    Broken("unknown_with_python", content(notebook(PYTHON, metadata=UNKNOWN)), GRADED),
    Broken("unknown_with_r", content(notebook(R_CODE, metadata=UNKNOWN)), says="nowhere|Python"),
    Broken("metadata_of_text", content(notebook(PYTHON, metadata="text")), EITHER),
    Broken("many_cells", content(notebook(*["pass"] * 20_000)), says="cells"),
    Broken("large_source", content(notebook("x = '" + "y" * 8 * MIB + "'")), says="MiB|text"),
    Broken("no_code", content(notebook(cells=[cell("# text", cell_type="markdown")])), GRADED),
    Broken("nothing_inside", content(notebook()), GRADED),
    Broken("symbolic_link", link, says="link"),
    Broken("loop_of_links", lambda path: path.symlink_to(path), says="link"),
    Broken("link_to_nothing", lambda path: path.symlink_to("/nonexistent"), says="link"),
    Broken("pipe", os.mkfifo, says="file|pipe"),
    Broken("folder", lambda path: path.mkdir(), says="file|folder"),
    Broken("device", device, says="file|device|link"),
    Broken("socket", listening, says="file|socket|device"),
)  # fmt: skip

NAMES: Mapping[str, bytes | str] = {
    "up and away": "..%2f..%2fetc%2fpasswd",
    "backslashes": "..\\..\\windows\\win.ini",
    "a new line": "first\nsecond,graded,100",
    "a tab and a formula": "\t=1+1",
    "a right-to-left mark": "\u202ecod.\u2066xe",
    "three hundred bytes": "é" * 124,
    "a formula": '=HYPERLINK("http:x","y")',
    "another formula": "@SUM(1+1)*cmd|' !A0",
    "a page": "<img src=x onerror=alert(1)>&amp;",
    "escape codes": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "bytes that are no UTF-8": b"\xff\xfe\x80bytes",
    "upper case": "ANN",
    "lower case": "ann",
    "composed": "\u00e9mile",
    "decomposed": "e\u0301mile",
    "an option": "-rf",
    "a device's name": "CON",
    "a shell's word": "$(touch hacked)`id`;%s%n",
    "quotes": "'\"\"'",
    "one blank": " ",
    "blanks at the end": "ann  ",
    "a dot at the end": "ann.",
    "underscores": "a_b",
    "what underscores stand for": "a b",
    "a picture": "💥\ufe0f",
    "a byte order mark": "\ufeffann",
    "a control character": "\x01\x7f\x85",
}  # fmt: skip
"""What is strange about a name -> the name, of a file without its ending."""


def place(folder: Path, names: Collection[str]) -> None:
    for broken in FILES:
        if broken.name in names:
            broken.build(folder / f"broken-{broken.name}.ipynb")


def place_named(folder: Path) -> None:
    for name in NAMES.values():
        path = os.path.join(os.fsencode(folder), os.fsencode(name) + b".ipynb")  # noqa: PTH118 - Path takes no bytes
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - the same
            file.write(notebook("print('named')"))
