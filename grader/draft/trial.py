"""A draft is tried: its notebook is run and recorded, and judged by its own rubric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader import batch, record, reference, rubric
from grader.checks.code import pattern_fault
from grader.judging import Known, judge
from grader.sandbox import layers

if TYPE_CHECKING:
    from pathlib import Path

    from grader.batch import Wanted
    from grader.model import Evidence, Part
    from grader.progress import Progress


@dataclass(slots=True)
class Trial:
    """Called with a rubric, it says by which criteria the notebook loses points, and why.

    After an empty answer all that the rubric needs is recorded. Whatever becomes of the rubric, the notebook is
    run under the seed of grading once, and recorded once.
    """

    seeds: int
    wanted: Wanted
    progress: Progress
    _ran: Evidence | None = field(default=None, init=False)

    def __call__(self, path: Path) -> dict[str, str]:
        """Raises GraderError where the notebook does not run, or cannot be recorded."""
        assignment = rubric.load(path, pattern_fault=pattern_fault)
        (part,) = assignment.parts
        device = batch.choose_device(assignment, self.wanted.device, [])
        layer = layers.choose(self.wanted.isolation, assignment.execution, trusted=True)
        session = record.Session(assignment, part, device, batch.DEFAULT_THREADS, layer)
        if self._ran is None:
            self._ran = record.first(session, self.seeds, self.progress)
        lost = _not_there(part, self._ran)
        if lost:
            return lost
        if part.compares and not reference.path_for(part).exists():
            record.record(session, self.seeds, self.progress, self._ran)
        recording = reference.of(part) if part.compares else None
        checks = judge(Known(self._ran), part, recording).checks
        return {check.criterion: check.why for check in checks if not check.passed}


def _not_there(part: Part, ran: Evidence) -> dict[str, str]:
    """What a recording would lack."""
    return {criterion.id: why for criterion in part.criteria if (why := record.lacking(criterion, ran))}
