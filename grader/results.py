"""Grades, and what dates and people made of them: what tables, reports and exports show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.handed_in import Hand, HandedIn
from grader.lateness import lateness
from grader.model import Adjustment, Grade, Result, Rubric

Place = tuple[str, str]  # student and part


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the grades; calling it with one gives the result."""

    rubric: Rubric
    adjustments: Mapping[Place, tuple[Adjustment, ...]] = field(default_factory=dict)
    hands: Mapping[Place, Hand] = field(default_factory=dict)

    def __call__(self, grade: Grade) -> Result:
        place = (grade.student, grade.part)
        hand = self.hands.get(place)
        theirs = self.adjustments.get(place, ())
        if hand is None:
            return Result(grade, adjustments=theirs)
        late = lateness(self.rubric.late_policy, hand, grade.max_score) if grade.notebook else None
        return Result(grade, hand.identity, hand.handed_in, late, theirs)


def beside(rubric: Rubric, adjustments: tuple[Adjustment, ...] = (), handed: HandedIn | None = None) -> Beside:
    """Each adjustment by student and part; one for the whole of several parts counts with the first."""
    found: dict[Place, tuple[Adjustment, ...]] = {}
    for one in adjustments:
        place = (one.student, one.part or rubric.parts[0].id)
        found[place] = (*found.get(place, ()), one)
    return Beside(rubric, found, handed.by_place() if handed else {})
