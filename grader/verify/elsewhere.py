"""Where a notebook trains several times, one training is judged, and a mistake may lie in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.alignment import same_layer, without_inputs
from grader.checks.settings import judge
from grader.checks.subject import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Fit, Layer, Observations, Recording

ELSEWHERE = (
    "of several trainings a part is judged by one, and this mistake is in another; a part of its own would judge "
    "that one, or `check: code` with a pattern"
)


def beside_the_judged(reference: Observations, mutant: Observations, recording: Recording) -> bool:
    """Whether a training that is not judged differs from the reference's in what is compared."""
    judged = choose(mutant, recording).fit
    pairs = zip(reference.fits, mutant.fits, strict=False)
    return any(fit is not judged and _differ(was, fit, reference, mutant) for was, fit in pairs)


def _differ(was: Fit, fit: Fit, reference: Observations, mutant: Observations) -> bool:
    if not all(each.matches for each in judge(fit, was)):
        return True
    before, after = _layers(reference, was), _layers(mutant, fit)
    return len(before) != len(after) or not all(map(same_layer, before, after))


def _layers(observed: Observations, fit: Fit) -> Sequence[Layer]:
    """Of the model that was trained; indices come from a kernel and may point nowhere."""
    known = 0 <= fit.snapshot < len(observed.snapshots)
    return without_inputs(observed.snapshots[fit.snapshot].layers) if known else ()
