"""Where executed notebooks are kept: file names made from what students are called."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from grader.model import Grade

MAX_NAME = 80  # characters, far below any file system's limit


def path_for(out: Path, grade: Grade) -> Path:
    """`notebooks/<student>/<part>.ipynb`, unique for each student however strange the name is."""
    return out / "notebooks" / folder_name(grade.student) / f"{folder_name(grade.part)}.ipynb"


def folder_name(name: str) -> str:
    """The name itself where it is plain; else its plain characters and a digest, so that no two fall together."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".")[:MAX_NAME]
    if plain and plain == name:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{plain}-{digest}" if plain else digest
