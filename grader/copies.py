"""Notebooks under the names that Colab, Jupyter and desktops give to copies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

MOST: Final = 20
"""Notebooks of one student that are compared by their bytes."""

# As Colab says it in the languages that students use it in, and what others put behind a name.
_BEFORE: Final = re.compile(
    r"(?:(?:copy|kopie|copia|copie|c[oó]pia|kopia|kopi) (?:of|von|de|di|av|af|van) |копия )+", re.IGNORECASE
)
_BEHIND: Final = re.compile(r"(?:\s*\(\d{1,3}\)|[\s_-]+copy\s?\d{0,3}|[\s_-]+kopie\s?\d{0,3})+$", re.IGNORECASE)
_MAX_NAME: Final = 255


def original(stem: str) -> str:
    """A name without what says that it is a copy: "Copy of Part1 (2)" is "Part1"."""
    return _BEHIND.sub("", _BEFORE.sub("", stem[:_MAX_NAME].replace("_", " "), count=1)).strip() or stem


def is_copy(stem: str) -> bool:
    """Whether the name begins as Google names copies."""
    return _BEFORE.match(stem[:_MAX_NAME]) is not None


def without_equal(notebooks: tuple[Path, ...], digest: Callable[[Path], str]) -> tuple[Path, ...]:
    """Without those that are named as copies of another one, and hold the same bytes.

    `digest` is empty for what cannot be read.
    """
    if not 1 < len(notebooks) <= MOST:
        return notebooks
    dropped: set[Path] = set()
    for same in _families(notebooks):
        first, *others = sorted(same, key=lambda notebook: (len(notebook.name), str(notebook)))
        kept = digest(first)
        dropped |= {other for other in others if kept and digest(other) == kept}
    return tuple(notebook for notebook in notebooks if notebook not in dropped)


def _families(notebooks: Sequence[Path]) -> list[list[Path]]:
    """Several that are copies of one; of equal names, in several folders, none is told to be the copy."""
    by_name: defaultdict[str, list[Path]] = defaultdict(list)
    for notebook in notebooks:
        by_name[original(notebook.stem).casefold()].append(notebook)
    return [same for same in by_name.values() if len({notebook.stem for notebook in same}) > 1]


def advice(notebooks: Sequence[Path]) -> str:
    """For several that cannot all be graded; empty where none is named as a copy of another."""
    return "; some are copies of others: leave only the one that is to be graded" if _families(notebooks) else ""
