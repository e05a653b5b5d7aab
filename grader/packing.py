"""Zips that hold an assignment: the same files give the same bytes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from grader.model import Rubric

WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell

Member = tuple[str, bytes, bool]
"""Name, content, and whether it is run."""


def zipped(members: Iterable[Member]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, runs in sorted(members):
            member = zipfile.ZipInfo(name, WHEN)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o755 if runs else 0o644) << 16
            archive.writestr(member, data)
    return made.getvalue()


def inside(rubric: Rubric, path: Path) -> str:
    """The path from the rubric's folder; UsageError where it leads out of it, by a link or by `..`."""
    folder = rubric.path.parent.resolve()
    if not path.resolve().is_relative_to(folder):
        raise UsageError(f"'{path}' lies outside '{folder}'; move it beside the rubric for the zip to hold it")
    return path.resolve().relative_to(folder).as_posix()
