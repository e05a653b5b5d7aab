"""`results.json`, as Gradescope's documentation of autograders specifies it.

The score of a hand-in is the sum over the parts. Where one of them has none, because the grader itself failed, the
file holds no score at all: Gradescope then shows that the autograder failed, and no 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from grader.model import Check, Grade, Rubric
from grader.outputs import cells

MOST_NAME = 200
MOST = 4_000  # characters of one text

Fields = dict[str, object]


def submitters(metadata: bytes) -> tuple[str, ...]:
    """The names in `submission_metadata.json`, or else the addresses; none where it cannot be read."""
    try:
        told = json.loads(metadata)
    except (ValueError, RecursionError):
        return ()
    users = told.get("users") if isinstance(told, dict) else None
    known = [one for one in users if isinstance(one, dict)] if isinstance(users, list) else []
    names = (one.get("name") or one.get("email") for one in known)
    return tuple(cells.one_line(name)[:MOST_NAME] for name in names if isinstance(name, str))


def results(rubric: Rubric, grades: Sequence[Grade]) -> Fields:
    """`grades` are one student's, one a part."""
    told = "\n".join(_told(rubric, grades))
    whole: Fields = {"output": told[:MOST], "output_format": "text", "visibility": "visible"}
    extra = {"extra_data": {"parts": [_extra(grade) for grade in grades]}}
    scores = [grade.score for grade in grades if grade.score is not None]
    if len(scores) < len(grades):
        return whole | extra
    tests = [_test(rubric, grade, check) for grade in grades for check in grade.checks]
    return {"score": round(sum(scores), 4), **whole, "tests": [*tests, *_flags(grades)], **extra}


def _told(rubric: Rubric, grades: Sequence[Grade]) -> Iterator[str]:
    for grade in grades:
        name = f"{grade.part}: " if len(rubric.parts) > 1 else ""
        reason = f": {cells.one_line(grade.reason)}" if grade.reason else ""
        yield f"{name}{grade.status.value}{reason}"
        if grade.isolation == "none":
            yield f"{name}isolation 'none': this container has no way to keep the notebook apart from the grader"


def _test(rubric: Rubric, grade: Grade, check: Check) -> Fields:
    name = check.title or check.criterion
    several = len(rubric.parts) > 1
    return {
        "name": cells.one_line(f"{grade.part}: {name}" if several else name),
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.passed else "failed",
        "output": _output(check)[:MOST],
        "output_format": "text",
        "visibility": "visible",
    }


def _output(check: Check) -> str:
    """Of what is hidden the points alone."""
    if check.hidden:
        return ""
    facts = (("expected", check.expected), ("found", check.found), ("why", check.why), ("next", check.next_step))
    kept = facts[1:2] if check.passed else facts
    texts = ((name, " / ".join(map(cells.one_line, text.splitlines()))) for name, text in kept if text)
    return "\n".join(f"{name}: {text}" for name, text in texts)


def _flags(grades: Sequence[Grade]) -> Iterator[Fields]:
    """For staff alone: flags are facts for a person to judge."""
    flags = [cells.one_line(flag) for grade in grades for flag in grade.flags]
    if flags:
        text = "\n".join(flags)[:MOST]
        yield {"name": "To look at", "output": text, "output_format": "text", "visibility": "hidden"}


def _extra(grade: Grade) -> Fields:
    environment = grade.environment
    return {
        "part": grade.part,
        "status": grade.status.value,
        "sha256": grade.sha256,
        "reference": grade.reference,
        "trained": grade.trained,
        "device": grade.device,
        "isolation": grade.isolation,
        "seed": environment.seed if environment else None,
        "versions": dict(environment.versions) if environment else {},
    }
