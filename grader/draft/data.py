"""The files that a notebook's code loads, and where they are on this machine."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from grader.rubric.shape import FILE_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from grader.verify.program import Program

_FASHION: Final = (
    "train-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
)
# What each of Keras' data sets asks for: files that are answered one by one, not archives that are unpacked.
KERAS: Final = {
    "boston_housing": ("boston_housing.npz",),
    "california_housing": ("california_housing.npz",),
    "fashion_mnist": _FASHION,
    "imdb": ("imdb.npz",),
    "mnist": ("mnist.npz",),
    "reuters": ("reuters.npz",),
}
ENDINGS: Final = (
    ".csv",
    ".tsv",
    ".npz",
    ".npy",
    ".json",
    ".txt",
    ".h5",
    ".gz",
    ".zip",
    ".parquet",
    ".xlsx",
    ".mat",
)
LONGEST_NAME: Final = 200
"""Characters of a text that may name a file."""


@dataclass(frozen=True, slots=True)
class File:
    """`path` is None where the file that notebooks will ask for is not here."""

    name: str
    path: Path | None


def wanted(program: Program, notebook: Path, caches: Iterable[Path]) -> tuple[File, ...]:
    """What Keras is asked for, here or not; and the texts in the code that name a file beside the notebook."""
    keras = (name for asked in _datasets(program) for name in KERAS[asked])
    places = (notebook.parent, notebook.parent / "data", *caches)
    sets = [File(name, next((at / name for at in places if (at / name).is_file()), None)) for name in keras]
    beside = [File(name, notebook.parent / name) for name in _named(program, notebook.parent)]
    return tuple({one.name: one for one in (*beside, *sets)}.values())


def unpacked_sets(program: Program) -> tuple[str, ...]:
    """Those of Keras that come as archives, which a rubric cannot list."""
    return tuple(dict.fromkeys(name for name in _asked(program) if name not in KERAS))


def _datasets(program: Program) -> Iterator[str]:
    return (name for name in dict.fromkeys(_asked(program)) if name in KERAS)


def _asked(program: Program) -> Iterator[str]:
    for name, _ in program.calls():
        match name.split("."):
            case ["keras", "datasets", asked, "load_data"]:
                yield asked
            case _:
                pass


def unlisted(program: Program, notebook: Path) -> tuple[str, ...]:
    """Files here that the code names and a rubric cannot list: in folders, or called what it does not allow."""
    here = (name for name in _texts(program) if _is_file(notebook.parent, name))
    return tuple(name for name in here if not re.fullmatch(FILE_PATTERN, name))


def _named(program: Program, folder: Path) -> Iterator[str]:
    return (name for name in _texts(program) if re.fullmatch(FILE_PATTERN, name) and _is_file(folder, name))


def _texts(program: Program) -> list[str]:
    """Those that end as names of data do."""
    texts = {node.value for node in program.all(ast.Constant) if isinstance(node.value, str)}
    return sorted(one for one in texts if len(one) < LONGEST_NAME and PurePath(one).suffix.lower() in ENDINGS)


def _is_file(folder: Path, name: str) -> bool:
    """Only below the folder: a path of its own machine is no part of an assignment."""
    path = PurePath(name)
    inside = "\0" not in name and not path.is_absolute() and ".." not in path.parts
    return inside and (folder / path).is_file()
