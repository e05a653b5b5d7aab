"""What lies in a folder, and how its names are told: names are the students' and may hold anything."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

_LONGEST_SHOWN: Final = 160
"""Characters of a path in a reason; it may have 32 steps of 255 bytes each."""


def entries(folder: Path, most: int | None = None) -> list[os.DirEntry[str]]:
    """All of them, in no order. Raises OSError."""
    with os.scandir(folder) as found:
        return list(islice(found, most))


def visible(found: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Without hidden files, Jupyter's check-points and what macOS adds to an archive, in order of name."""
    return sorted((entry for entry in found if not is_hidden(entry.name)), key=lambda entry: entry.name)


def is_hidden(name: str) -> bool:
    """Two dots are a way up that somebody has tried, and gets a row."""
    return name == "__MACOSX" or (name.startswith(".") and not name.startswith(".."))


def is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb")


def as_text(name: str) -> str:
    """The name as it is, but for bytes that are not UTF-8, which no table could hold: those are escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def shown(path: Path, folder: Path) -> str:
    """In quotes, from the submissions' folder, on one line and valid UTF-8 whatever the name holds."""
    return quoted(as_text(str(path.relative_to(folder))))


def quoted(name: str) -> str:
    if len(name) > _LONGEST_SHOWN:
        half = _LONGEST_SHOWN // 2
        name = f"{name[:half]}…{name[-half:]}"
    return repr(name)
