"""Files and data sets that a notebook asks for and the assignment does not provide."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from grader.checks.parsing import Source, parse_cell
from grader.checks.wording import quoted, shown
from grader.selfcheck.report import Finding, Level, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from grader.model import Cell

# By the name of a Keras data set, what begins or is the name of a file of it.
DATASETS = {
    "mnist": "mnist",
    "fashion_mnist": "fashion",
    "cifar10": "cifar-10",
    "cifar100": "cifar-100",
    "imdb": "imdb",
    "reuters": "reuters",
    "boston_housing": "boston_housing",
    "california_housing": "california_housing",
}
READERS = frozenset(
    {"read_csv", "read_excel", "read_json", "read_pickle", "read_table", "loadtxt", "genfromtxt", "loadmat"}
    | {"load_model", "load_weights", "imread", "load_img", "ImageDataGenerator", "ZipFile"}
)
OF_MODULES = frozenset(
    {("np", "load"), ("numpy", "load"), ("Image", "open"), ("joblib", "load"), ("torch", "load")}
)
MOST = 20
_DRIVE = re.compile(r"^/content/(?:drive|gdrive)/")
_OF_SYSTEM = re.compile(r"^/(?!content/|home/|Users/|root/|kaggle/)")  # every machine has its own
_REMOTE = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def missing(cells: Sequence[Cell], provided: Mapping[str, Path]) -> list[Finding]:
    """Of files that the notebook seems to write, or names in any other call or command, nothing is said."""
    calls = [
        (call, source.cell)
        for source in map(parse_cell, cells)
        if isinstance(source, Source)
        for call in ast.walk(source.tree)
        if isinstance(call, ast.Call)
    ]
    read = Counter(_basename(_file(call)) for call, _ in calls)
    text = "\n".join(cell.source for cell in cells)
    found: dict[str, Finding] = {}
    for call, cell in calls:
        for name, finding in _of_call(call, cell, provided):
            found.setdefault(name, finding)
    made = (text.count(_basename(name)) > read[_basename(name)] > 0 for name in found)
    lacking = (finding for finding, is_made in zip(found.values(), made, strict=True) if not is_made)
    return list(islice(lacking, MOST))


def _of_call(call: ast.Call, cell: Cell, provided: Mapping[str, Path]) -> Iterator[tuple[str, Finding]]:
    place = Place(cell.number, call.lineno)
    dataset = _dataset(call)
    if dataset and not any(name.lower().startswith(DATASETS[dataset]) for name in provided):
        what = f"the assignment has no data set '{dataset}': it provides {_listed(provided)}"
        yield dataset, Finding(Level.WARNING, what, "load the data that the assignment names", place)
    name = _file(call)
    if _basename(name) and _basename(name) not in provided:
        where = "files of your Drive are" if _DRIVE.match(name) else "a file of your own is"
        what = f"{quoted(name)} is not there when the notebook is graded: {where} not handed in"
        step = f"load the data as the assignment does; it provides {_listed(provided)}"
        yield name, Finding(Level.WARNING, what, step, place)


def _listed(provided: Mapping[str, Path]) -> str:
    return ", ".join(f"'{shown(name)}'" for name in sorted(provided)) or "no files"


def _dataset(call: ast.Call) -> str:
    """Of `keras.datasets.mnist.load_data()` or `mnist.load_data()`: "mnist"."""
    match call.func:
        case ast.Attribute(attr="load_data", value=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name if name in DATASETS else ""
        case _:
            return ""


def _file(call: ast.Call) -> str:
    """The file that a call reads, where its name stands there; empty where it is none, or an address."""
    match call.args:
        case [ast.Constant(value=str(name)), *rest] if _reads(call) and not _writes(call, rest):
            return "" if _REMOTE.match(name) or _OF_SYSTEM.match(name) else name
        case _:
            return ""


def _writes(call: ast.Call, rest: Sequence[ast.expr]) -> bool:
    """By its mode, in second place or by name; one that is not written out may be any."""
    modes = [*rest[:1], *(one.value for one in call.keywords if one.arg == "mode")]
    constants = [one.value for one in modes if isinstance(one, ast.Constant)]
    return len(constants) < len(modes) or any(re.match(r"[wax]", str(one)) for one in constants)


def _reads(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id="open"):
            return True
        case ast.Attribute(value=ast.Name(id=module), attr=name) if (module, name) in OF_MODULES:
            return True
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in READERS
        case _:
            return False


def _basename(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]
