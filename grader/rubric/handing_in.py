"""What a rubric may say of who handed in what, and of what being late costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.rubric.document import Document, Loc
    from grader.rubric.faults import Fault

LONGEST: Final = 1000
_COUNTED: Final = ("per_day", "per_hour")
# A repeat without end of what itself repeats without end takes for ever on some names.
_NESTED: Final = re.compile(r"\((?:[^()\\]|\\.)*(?:[+*]|\{\d*,\})(?:[^()\\]|\\.)*\)(?:[+*]|\{\d*,\})")


def faults(document: Document, rubric: dict[str, Any]) -> Iterator[Fault]:
    students, late = rubric.get("students"), rubric.get("late_policy")
    if isinstance(students, dict):
        pattern = students.get("pattern")
        reason = pattern_fault(pattern) if isinstance(pattern, str) and pattern else ""
        if reason:
            yield document.fault(("students", "pattern"), f"a regular expression; {reason}")
        if not any(students.values()):
            yield document.fault(("students",), "'pattern', 'mapping' or both")
    if isinstance(late, dict):
        yield from _late(document, late)


def _late(document: Document, late: dict[str, Any]) -> Iterator[Fault]:
    if not any(late.get(name) is not None for name in ("due", "marked", *_COUNTED)):
        yield document.fault(("late_policy",), "'due' with 'per_day' or 'per_hour', or 'marked'")
    for name in _COUNTED:
        if late.get(name) is not None and late.get("due") is None:
            yield document.fault(("late_policy", name), f"{name} only beside 'due', from which it counts")


def pattern_fault(pattern: str) -> str:
    """Why an expression cannot be used; empty where it can."""
    if len(pattern) > LONGEST:
        return f"it has {len(pattern)} characters; {LONGEST} at most"
    try:
        groups = re.compile(pattern).groupindex
    except (re.error, RecursionError, OverflowError) as error:
        return f"this one cannot be read ({error})"
    if "student" not in groups:
        return "it lacks the group (?P<student>...), which says whose a notebook is"
    if _NESTED.search(pattern):
        return (
            "it repeats a group that repeats something itself, which can take for ever; say it without one of them"
        )
    return ""


def mapping(rubric: dict[str, Any]) -> list[tuple[Loc, Any]]:
    """The file that it names, with its place."""
    students = rubric.get("students")
    return [(("students", "mapping"), students.get("mapping"))] if isinstance(students, dict) else []
