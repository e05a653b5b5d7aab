"""Validated shapes -> the rubric that the other stages read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from grader import moments
from grader.model import (
    BandTolerance,
    CodeCriterion,
    EpochChoice,
    EvidenceKind,
    ExecutesCriterion,
    Execution,
    HistoryCriterion,
    LatePolicy,
    Part,
    Rubric,
    StudentNames,
    SummaryCriterion,
    Tolerance,
    TrainingCriterion,
)
from grader.rubric.quantities import share
from grader.rubric.shape import (
    CodeShape,
    ExecutesShape,
    ExecutionShape,
    HistoryShape,
    LateShape,
    LimitsShape,
    StudentsShape,
    SummaryShape,
    TrainingShape,
)

if TYPE_CHECKING:
    from pathlib import Path

    from grader.model import Criterion
    from grader.rubric.shape import AnyCriterion, PartShape, RubricShape


def build(shape: RubricShape, path: Path) -> Rubric:
    """`path` is the rubric's own, absolute; its folder is what relative paths start from."""
    folder = path.parent
    return Rubric(
        path=path,
        assignment=shape.assignment,
        title=shape.title or shape.assignment,
        points=shape.points,
        execution=_execution(shape.execution or ExecutionShape(), folder),
        datasets={name: folder / file for name, file in (shape.datasets or {}).items()},
        parts=tuple(_part(name, part, folder) for name, part in shape.parts.items()),
        students=_students(shape.students, folder) if shape.students else None,
        resubmissions=shape.resubmissions,
        late_policy=_late_policy(shape.late_policy, shape.points) if shape.late_policy else None,
    )


def _students(shape: StudentsShape, folder: Path) -> StudentNames:
    return StudentNames(shape.pattern or "", folder / shape.mapping if shape.mapping else None)


def _late_policy(shape: LateShape, points: float) -> LatePolicy:
    """Points become shares of the rubric's, so that each part loses its share of them."""

    def of(value: float | str | None) -> float:
        return (share(value) or 0.0) if isinstance(value, str) else min(1.0, (value or 0.0) / points)

    return LatePolicy(
        due=moments.read(shape.due) if shape.due else None,
        grace=shape.grace or 0.0,
        per_day=of(shape.per_day),
        per_hour=of(shape.per_hour),
        marked=of(shape.marked),
        most=of(shape.most),
    )


def _execution(shape: ExecutionShape, folder: Path) -> Execution:
    # as in a shell: a bare command is looked up, anything with a slash is a path
    python = str(folder / shape.python) if shape.python and "/" in shape.python else shape.python
    other = {"python": python, "answers": tuple(shape.answers)}
    return Execution(**{name: getattr(shape, name) for name in ExecutionShape.model_fields} | other)


def _part(name: str, shape: PartShape, folder: Path) -> Part:
    """As the first of its references has it, with the others."""

    def against(program: str, reference: str) -> Part:
        return Part(
            id=name,
            notebook=tuple(shape.notebook or ()),
            reference=folder / reference,
            criteria=tuple(
                replace(_criterion(each), hidden=each.hidden)
                for each in shape.criteria
                if each.program is None or program in each.program
            ),
            program=program,
        )

    accepted = shape.references or {"": shape.reference or ""}
    first, *others = (against(*each) for each in accepted.items())
    return replace(first, others=tuple(others))


def _criterion(shape: AnyCriterion) -> Criterion:
    match shape:
        case ExecutesShape():
            return ExecutesCriterion(shape.id, shape.points, shape.title)
        case CodeShape():
            return CodeCriterion(
                shape.id,
                shape.points,
                tuple(shape.pattern),
                title=shape.title,
                first=shape.position == "first",
                after=tuple(shape.after or ()),
                before=tuple(shape.before or ()),
                adjacent=shape.adjacent,
            )
        case SummaryShape():
            return SummaryCriterion(shape.id, shape.points, shape.title, EvidenceKind(shape.evidence))
        case TrainingShape():
            return TrainingCriterion(shape.id, shape.points, shape.title)
        case HistoryShape():
            return HistoryCriterion(
                shape.id, shape.points, shape.title, _epochs(shape), _tolerance(shape), shape.evidence
            )
        case _:
            assert_never(shape)


def _epochs(shape: HistoryShape) -> tuple[int, ...] | EpochChoice:
    match shape.epochs:
        case None:
            return (shape.epoch,)
        case EpochChoice() as choice:
            return choice
        case list() as numbers:
            return tuple(sorted(numbers))
        case _:
            assert_never(shape.epochs)


def _tolerance(shape: HistoryShape) -> Tolerance | BandTolerance:
    if isinstance(shape.tolerance, LimitsShape):
        return Tolerance(shape.tolerance.rtol, shape.tolerance.atol)
    return BandTolerance() if shape.coverage is None else BandTolerance(shape.coverage)
