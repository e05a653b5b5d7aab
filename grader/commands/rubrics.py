"""The rubric that a command works on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.model import Rubric


def load(path: Path, *, require_reference: bool = True, require_files: bool = True) -> Rubric:
    """The rubric, its patterns checked by what will match them."""
    from grader import rubric
    from grader.checks.code import pattern_fault

    return rubric.load(
        path,
        require_reference=require_reference and require_files,
        require_data=require_files,
        pattern_fault=pattern_fault,
    )
