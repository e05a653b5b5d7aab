"""A self-check away from where the reference was recorded: what a band says nothing about is not judged.

A band is measured in one environment, and holds in another where none of what can shift all runs differs
(`strata`), or where one of the recording's strata is of such an environment. The proof that `grade` asks for
otherwise, a run of the reference here, is not the student's to make: they have no reference. Then the figures are
told, and not judged.
What needs no band stands: that nothing was trained or printed, or that it diverged. So do tolerances that a
teacher stated, and imported outputs, which are held against whatever runs anywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader import strata
from grader.checks.history import is_about_an_interval
from grader.model import BandTolerance, HistoryCriterion
from grader.selfcheck.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Check, Criterion, Environment, Recording
    from grader.selfcheck.report import Item

NEXT = "hand it in all the same: it is graded where the bands hold"


def unlike(recording: Recording | None, here: Environment | None) -> tuple[str, ...]:
    """What differs from the most similar recorded environment and may shift all runs; nothing where bands hold."""
    if recording is None or here is None or recording.published:
        return ()
    return min((strata.shifts(one.environment, here) for one in strata.each(recording)), key=len)


def judged(item: Item, check: Check, criterion: Criterion, other: Sequence[str]) -> Item:
    """The item, as far as it can be judged where `other` differs from what was recorded."""
    if not other or not isinstance(criterion, HistoryCriterion):
        return item
    if not isinstance(criterion.tolerance, BandTolerance):
        return item
    lines = [line for line in check.why.splitlines() if not line.startswith("and ")]  # "and 3 more differences"
    standing = [line for line in lines if not is_about_an_interval(line)]
    if standing:
        lost = (check.max_points - check.points) * (1 - len(standing) / len(lines))
        stands = replace(item, at_most=check.points + lost)
        return stands if item.hidden else replace(stands, why="\n".join(standing))
    open_ = replace(item, verdict=Verdict.NOT_JUDGED, points=None, at_most=item.max_points)
    if item.hidden:
        return open_
    lies = "lie outside" if lines else "lie within"
    why = (
        f"not judged here: nothing was recorded in an environment like this one (other: {', '.join(other)}); "
        f"the figures {lies} what was recorded elsewhere"
    )
    return replace(open_, why=why, next_step=NEXT)
