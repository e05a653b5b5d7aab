"""Which names the student chose: one value for each `$NAME` of the part, so that most points are earned.

A name is linked where its value matters beyond one pattern: it stands in the patterns of several criteria, or in
a landmark (`after`, `before`), where the last or the first match is asked for, and it has to be of one name. Each
criterion lists the names under which it passes; a depth-first search over the criteria, in the rubric's order,
picks from these lists what agrees. All of it is bounded and deterministic; the first of equals wins.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice, product
from typing import TYPE_CHECKING

from grader.checks.placing import Group, Names, Placed, Sought, agree, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.checks.patterns import Pattern

MAX_TRIED = 2_000
"""Combinations of names tried per criterion, and steps of the search over all criteria."""
MAX_OPTIONS = 100


def linked_names(slots: Iterable[tuple[bool, Sequence[Pattern]]]) -> frozenset[str]:
    """`slots` are, for each criterion, its patterns and those of each landmark (then the flag is set)."""
    seen: Counter[str] = Counter()
    landmarks: set[str] = set()
    for is_landmark, patterns in slots:
        names = {name for pattern in patterns for name in pattern.names}
        seen.update(names)
        landmarks |= names if is_landmark else set()
    return frozenset(landmarks | {name for name, count in seen.items() if count > 1})


def bind(all_sought: Sequence[Sought]) -> list[Names]:
    """For each criterion the names to judge it by: the part's, and its own beside them."""
    options = [_passing(sought) for sought in all_sought]
    best = _Search([sought.criterion.points for sought in all_sought], options).best()
    bound: Names = {}
    for choice in best:
        bound |= choice or {}
    return [
        _nearest_to(sought, bound) if choice is None else bound | choice
        for sought, choice in zip(all_sought, best, strict=True)
    ]


def _assignments(sought: Sought) -> Iterator[Names]:
    """All ways to name what the criterion's patterns bind, as far as matches support them."""
    nothing = (Group({}, ()),)
    slots = (sought.pattern, sought.after or nothing, sought.before or nothing)
    for found, after, before in islice(product(*slots), MAX_TRIED):
        if agree(found.names, after.names) and agree(found.names | after.names, before.names):
            yield found.names | after.names | before.names


def _passing(sought: Sought) -> list[Names]:
    passing: list[Names] = []
    for names in _assignments(sought):
        if len(passing) < MAX_OPTIONS and names not in passing and isinstance(judge(sought, names), Placed):
            passing.append(names)
    return passing


def _nearest_to(sought: Sought, bound: Names) -> Names:
    """Names for a criterion that does not pass, so that its message speaks of one set of them."""
    for names in _assignments(sought):
        if agree(names, bound):
            return bound | names
    names = bound
    for groups in (sought.pattern, sought.after, sought.before):
        names = names | next((group.names for group in groups if agree(group.names, names)), {})
    return names


class _Search:
    """Depth first, cut off where the points still to come cannot beat the best so far."""

    def __init__(self, points: list[float], options: list[list[Names]]) -> None:
        self.points = points
        self.options = options
        self.left = MAX_TRIED
        self.best_points = -1.0
        self.best_choice: list[Names | None] = [None] * len(points)

    def best(self) -> list[Names | None]:
        """For each criterion the names chosen for it, None where it cannot pass beside the others."""
        self._descend({}, [], 0.0)
        return self.best_choice

    def _descend(self, bound: Names, chosen: list[Names | None], earned: float) -> None:
        at = len(chosen)
        self.left -= 1
        if earned + sum(self.points[at:]) <= self.best_points or self.left < 0:
            return
        if at == len(self.points):
            self.best_points, self.best_choice = earned, chosen
            return
        for names in self.options[at]:
            if agree(names, bound):
                self._descend(bound | names, [*chosen, names], earned + self.points[at])
        self._descend(bound, [*chosen, None], earned)
