"""What of an earlier run still holds: fingerprints of all that a grade depends on, and what follows from them.

Two of them, since they cost so differently: whatever can change what running a notebook gives, and whatever can
change how that is judged. A grade whose judging alone has changed is made again from the evidence that was kept,
without running anything.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from grader import __version__, reference
from grader.errors import GraderError
from grader.evidence import MAX_BYTES
from grader.grade import Assignment, decoded, score
from grader.ledger import Entry, unpacked
from grader.model import Attempt, Grade, Rubric, Status, Submission


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for a whole run: the datasets' SHA-256, and facts about interpreter and machine, by name."""

    datasets: Mapping[str, str]
    machine: Mapping[str, str]


class Step(Enum):
    """What is to be done about a submission."""

    AGAIN = "again"
    RESCORE = "rescore"
    KEEP = "keep"


def conditions(rubric: Rubric, machine: Mapping[str, str]) -> Conditions:
    """Reads every dataset once. `machine` is whatever tells an environment from another: versions, CPU, GPU."""
    try:
        datasets = {name: reference.digest(path) for name, path in rubric.datasets.items()}
    except OSError as error:
        raise GraderError(
            f"'{error.filename}', a dataset of the rubric, cannot be read: {error.strerror}; put it "
            "there, or mend `datasets`"
        ) from error
    return Conditions(datasets, machine)


def of_run(submission: Submission, assignment: Assignment, given: Conditions) -> str:
    """The fingerprint of all that can change what running this submission gives."""
    return _fingerprint(
        {
            "grader": __version__,
            "notebook": submission.sha256,
            "execution": asdict(assignment.rubric.execution),
            "datasets": given.datasets,
            "machine": given.machine,
            "device": assignment.device,
            "threads": assignment.threads,
            "isolation": assignment.layer.isolation,
            "drops": assignment.layer.drops,
        }
    )


def of_judging(assignment: Assignment) -> str:
    """The fingerprint of all that can change how evidence is judged: criteria and recordings, not their files."""
    accepted = [
        {
            "program": one.part.program,
            "criteria": [[type(each).__name__, asdict(each)] for each in one.part.criteria],
            "recording": one.recording and asdict(one.recording),
        }
        for one in assignment.accepted
    ]
    return _fingerprint({"grader": __version__, "part": assignment.part.id, "accepted": accepted})


def _fingerprint(facts: Mapping[str, Any]) -> str:
    """SHA-256 of the facts as JSON, in hexadecimal; the order of names in mappings says nothing."""
    text = json.dumps(facts, sort_keys=True, default=dict)
    return hashlib.sha256(text.encode()).hexdigest()


def plan(submission: Submission, entry: Entry | None, run: str, judging: str) -> Step:
    """Keep what was finished under the same fingerprints, from the same bytes; our own trouble never counts."""
    if (
        entry is None
        or entry.kept is None
        or entry.run != run
        or entry.grade.status is Status.GRADER_ERROR
        or len(submission.notebooks) != 1
        or not submission.sha256
        or entry.grade.sha256 != submission.sha256  # it was changed between being found and being run
    ):
        return Step.AGAIN
    if entry.judging != judging or entry.grade.notebook != submission.notebooks[0].name:
        return Step.RESCORE
    return Step.KEEP


def rescore(entry: Entry, submission: Submission, assignment: Assignment) -> Grade:
    """The grade that running it again would give, from what was kept; only where `plan` says RESCORE."""
    return score(submission, assignment, restored(entry))


def restored(entry: Entry) -> Attempt:
    """The attempt of which the entry was made, without the executed notebook. `GraderError` where it is damaged."""
    kept = entry.kept
    if kept is None:
        raise GraderError(f"nothing was run for '{entry.grade.student}' that could be judged again: add `--fresh`")
    try:
        raw = None if entry.evidence is None else unpacked(entry.evidence, MAX_BYTES)
    except zlib.error as error:
        raise GraderError(
            f"the evidence kept for '{entry.grade.student}' is damaged ({error}): grade again with `--fresh`"
        ) from error
    found, _fault = decoded(raw, kept.seconds)
    return Attempt(
        status=kept.status,
        reason=kept.reason,
        evidence=found,
        executed=None,
        seconds=kept.seconds,
        isolation=kept.isolation,
        sha256=kept.sha256,
        notes=kept.notes,
        raw=raw,
        served=kept.served,
        evaluated=kept.evaluated,
    )
