"""Where executed notebooks are kept: file names made from what students are called."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from grader.model import Grade

MAX_NAME = 80  # characters, far below any file system's limit

# Names that every file system keeps as they are, and tells apart: some take "Ann" and "ann" for one, or two
# spellings of "é"; Windows drops a full stop at the end, and keeps some names for devices.
_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._-]*(?<!\.)")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_PART = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")  # the rubric sees to it that parts differ in more than case
_DIGEST = re.compile(r"(?:.*-)?[0-9a-f]{16}")


def path_for(out: Path, grade: Grade) -> Path:
    """`notebooks/<student>/<part>.ipynb`, unique for each student however strange the name is."""
    part = grade.part if _PART.fullmatch(grade.part) else folder_name(grade.part)
    return out / "notebooks" / folder_name(grade.student) / f"{part}.ipynb"


def folder_name(name: str) -> str:
    """The name itself where it is plain; else its plain characters and a digest, so that no two fall together.

    A plain name that ends like a digest gets one of its own: it could be made to look like another's.
    """
    if (
        len(name) <= MAX_NAME
        and _PLAIN.fullmatch(name)
        and not _DEVICE.fullmatch(name)
        and not _DIGEST.fullmatch(name)
    ):
        return name
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".-")[:MAX_NAME]
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{plain}-{digest}" if plain else digest
