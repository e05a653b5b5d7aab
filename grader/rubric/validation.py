"""Holds a document against its shape and words pydantic's errors as faults."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ValidationError

from grader.rubric.faults import MOST_SHOWN, one_of, quoted
from grader.rubric.shape import (
    CRITERIA,
    PATTERNS,
    ExecutionShape,
    LateShape,
    LimitsShape,
    PartShape,
    RubricShape,
    StudentsShape,
    UnknownShape,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from grader.rubric.document import Document, Loc
    from grader.rubric.faults import Fault

_SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "execution": ExecutionShape,
    "students": StudentsShape,
    "late_policy": LateShape,
}
_ALLOWED: Final = {
    "bool_type": "true or false, without quotes",
    "enum": "{expected}",
    "finite_number": "a finite number",
    "float_type": "a number, without quotes",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "{ge:.12g} or more",
    "int_type": "a whole number, without quotes",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "{le:.12g} or less",
    "list_type": "a list",
    "literal_error": "{expected}",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_too_short": "text that is not empty",
    "string_type": "text (in quotes where it looks like a number, a date, yes or no)",
    "too_short": "{min_length} item or more",
}
"""Type of a pydantic error -> what is allowed, with the error's own limits filled in."""


def validate(document: Document) -> tuple[RubricShape | None, tuple[Fault, ...]]:
    """The validated document, or None and its faults."""
    try:
        return RubricShape.model_validate(document.data), ()
    except ValidationError as error:
        details = [found for detail in error.errors(include_url=False) for found in (detail, *_hidden_by(detail))]
    return None, tuple(_fault(detail, document) for detail in islice(details, MOST_SHOWN))


def _hidden_by(detail: ErrorDetails) -> list[ErrorDetails]:
    """Where `check` is at fault, pydantic looks at no other field; the faults of those that all share."""
    if not detail["type"].startswith("union_tag_"):
        return []
    try:
        UnknownShape.model_validate(detail["input"])
    except ValidationError as error:
        found = error.errors(include_url=False)
        return [{**other, "loc": (*detail["loc"], "unknown", *other["loc"])} for other in found]
    return []


def _fault(detail: ErrorDetails, document: Document) -> Fault:
    loc = _document_loc(detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            allowed = one_of(_shape_at(detail["loc"][:-1]).model_fields, str(loc[-1]))
            return document.fault(loc, allowed, f"the unknown key {quoted(str(loc[-1]))}")
        case "missing":
            meaning = _shape_at(detail["loc"][:-1]).model_fields[str(loc[-1])].description
            return document.fault(
                loc, "a value, as it is needed" + (f": {meaning.rstrip('.')}" if meaning else ""), "nothing"
            )
        case "union_tag_not_found":
            return document.fault((*loc, "check"), one_of(CRITERIA), "nothing")
        case "union_tag_invalid":
            loc = (*loc, "check")
            return document.fault(loc, one_of(CRITERIA, document.spellings[loc]))
        case "string_pattern_mismatch":
            return document.fault(loc, PATTERNS[detail["ctx"]["pattern"]], _key(detail["loc"]))
        case kind:
            limits = detail.get("ctx", {})
            allowed = _ALLOWED[kind].format_map(limits) if kind in _ALLOWED else detail["msg"]
            return document.fault(loc, allowed)


def _key(loc: Loc) -> str | None:
    """A mapping's key that is at fault itself, not its value."""
    return f"the key {quoted(str(loc[-2]))}" if loc[-1] == "[key]" else None


def _document_loc(loc: Loc) -> Loc:
    """Without the steps that pydantic adds: the tag of a union's member, "[key]" for a mapping's key."""
    if loc[-1:] == ("[key]",):
        return loc[:-1]
    match loc:
        case ("parts", part, "criteria", int(number), str(), "tolerance" | "epochs" as field, str(), *rest):
            return ("parts", part, "criteria", number, field, *rest)
        case ("parts", part, "criteria", int(number), str(), *rest):
            return ("parts", part, "criteria", number, *rest)
        case _:
            return loc


def _shape_at(loc: Loc) -> type[BaseModel]:
    match loc:
        case (str(name),) if name in _SECTIONS:
            return _SECTIONS[name]
        case ("parts", _):
            return PartShape
        case ("parts", _, "criteria", int(), str(check)):
            return CRITERIA.get(check, UnknownShape)
        case ("parts", _, "criteria", int(), str(), "tolerance", str()):
            return LimitsShape
        case _:
            return RubricShape
