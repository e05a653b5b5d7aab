"""The zip that Gradescope builds an autograder from: `setup.sh`, `run_autograder`, the assignment, and this grader.

It names the packages that are installed here, at their versions, so that what grades is what was recorded with. The
reference notebook stays at home: grading needs its recordings only. The same assignment gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

import grader
from grader import reference
from grader.errors import GraderError
from grader.model import Rubric
from grader.packing import Member, inside, zipped

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def archive(rubric: Rubric) -> bytes:
    """Raises UsageError where a file lies outside the rubric's folder, GraderError where one is missing."""
    return zipped(_members(rubric))


def _members(rubric: Rubric) -> Iterator[Member]:
    for name in ("setup.sh", "run_autograder"):
        yield name, files("grader.gradescope").joinpath(name).read_bytes(), True
    yield "requirements.txt", "".join(f"{one}\n" for one in _requirements()).encode(), False
    for path in _assignment(rubric):
        try:
            yield f"assignment/{inside(rubric, path)}", path.read_bytes(), False
        except OSError as error:
            raise GraderError(f"'{path}': {error.strerror}; the autograder needs it") from error
    package = Path(grader.__file__).parent
    for path in package.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"site/grader/{path.relative_to(package).as_posix()}", path.read_bytes(), False


def _assignment(rubric: Rubric) -> Iterator[Path]:
    yield rubric.path
    yield from rubric.datasets.values()
    for part in rubric.parts:
        for one in part.accepted:
            if one.compares:
                yield reference.path_for(one)


def _requirements() -> list[str]:
    """What this grader needs, at the versions that are here; what only some systems need keeps its condition."""
    found = []
    for line in requires("grader") or ():
        requirement, _, condition = line.partition(";")
        name = _NAME.match(requirement)
        if name is None or ("extra" in condition and "course" not in condition):
            continue
        try:
            found.append(f"{name[0]}=={version(name[0])}")
        except PackageNotFoundError:
            found.append(requirement.strip())
    return sorted(found)
