from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnist_facts import FIT, HISTORY, OBSERVED, SNAPSHOT

from grader.checks.digits import Printed, read
from grader.checks.history import check
from grader.checks.subject import Subject
from grader.model import (
    Check,
    EpochChoice,
    EvidenceKind,
    Fit,
    HistoryCriterion,
    HistoryForm,
    Interval,
    Observations,
    PrintedHistory,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CRITERION = HistoryCriterion("history", 20, "The history", epochs=(1,), evidence=EvidenceKind.PRINTED)
HOW = "band of 16 seeds at 0.999"
INTERVALS = {
    "accuracy": Interval(0.9, 0.94, 0.92, HOW),
    "loss": Interval(0.22, 0.29, 0.255, HOW),
    "val_accuracy": Interval(0.975, 0.988, 0.982, HOW),
    "val_loss": Interval(0.045, 0.07, 0.057, HOW),
}
EXPECTED = "accuracy 0.9 to 0.94, loss 0.22 to 0.29, val_accuracy 0.975 to 0.988, val_loss 0.045 to 0.07"
FOUND = "accuracy 0.9212, loss 0.2544, val_accuracy 0.9823, val_loss 0.05604"
FIGURES = {"accuracy": ("0.9212",), "loss": ("0.2544",), "val_accuracy": ("0.9823",), "val_loss": ("0.056",)}
FORGED = {"accuracy": ("0.99",), "loss": ("0.2544",), "val_accuracy": ("0.9923",), "val_loss": ("0.056",)}
PRINT = "print the figures of history.history after the training"
AS_LEFT = "print the figures of history.history as the training left them"
COMPARE = "compare layers, settings and data with those that the assignment asks for"
DIVERGED = "look at the learning rate and at the scaling of the data"
TOO_GOOD = "see whether the model was trained before, or is validated on the data that it trains on"
DIFFERS = "the printed history differs from the training that ran: "
NOT_TRAINED = "history figures were printed, but no training was observed"


def outcome(
    points: float, why: str = "", next_step: str = "", found: str = FOUND, flags: tuple[str, ...] = ()
) -> Check:
    return Check("history", "The history", points, 20, EXPECTED, found, why, next_step, flags)


def pairs(metrics: Mapping[str, tuple[str, ...]]) -> PrintedHistory:
    return PrintedHistory(HistoryForm.PAIRS, metrics)


def mapping(metrics: Mapping[str, tuple[str, ...]]) -> PrintedHistory:
    return PrintedHistory(HistoryForm.MAPPING, metrics)


def progress(metrics: Mapping[str, tuple[str, ...]]) -> PrintedHistory:
    return PrintedHistory(HistoryForm.PROGRESS, metrics)


def checked(*printed: PrintedHistory, fit: Fit = FIT, others: tuple[Fit, ...] = ()) -> Check:
    observed = replace(OBSERVED, fits=(*others, fit))
    return check(CRITERION, Subject(0, SNAPSHOT, fit), observed, printed, {1: INTERVALS})


def untrained(*printed: PrintedHistory) -> Check:
    observed = Observations(snapshots=(SNAPSHOT,))
    return check(CRITERION, Subject(0, SNAPSHOT, None), observed, printed, {1: INTERVALS})


def with_history(**changes: tuple[float, ...]) -> Fit:
    return replace(FIT, history={**HISTORY, **changes})


LONG = replace(
    FIT,
    history={
        "accuracy": (0.92123, 0.95, 0.97),
        "loss": (0.25438, 0.13, 0.1),
        "val_accuracy": (0.9823, 0.985, 0.984),
        "val_loss": (0.05604, 0.04, 0.041),
    },
)


# --- honest prints -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", HistoryForm)
def test_printed_figures_of_the_training_in_the_band_earn_all_points(form: HistoryForm) -> None:
    assert checked(PrintedHistory(form, FIGURES)) == outcome(20.0)


def test_acc_is_accuracy() -> None:
    old_names = {"acc": HISTORY["accuracy"], "loss": HISTORY["loss"]}
    old_names |= {"val_acc": HISTORY["val_accuracy"], "val_loss": HISTORY["val_loss"]}
    assert checked(pairs(FIGURES), fit=replace(FIT, history=old_names)) == outcome(20.0)


def test_lists_of_all_epochs_are_read_at_the_epoch_asked_for() -> None:
    texts = {metric: tuple(map(str, values)) for metric, values in LONG.history.items()}
    assert checked(mapping(texts), fit=LONG) == outcome(20.0)


def test_metrics_printed_one_by_one_count_together() -> None:
    assert checked(*(mapping({metric: texts}) for metric, texts in FIGURES.items())) == outcome(20.0)


def test_an_agreeing_print_is_used_whatever_else_agrees_with_other_fits() -> None:
    other = replace(FIT, snapshot=5, history=dict.fromkeys(HISTORY, (0.5,)))
    prints = (pairs(FIGURES), pairs(dict.fromkeys(FIGURES, ("0.5",))))
    assert checked(*prints, others=(other,)) == outcome(20.0)


def test_an_evaluation_is_no_history_and_leaves_progress_lines_to_count() -> None:
    evaluation = mapping({"loss": ("0.0559",), "accuracy": ("0.9821",)})
    assert checked(progress(FIGURES), evaluation) == outcome(20.0)


HONEST: list[tuple[str, list[PrintedHistory]]] = [
    ("the last epoch", [pairs({m: (str(v[-1]),) for m, v in LONG.history.items()})]),
    ("the best epoch of each metric", [pairs({"val_accuracy": ("0.985",), "loss": ("0.1",)})]),
    ("the first two epochs", [mapping({m: tuple(map(str, v[:2])) for m, v in LONG.history.items()})]),
    ("the last two epochs", [mapping({m: tuple(map(str, v[-2:])) for m, v in LONG.history.items()})]),
    ("per cent", [pairs({"accuracy": ("97.0",), "val_accuracy": ("98.4",)})]),
    ("rounded coarsely", [pairs({"accuracy": ("1.0",), "loss": ("0.1",), "val_loss": ("0.",)})]),
    ("two fits joined", [mapping({"loss": ("0.2544", "0.13", "0.1", "0.2544", "0.13", "0.1")})]),
    ("an evaluation", [mapping({"loss": ("7.5",), "accuracy": ("0.1",)})]),
    ("metrics that the reference lacks", [mapping({"val_f1": ("0.1", "0.2")})]),
    ("no figures", [mapping({"val_loss": (), "loss": ()})]),
]


@pytest.mark.parametrize(("what", "printed"), HONEST, ids=[what for what, _ in HONEST])
def test_an_honest_print_raises_no_flag(what: str, printed: list[PrintedHistory]) -> None:
    assert checked(*printed, fit=LONG, others=(LONG,)).flags == ()


def test_the_last_epochs_figure_in_place_of_the_first_is_recognised() -> None:
    texts = {**FIGURES, "loss": ("0.100",)}
    assert checked(pairs(texts), fit=LONG) == outcome(
        15.0,
        "loss was printed as 0.100, the training gave 0.2544 in epoch 1; the printed figure is that of epoch 3",
        "print the figure of epoch 1",
    )


# --- prints that no training supports ----------------------------------------------------------------------


def test_forged_figures_earn_nothing_for_their_metrics_and_raise_a_flag() -> None:
    assert checked(progress(FIGURES), pairs(FORGED)) == outcome(
        10.0,
        "accuracy was printed as 0.99, the training gave 0.9212 in epoch 1\n"
        "val_accuracy was printed as 0.9923, the training gave 0.9823 in epoch 1",
        AS_LEFT,
        flags=(DIFFERS + "accuracy was printed as 0.99, the training gave 0.9212 in epoch 1",),
    )


def test_the_flag_names_the_first_figure_that_is_not_the_trainings() -> None:
    forged = mapping({"val_loss": ("0.056", "0.03", "0.041")})
    assert checked(forged, fit=LONG).flags == (
        DIFFERS + "val_loss was printed as 0.03, the training gave 0.04 in epoch 2",
    )


def test_more_epochs_printed_than_trained_raise_a_flag() -> None:
    forged = mapping({"val_loss": ("0.056", "0.04")})
    assert checked(pairs(FIGURES), forged).flags == (
        DIFFERS + "val_loss was printed for 2 and trained for 1 epochs",
    )


def test_forged_progress_lines_raise_no_flag_and_earn_nothing() -> None:
    got = checked(progress(FORGED))
    assert (got.points, got.flags) == (10.0, ())


@pytest.mark.parametrize("form", HistoryForm)
def test_figures_without_training_earn_nothing_and_raise_a_flag(form: HistoryForm) -> None:
    assert untrained(PrintedHistory(form, FIGURES)) == outcome(
        0.0, "no training was observed", "call model.fit in a cell that runs", "no training", (NOT_TRAINED,)
    )


def test_an_evaluation_without_training_raises_no_flag() -> None:
    assert untrained(mapping({"loss": ("2.3",), "accuracy": ("0.1",)})).flags == ()


def test_nothing_printed_and_nothing_trained_raises_no_flag() -> None:
    assert untrained() == outcome(
        0.0, "no training was observed", "call model.fit in a cell that runs", "no training"
    )


def test_a_reference_without_validation_still_flags_a_complete_print_without_training() -> None:
    intervals = {metric: INTERVALS[metric] for metric in ("accuracy", "loss")}
    printed = [pairs({"accuracy": ("0.92",), "loss": ("0.25",)})]
    got = check(CRITERION, Subject(0, SNAPSHOT, None), Observations(), printed, {1: intervals})
    assert got.flags == (NOT_TRAINED,)


# --- figures that come from all that ran -------------------------------------------------------------------

PUBLISHED = pairs({"accuracy": ("0.9100",), "loss": ("0.3",), "val_accuracy": ("0.97",), "val_loss": ("0.09",)})
FOLDS = tuple(
    replace(FIT, cell=2, snapshot=number, history={"val_loss": (0.5, 0.1 * number)}) for number in (1, 2, 4)
)


def test_published_figures_beside_the_trainings_own_are_a_quotation() -> None:
    assert checked(PUBLISHED, pairs(FIGURES)) == outcome(20.0)
    assert len(checked(PUBLISHED).flags) == 1


def test_a_quotation_of_metrics_that_the_true_print_lacks_is_none() -> None:
    true = pairs({metric: FIGURES[metric] for metric in ("accuracy", "loss", "val_loss")})
    assert len(checked(PUBLISHED, true).flags) == 1


@pytest.mark.parametrize(
    "texts",
    [
        ("0.1", "0.2", "0.4"),  # the last figure of each fold
        ("0.23333333333333336",),  # their mean
        ("0.2333", "0.1247"),  # with its deviation
        ("0.35",),  # the mean over the epochs of one
        ("0.7", "0.05604"),  # what two evaluations gave
    ],
)
def test_what_is_made_of_several_trainings_is_honest(texts: tuple[str, ...]) -> None:
    observed = replace(OBSERVED, fits=(FIT, *FOLDS), evaluations=(0.7, 0.05604))
    got = check(CRITERION, Subject(0, SNAPSHOT, FIT), observed, [mapping({"val_loss": texts})], {1: INTERVALS})
    assert got.flags == ()


@pytest.mark.parametrize("texts", [("0.0123",), ("0.1", "0.2", "0.3901"), ("0.1",) * 20])
def test_what_no_training_and_no_mean_gives_is_flagged(texts: tuple[str, ...]) -> None:
    assert len(checked(mapping({"val_loss": texts}), others=FOLDS).flags) == 1


def test_figures_of_a_training_loop_of_the_notebooks_own_raise_no_flag() -> None:
    observed = Observations(snapshots=(SNAPSHOT,), stepped=True)
    assert check(CRITERION, Subject(0, SNAPSHOT, None), observed, [pairs(FIGURES)], {1: INTERVALS}).flags == ()


# --- points lost -------------------------------------------------------------------------------------------


def test_no_print_earns_nothing() -> None:
    assert checked() == outcome(0.0, "no history was printed", PRINT)


def test_a_metric_that_was_not_printed_earns_nothing() -> None:
    texts = {metric: FIGURES[metric] for metric in ("accuracy", "loss", "val_accuracy")}
    assert checked(pairs(texts)) == outcome(15.0, "val_loss was not printed for epoch 1", PRINT)


def test_observed_evidence_needs_no_print() -> None:
    criterion = replace(CRITERION, evidence=EvidenceKind.OBSERVED)
    assert check(criterion, Subject(0, SNAPSHOT, FIT), OBSERVED, (), {1: INTERVALS}) == outcome(20.0)


OUTSIDE = [
    ("val_accuracy", 0.3012, "val_accuracy is 0.3012 in epoch 1, expected 0.975 to 0.988", DIVERGED),
    ("val_accuracy", 0.97, "val_accuracy is 0.97 in epoch 1, expected 0.975 to 0.988", COMPARE),
    ("val_accuracy", 0.9991, "val_accuracy is 0.9991 in epoch 1, expected 0.975 to 0.988", TOO_GOOD),
    ("val_loss", 2.27, "val_loss is 2.27 in epoch 1, expected 0.045 to 0.07", DIVERGED),
    ("val_loss", 0.001, "val_loss is 0.001 in epoch 1, expected 0.045 to 0.07", TOO_GOOD),
    ("val_loss", 0.07000001, "val_loss is 0.07000001 in epoch 1, expected 0.045 to 0.07", COMPARE),
]


@pytest.mark.parametrize(("metric", "value", "why", "next_step"), OUTSIDE)
def test_a_figure_outside_its_band_names_the_band_and_a_likely_cause(
    metric: str, value: float, why: str, next_step: str
) -> None:
    got = checked(pairs({**FIGURES, metric: (str(value),)}), fit=with_history(**{metric: (value,)}))
    assert got == outcome(15.0, f"{why} ({HOW})", next_step, got.found)


@pytest.mark.parametrize(("value", "word"), [(nan, "NaN"), (inf, "infinite"), (-inf, "infinite")])
def test_a_figure_that_is_not_finite_says_that_the_training_diverged(value: float, word: str) -> None:
    got = checked(pairs({**FIGURES, "loss": (str(value),)}), fit=with_history(loss=(value,)))
    found = FOUND.replace("0.2544", str(value))
    assert got == outcome(15.0, f"loss is {word} in epoch 1: the training diverged", DIVERGED, found)


def test_a_metric_that_was_not_observed_says_so() -> None:
    history = {metric: HISTORY[metric] for metric in ("accuracy", "loss", "val_loss")}
    texts = {metric: FIGURES[metric] for metric in history}
    assert checked(pairs(texts), fit=replace(FIT, history=history)) == outcome(
        15.0,
        "val_accuracy was not observed: the training has no such metric",
        COMPARE,
        "accuracy 0.9212, loss 0.2544, val_loss 0.05604",
    )


def test_an_epoch_that_was_not_trained_says_so() -> None:
    third = replace(CRITERION, epochs=(3,))
    got = check(third, Subject(0, SNAPSHOT, FIT), OBSERVED, [pairs(FIGURES)], {3: {"loss": INTERVALS["loss"]}})
    assert (got.points, got.why, got.found) == (
        0.0,
        "loss has no figure for epoch 3: 1 epoch was trained",
        "no figures",
    )


def test_a_progress_line_of_one_epoch_is_not_the_third() -> None:
    third = replace(CRITERION, epochs=(3,))
    interval = {3: {"loss": Interval(0.0, 1.0, 0.5, HOW)}}
    observed = replace(OBSERVED, fits=(LONG,))
    got = check(third, Subject(0, SNAPSHOT, LONG), observed, [progress({"loss": ("0.1",)})], interval)
    assert (got.points, got.why) == (0.0, "loss was not printed for epoch 3")


# --- several epochs ----------------------------------------------------------------------------------------

BOTH = replace(CRITERION, epochs=(1, 3))
LATER = {
    "loss": Interval(0.08, 0.12, 0.1, "band of 16 seeds at 0.999"),
    "val_loss": Interval(0.03, 0.045, 0.04, "band of 16 seeds at 0.999"),
}
OF_THE_FIRST = "in epoch 3; the printed figure is that of epoch 1"
OF_BOTH = {1: {metric: INTERVALS[metric] for metric in LATER}, 3: LATER}


def of_both(*printed: PrintedHistory, fit: Fit = LONG) -> Check:
    return check(BOTH, Subject(0, SNAPSHOT, fit), replace(OBSERVED, fits=(fit,)), printed, OF_BOTH)


def test_each_epoch_earns_its_share_and_is_named() -> None:
    texts = {metric: tuple(map(str, values)) for metric, values in LONG.history.items()}
    assert of_both(mapping(texts)) == Check(
        "history",
        "The history",
        20.0,
        20,
        "epoch 1: loss 0.22 to 0.29, val_loss 0.045 to 0.07; epoch 3: loss 0.08 to 0.12, val_loss 0.03 to 0.045",
        "epoch 1: loss 0.2544, val_loss 0.05604; epoch 3: loss 0.1, val_loss 0.041",
    )


def test_a_figure_of_one_epoch_outside_costs_its_own_share_only() -> None:
    worse = replace(LONG, history={**LONG.history, "val_loss": (0.05604, 0.04, 0.2)})
    texts = {metric: tuple(map(str, values)) for metric, values in worse.history.items()}
    got = of_both(mapping(texts), fit=worse)
    assert (got.points, got.why) == (15.0, f"val_loss is 0.2 in epoch 3, expected 0.03 to 0.045 ({HOW})")


def test_figures_of_two_epochs_may_be_printed_one_after_the_other() -> None:
    first, last = (pairs({m: (str(v[at]),) for m, v in LONG.history.items()}) for at in (0, -1))
    assert of_both(first, last).points == 20.0


def test_an_epoch_that_was_not_printed_is_named() -> None:
    got = of_both(pairs({m: (str(v[0]),) for m, v in LONG.history.items()}))
    assert (got.points, got.why.split("\n"), got.next_step) == (
        10.0,
        [
            f"loss was printed as 0.25438, the training gave 0.1 {OF_THE_FIRST}",
            f"val_loss was printed as 0.05604, the training gave 0.041 {OF_THE_FIRST}",
        ],
        "print the figure of epoch 3",
    )


def test_a_training_that_ended_early_says_which_epoch_it_lacks() -> None:
    got = of_both(pairs(FIGURES), fit=FIT)
    assert (got.points, got.found, got.why.split("\n")) == (
        10.0,
        "epoch 1: loss 0.2544, val_loss 0.05604",
        [
            "loss has no figure for epoch 3: 1 epoch was trained",
            "val_loss has no figure for epoch 3: 1 epoch was trained",
        ],
    )


def test_a_metric_that_is_missing_is_told_once_for_all_epochs() -> None:
    got = of_both(
        mapping({"loss": ("0.25438", "0.13", "0.1")}), fit=replace(LONG, history={"loss": (0.25438, 0.13, 0.1)})
    )
    assert (got.points, got.why) == (10.0, "val_loss was not observed: the training has no such metric")


def test_of_many_epochs_the_first_and_the_last_are_listed() -> None:
    fit = replace(LONG, history={"loss": tuple(1 / epoch for epoch in range(1, 13))})
    intervals = {epoch: {"loss": Interval(0.0, 2.0, 1.0, HOW)} for epoch in range(1, 13)}
    observed = replace(CRITERION, epochs=EpochChoice.ALL, evidence=EvidenceKind.OBSERVED)
    got = check(observed, Subject(0, SNAPSHOT, fit), OBSERVED, (), intervals)
    assert (got.points, got.found) == (
        20.0,
        "epoch 1: loss 1; epoch 2: loss 0.5; …; epoch 11: loss 0.09091; epoch 12: loss 0.08333",
    )


# --- printed numbers ---------------------------------------------------------------------------------------

STANDS_FOR = [
    ("0.056", 0.05604, True),
    ("0.056", 0.05551, True),
    ("0.056", 0.0549, False),
    ("0.0560", 0.05604, True),
    ("0.0560", 0.0561, False),
    ("0.00391", 0.003905, True),  # a tie that binary fractions miss
    ("1.0", 0.96, True),
    ("1.0", 0.94, False),
    ("0.", 0.4, True),
    (".25", 0.2544, True),
    ("1.8380e-05", 1.83799e-05, True),
    ("1.8380e-05", 1.8371e-05, False),
    ("1.8380E+05", 183799.0, True),
    ("1e+20", 1e20, True),
    ("0e5", 0.9, False),
    ("0.25438976287841797", 0.25438976287841797, True),
    ("0.25438976", 0.25438976287841797, True),
    ("-0.5", -0.52, True),
    ("nan", nan, True),
    ("nan", 0.5, False),
    ("NaN", nan, True),
    ("inf", inf, True),
    ("-inf", -inf, True),
    ("-inf", inf, False),
    ("inf", 1e300, False),
    ("0.5", nan, False),
    ("0.5", inf, False),
]


@pytest.mark.parametrize(("text", "observed", "same"), STANDS_FOR)
def test_a_printed_number_stands_for_what_rounds_to_it(
    text: str,
    observed: float,
    same: bool,  # noqa: FBT001 - a table
) -> None:
    number = read(text)
    assert number is not None
    assert number.stands_for(observed) is same


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1e999999999",
        "1e-999999999",
        "1e9999",
        "9" * 65,
        "0x10",
        "1_000",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "1.2.3",
        "e5",
        "--1",
    ],
)
def test_text_that_is_no_sensible_number_is_none(text: str) -> None:
    assert read(text) is None


def test_digits_tell_the_unit_of_the_last_place() -> None:
    assert [read(" 0.2544 "), read("12")] == [Printed(0.2544, 10.0**-4), Printed(12.0, 1.0)]


@given(st.floats(1e-9, 1e9), st.integers(1, 12))
def test_what_python_rounds_or_formats_is_recognised(value: float, digits: int) -> None:
    for text in (str(round(value, digits)), f"{value:.{digits}f}", f"{value:.{digits}e}", repr(value)):
        number = read(text)
        assert number is not None
        assert number.stands_for(value)


numbers = st.one_of(st.floats().map(repr), st.text(), st.from_regex(r"[+-]?\d{1,9}\.?\d{0,9}e[+-]?\d{1,12}"))
histories = st.builds(
    PrintedHistory,
    st.sampled_from(HistoryForm),
    st.dictionaries(st.sampled_from([*INTERVALS, "other"]), st.lists(numbers, max_size=4).map(tuple)),
)


@given(st.lists(histories, max_size=4), st.lists(st.floats(), max_size=3))
def test_no_printed_text_and_no_observed_figure_breaks_the_check(
    printed: list[PrintedHistory], values: list[float]
) -> None:
    got = checked(*printed, fit=with_history(loss=tuple(values)), others=(FIT, LONG))
    assert 0 <= got.points <= 20
    assert all(line.isprintable() for text in (got.why, *got.flags) for line in text.split("\n"))


def test_long_histories_and_many_prints_are_judged_soon() -> None:
    values = tuple(0.1 for _ in range(20_000))
    fits = tuple(with_history(val_loss=values) for _ in range(100))
    forged = mapping({"val_loss": (*["0.1"] * 19_999, "0.2")})
    begun = process_time()
    got = checked(*[forged] * 1_000, fit=fits[0], others=fits[1:])
    assert len(got.flags) == 1
    assert process_time() - begun < 5


# --- a bar's training figures ------------------------------------------------------------------------------


def bars(running: int, metrics: Mapping[str, tuple[str, ...]]) -> PrintedHistory:
    return PrintedHistory(HistoryForm.PROGRESS, metrics, running)


AVERAGED = FIGURES | {"loss": ("1.9819",), "accuracy": ("0.3689",)}


def test_a_running_average_in_a_bar_is_no_word_against_the_histories_own_figure() -> None:
    why = "was printed for epoch 1 in a progress bar alone, where it may be a running average"
    assert checked(bars(1, AVERAGED)) == outcome(10.0, f"accuracy {why}\nloss {why}", PRINT)
    assert checked(bars(1, AVERAGED), pairs(FIGURES)) == outcome(20.0)
    assert checked(bars(1, FIGURES)) == outcome(20.0)


def test_a_bar_whose_figures_are_the_histories_own_is_held_against_them() -> None:
    assert "loss was printed as 1.9819, the training gave 0.2544 in epoch 1" in checked(bars(0, AVERAGED)).why


def test_what_validation_gave_is_held_against_it_in_any_bar() -> None:
    wrong = FIGURES | {"val_loss": ("0.5",)}
    assert checked(bars(1, wrong)).why == "val_loss was printed as 0.5, the training gave 0.05604 in epoch 1"


def test_a_table_of_evaluations_is_no_claim_about_a_training() -> None:
    evaluations = PrintedHistory(HistoryForm.FRAME, {"loss": ("0.9", "0.8"), "accuracy": ("0.1", "0.2")})
    assert checked(pairs(FIGURES), evaluations) == outcome(20.0)
    history = PrintedHistory(HistoryForm.FRAME, {"loss": ("0.9", "0.8"), "val_loss": ("0.1", "0.2")})
    assert checked(pairs(FIGURES), history).flags[0].startswith(DIFFERS)
