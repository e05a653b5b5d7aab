"""Away from where the reference was recorded, a band judges nothing, and everything else stands."""

from dataclasses import replace

import pytest
from mnist_facts import ENVIRONMENT, RECORDING

from grader.model import Check, Environment, ExecutesCriterion, HistoryCriterion, Published, Stratum, Tolerance
from grader.selfcheck import elsewhere, places
from grader.selfcheck.report import Item, Verdict, of_check

OTHER = replace(ENVIRONMENT, versions={**ENVIRONMENT.versions, "numpy": "9.9.9"})
BAND = HistoryCriterion("history", 10)
OUTSIDE = "loss is 0.9 in epoch 1, expected 0.2 to 0.3 (band of 5 seeds at 0.999)"


def judged(
    why: str, points: float, criterion: HistoryCriterion | ExecutesCriterion = BAND, *, hidden: bool = False
) -> Item:
    check = Check("history", "The figures", points, 10.0, "0.2 to 0.3", "loss 0.9", why, "compare", hidden=hidden)
    item = of_check(check, Verdict.PASSED if check.passed else Verdict.FAILED, places.named(check))
    return elsewhere.judged(item, check, criterion, elsewhere.unlike(RECORDING, OTHER))


def test_what_leaves_the_band_is_not_judged_and_may_still_be_worth_all() -> None:
    item = judged(OUTSIDE, 5.0)
    assert (item.verdict, item.points, item.at_most) == (Verdict.NOT_JUDGED, None, 10.0)
    assert item.why == (
        "not judged here: nothing was recorded in an environment like this one (other: numpy); the figures lie "
        "outside what was recorded elsewhere"
    )
    assert (item.found, item.next_step) == ("loss 0.9", elsewhere.NEXT)


def test_what_lies_in_the_band_is_not_judged_either_and_told() -> None:
    item = judged("", 10.0)
    assert (item.verdict, item.points, item.at_most) == (Verdict.NOT_JUDGED, None, 10.0)
    assert item.why.endswith("the figures lie within what was recorded elsewhere")


@pytest.mark.parametrize(
    "why", ["no training was observed", "no history was printed", "loss is NaN in epoch 1: the training diverged"]
)
def test_what_needs_no_band_stands(why: str) -> None:
    item = judged(why, 0.0)
    assert (item.verdict, item.points, item.at_most, item.why) == (Verdict.FAILED, 0.0, 0.0, why)


def test_of_two_faults_the_one_that_needs_no_band_stands() -> None:
    item = judged(f"{OUTSIDE}\naccuracy was not printed for epoch 1\nand 3 more differences", 0.0)
    assert (item.verdict, item.points, item.at_most) == (Verdict.FAILED, 0.0, 5.0)
    assert item.why == "accuracy was not printed for epoch 1"


def test_stated_tolerances_and_other_criteria_stand() -> None:
    assert judged(OUTSIDE, 0.0, replace(BAND, tolerance=Tolerance(atol=0.1))).verdict is Verdict.FAILED
    assert judged("cell 1: no", 0.0, ExecutesCriterion("runs", 10)).verdict is Verdict.FAILED


def test_of_what_is_hidden_nothing_more_is_told_than_that_it_is_not_judged() -> None:
    item = judged(OUTSIDE, 0.0, hidden=True)
    assert (item.verdict, item.why, item.found, item.next_step) == (Verdict.NOT_JUDGED, "", "", "")


@pytest.mark.parametrize(
    ("here", "unlike"),
    [
        (ENVIRONMENT, ()),
        (replace(ENVIRONMENT, cpu="Another CPU", platform="another", threads=64), ()),
        (OTHER, ("numpy",)),
        (None, ()),
    ],
)
def test_only_what_can_shift_all_runs_makes_an_environment_another(
    here: Environment | None, unlike: tuple[str, ...]
) -> None:
    assert elsewhere.unlike(RECORDING, here) == unlike


def test_bands_hold_where_any_stratum_is_of_such_an_environment() -> None:
    assert elsewhere.unlike(replace(RECORDING, others=(Stratum(OTHER, RECORDING.runs),)), OTHER) == ()


def test_an_imported_output_is_compared_with_everywhere() -> None:
    assert elsewhere.unlike(replace(RECORDING, published=Published("Output.txt", "0" * 64)), OTHER) == ()
    assert elsewhere.unlike(None, OTHER) == ()
