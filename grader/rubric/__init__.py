"""rubric.yaml -> Rubric, or every fault in it at once, each with its line.

`document` turns bytes into plain data that knows its lines, `shape` says what each field may hold,
`consistency` what the fields may say together, `build` makes the value that the other stages read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.rubric.build import build
from grader.rubric.consistency import PatternFault, inconsistencies
from grader.rubric.document import read
from grader.rubric.faults import Fault, RubricError
from grader.rubric.shape import RubricShape
from grader.rubric.validation import validate

if TYPE_CHECKING:
    from pathlib import Path

    from grader.model import Rubric

__all__ = ["Fault", "RubricError", "load", "schema"]


def any_pattern(_: str) -> str:
    return ""


def load(
    path: Path,
    *,
    require_reference: bool = True,
    require_data: bool = True,
    pattern_fault: PatternFault = any_pattern,
) -> Rubric:
    """Read the rubric; paths in it are taken relative to its folder.

    With `require_reference=False` a reference notebook may be absent: checking one notebook needs the
    recordings only; with `require_data=False` the data too. `pattern_fault` says why a code pattern cannot
    be matched. Raises RubricError, and nothing else, for whatever the file holds.
    """
    document = read(path)
    shape, misshapen = validate(document)
    folder = path.absolute().parent
    inconsistent = inconsistencies(
        document,
        folder,
        require_reference=require_reference,
        require_data=require_data,
        pattern_fault=pattern_fault,
    )
    faults = (*document.faults, *misshapen, *inconsistent)
    if shape is None or faults:
        raise RubricError(path, faults)
    return build(shape, path.absolute())


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of rubric.yaml, for editors; what it cannot say, `load` still checks."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **RubricShape.model_json_schema(),
        "title": "Rubric",
    }
