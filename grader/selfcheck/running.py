"""The run of a self-check: the notebook is graded as in a class, and what came of it is told as a `Report`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader import batch, linux, reference
from grader.model import EvidenceKind, Grade, HistoryCriterion, Part, Rubric, Status
from grader.selfcheck import elsewhere, places
from grader.selfcheck.report import Report, Stage, Verdict, of_check

if TYPE_CHECKING:
    from grader.batch import Wanted
    from grader.progress import Progress


def run(static: Report, path: Path, rubric: Rubric, wanted: Wanted, progress: Progress) -> Report:
    """What running adds to what the source has told."""
    askable = rubric if linux.here() else replace(rubric, parts=tuple(map(_as_observed, rubric.parts)))
    report = _run(static, path, askable, wanted, progress)
    if askable.parts == rubric.parts:
        return report
    note = f"on {linux.name()} the grader verifies no training: figures were judged as they were observed"
    return replace(report, notes=(*report.notes, note))


def _as_observed(part: Part) -> Part:
    """Without a shared trainer, which needs Linux, nothing can be verified; that is no fault of the notebook."""
    criteria = tuple(
        replace(one, evidence=EvidenceKind.OBSERVED)
        if isinstance(one, HistoryCriterion) and one.evidence is EvidenceKind.VERIFIED
        else one
        for one in part.criteria
    )
    return replace(part, criteria=criteria, others=tuple(map(_as_observed, part.others)))


def _run(static: Report, path: Path, rubric: Rubric, wanted: Wanted, progress: Progress) -> Report:
    grade = batch.check(rubric, path, static.part, wanted, progress)
    part = next(one for one in rubric.parts if one.id == grade.part)
    accepted = next((one for one in part.accepted if one.program == grade.reference), part)
    return of_grade(static, grade, accepted)


def troubled(static: Report, reason: str) -> Report:
    """Where the grader itself failed: no criterion is judged, and nobody has a 0."""
    items = tuple(
        replace(one, verdict=Verdict.NOT_JUDGED, points=None, at_most=one.max_points) for one in static.items
    )
    return replace(
        static,
        stage=Stage.RUN,
        status=Status.GRADER_ERROR.value,
        reason=reason,
        items=tuple(replace(one, expected="", found="", why="", next_step="", evidence="") for one in items),
        at_most=static.max_score,
        notes=(),
    )


def of_grade(static: Report, grade: Grade, part: Part) -> Report:
    recording = reference.of(part) if part.compares else None
    other = elsewhere.unlike(recording, grade.environment)
    criteria = {one.id: one for one in part.criteria}
    items = tuple(
        elsewhere.judged(
            of_check(check, Verdict.PASSED if check.passed else Verdict.FAILED, places.named(check)),
            check,
            criteria[check.criterion],
            other,
        )
        for check in grade.checks
    )
    note = f"nothing was recorded in an environment like this one (other: {', '.join(other)})" if other else ""
    return replace(
        static,
        stage=Stage.RUN,
        status=grade.status.value,
        reason=grade.reason if grade.status is not Status.GRADED else "",
        score=None if grade.score is None else round(sum(item.points or 0.0 for item in items), 4),
        at_most=round(sum(item.at_most for item in items), 4),
        program=grade.reference,
        items=items,
        flags=grade.flags,
        notes=(note,) if note else (),
        sha256=grade.sha256,
        seconds=round(grade.seconds, 3),
        device=grade.device,
        isolation=grade.isolation,
    )
