"""An assignment's files are made beside their place and moved there: it is there as a whole, or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """An empty folder on the disk of `folder`, which need not exist; gone at the end, whatever happens."""
    near = next(one for one in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(one))
    if not near.is_dir():
        raise UsageError(f"'{near}' is not a folder; name another one for the assignment")
    try:
        place = tempfile.TemporaryDirectory(prefix=".grader-init-", dir=near)
    except OSError as error:
        raise UsageError(
            f"'{near}' cannot be written: {error.strerror}; allow it, or name another folder for the assignment"
        ) from error
    with place as made:
        yield Path(made)


def put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def must_be_free(target: Path, source: Path) -> None:
    """A file with the same content may stay where it is."""
    if target.exists() and not (target.is_file() and filecmp.cmp(source, target, shallow=False)):
        raise UsageError(f"'{target}' is there already, and is not '{source}'; move one of them away")


def move(stage: Path, folder: Path, last: str) -> None:
    """Each file to its place in `folder`; the one called `last` by which the assignment is known, at the end."""
    files = sorted((one for one in stage.rglob("*") if one.is_file()), key=lambda one: one == stage / last)
    moved: list[Path] = []
    try:
        for source in files:
            target = folder / source.relative_to(stage)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
                moved.append(target)
    except OSError:
        for target in moved:
            target.unlink()
        raise
