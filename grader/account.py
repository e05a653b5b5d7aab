"""`run.json`: the conditions under which the grades of a run came about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from grader import __version__
from grader.grade import Assignment
from grader.model import Found, Grade, Recording


def of_run(
    assignments: Mapping[str, Assignment], grades: Sequence[Grade], remarks: Sequence[str], found: Found
) -> bytes:
    """Under which conditions these grades came about: enough to repeat any of them."""
    parts = {
        name: {
            "device": assignment.device.value,
            "isolation": assignment.layer.isolation.value,
            "threads": assignment.threads,
            "seed": assignment.rubric.execution.seed,
            "max_epochs": assignment.rubric.execution.max_epochs,
            "recordings": {
                one.part.program or one.part.reference.name: _recorded(one.recording) for one in assignment.accepted
            },
        }
        for name, assignment in assignments.items()
    }
    told = {
        "grader": __version__,
        "remarks": remarks,
        "submissions": {"system": found.system, "archive_sha256": found.sha256 or None},
        "parts": parts,
        "grades": list(_rows(grades)),
    }
    return (json.dumps(told, indent=1) + "\n").encode()


def _recorded(recording: Recording | None) -> dict[str, object] | None:
    if recording is None:
        return None
    published = {"published": asdict(recording.published)} if recording.published else {}
    return published | {
        "reference_sha256": recording.reference_sha256,
        "datasets": dict(recording.datasets),
        "seeds": len(recording.runs),
        "environment": asdict(recording.environment),
    }


def _rows(grades: Sequence[Grade]) -> Iterator[dict[str, object]]:
    for one in grades:
        environment = asdict(one.environment) if one.environment else None
        yield {
            "student": one.student,
            "part": one.part,
            "sha256": one.sha256,
            "status": one.status.value,
            "score": one.score,
            "environment": environment,
        }
