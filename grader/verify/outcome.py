"""What became of each mutant and of each variant, and whether the rubric passes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from grader.model import Status

if TYPE_CHECKING:
    from grader.model import Grade
    from grader.verify.claims import Claims
    from grader.verify.cosmetic import Variant
    from grader.verify.mutants import Mutant, NotApplicable


class Verdict(StrEnum):
    """On a mutant; only SURVIVED speaks against the rubric, and TROUBLE is the grader's own."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    FULL_FORM = "for the full form"
    BEYOND = "beyond the criteria"
    TROUBLE = "not graded"


@dataclass(frozen=True, slots=True)
class Lost:
    criterion: str
    points: float
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """What grading one notebook told: points lost, flags raised, and our trouble, if there was any."""

    lost: tuple[Lost, ...]
    flags: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.flags or self.trouble)

    @property
    def points(self) -> float:
        return round(sum(one.points for one in self.lost), 4)


@dataclass(frozen=True, slots=True)
class MutantResult:
    """`why` says what puts a mutant beyond the criteria that else would claim it."""

    mutant: Mutant
    claims: Claims
    told: Told
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class VariantResult:
    variant: Variant
    told: Told


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one part; `samples` is None in the full form, else how many of each array the quick form kept.

    `fault` says why the reference itself does not earn full points, where nothing else was tried for that.
    """

    part: str
    samples: int | None
    mutants: tuple[MutantResult, ...]
    variants: tuple[VariantResult, ...]
    not_applicable: tuple[NotApplicable, ...]
    remarks: tuple[str, ...] = ()
    fault: str = ""

    @property
    def failed(self) -> bool:
        """Whether a mutant survived that is claimed, or a variant or the reference itself lost anything."""
        survived = any(one.verdict is Verdict.SURVIVED for one in self.mutants)
        return bool(self.fault) or survived or any(one.told.lost or one.told.flags for one in self.variants)

    @property
    def troubled(self) -> bool:
        return any(
            told.trouble for told in (*(one.told for one in self.mutants), *(one.told for one in self.variants))
        )


def told(grade: Grade) -> Told:
    if grade.status is Status.GRADER_ERROR:
        return Told((), trouble=grade.message)
    lost = (
        Lost(check.criterion, round(check.max_points - check.points, 4), check.why)
        for check in grade.checks
        if not check.passed
    )
    return Told(tuple(lost), grade.flags)


def judged(mutant: Mutant, claims: Claims, grade: Grade, *, quick: bool) -> MutantResult:
    found = told(grade)
    return MutantResult(mutant, claims, found, _verdict(claims, found, quick=quick))


def _verdict(claims: Claims, found: Told, *, quick: bool) -> Verdict:
    if found.trouble:
        return Verdict.TROUBLE
    if found.lost or found.flags:
        return Verdict.CAUGHT
    if claims.certain or (claims.figures and not quick):
        return Verdict.SURVIVED
    return Verdict.FULL_FORM if claims.figures else Verdict.BEYOND
