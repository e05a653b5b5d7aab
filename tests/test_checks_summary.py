from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnist_facts import INPUT, LAYERS, OBSERVED, RECORDING, SNAPSHOT

from grader.checks.alignment import GAP, align, fact_cost, same_setting
from grader.checks.subject import Subject
from grader.checks.summary import check
from grader.model import Check, EvidenceKind, Layer, ModelSnapshot, ModelSummary, SummaryCriterion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Setting

PRINTED = SummaryCriterion("architecture", 16, "The model", EvidenceKind.PRINTED)
JUST_OBSERVED = replace(PRINTED, evidence=EvidenceKind.OBSERVED)
SIZE = "8 layers, 1,199,882 parameters"
COMPARE = "compare the layers named with those that the assignment asks for"
PRINT_IT = "print the summary of the model that is trained, print(model.summary()), once all its layers are there"
EXTRA = Layer("extra", "Dense", "(None, 128)", 16512)


SEEN = "observed: the model in the notebook's kernel"
SHOWN = "printed: the table that was shown, and the model in the notebook's kernel"


def outcome(points: float, why: str = "", next_step: str = "", found: str = SIZE, evidence: str = SEEN) -> Check:
    return Check("architecture", "The model", points, 16, SIZE, found, why, next_step, evidence=evidence)


def of_table(points: float, why: str = "", next_step: str = "", found: str = SIZE) -> Check:
    return outcome(points, why, next_step, found, SHOWN)


def table(layers: Sequence[Layer]) -> ModelSummary:
    return ModelSummary(tuple(replace(layer, name="any", settings={}) for layer in layers), total=1)


def observed(layers: Sequence[Layer]) -> Check:
    """The outcome for a model of these layers, whatever was printed."""
    snapshot = ModelSnapshot(0, "sequential", tuple(layers))
    return check(JUST_OBSERVED, Subject(0, snapshot, None), (), OBSERVED, RECORDING)


def printed(*summaries: ModelSummary) -> Check:
    return check(PRINTED, Subject(0, SNAPSHOT, None), summaries, OBSERVED, RECORDING)


def swapped(index: int, **changes: object) -> list[Layer]:
    layers = list(LAYERS)
    layers[index] = replace(layers[index], **changes)  # type: ignore[arg-type]  # any field of a Layer
    return layers


# --- the printed table -------------------------------------------------------------------------------------


def test_the_reference_model_with_its_summary_printed_earns_all_points() -> None:
    assert printed(table(LAYERS)) == of_table(16.0)


def test_among_several_printed_summaries_one_of_the_model_is_enough() -> None:
    assert printed(table(LAYERS), table(LAYERS[:2])) == of_table(16.0)


def test_cut_names_kinds_and_input_rows_are_no_differences() -> None:
    rows = [INPUT, *swapped(2, kind="MaxPooli…", name="max_p…")]
    assert printed(table(rows)) == of_table(16.0)


def test_a_model_printed_before_it_was_built_shows_its_classes() -> None:
    assert printed(table([replace(layer, output_shape="?", parameters=0) for layer in LAYERS])) == of_table(16.0)


def test_no_printed_summary_earns_nothing_where_one_is_asked_for() -> None:
    assert printed() == of_table(0.0, "no model summary was printed", PRINT_IT)


def test_a_summary_of_another_observed_model_earns_nothing() -> None:
    other = ModelSnapshot(1, "other", LAYERS[3:])
    both = replace(OBSERVED, snapshots=(SNAPSHOT, other))
    got = check(PRINTED, Subject(0, SNAPSHOT, None), (table(LAYERS[3:]),), both, RECORDING)
    assert got == of_table(0.0, "the printed summary is of another model than the one that is judged", PRINT_IT)


def test_a_table_of_no_observed_model_earns_nothing_and_its_first_difference_is_told() -> None:
    rows = swapped(1, output_shape="(None, 24, 24, 32)", parameters=9248)
    assert printed(table(rows)) == of_table(
        0.0,
        "the printed summary differs from the model that was observed: layer 2: printed Conv2D "
        "(None, 24, 24, 32), 9,248; observed Conv2D (None, 24, 24, 64), 18,496",
        PRINT_IT,
    )


def test_a_table_whose_shapes_are_not_known_shows_a_model_of_its_parameters() -> None:
    assert printed(table([replace(layer, output_shape="?") for layer in LAYERS])) == of_table(16.0)
    assert printed(table([replace(layer, output_shape="?") for layer in swapped(5, parameters=7)])).points == 0.0


def test_a_table_that_was_cut_anywhere_shows_its_model() -> None:
    rows = [
        replace(layer, kind=f"{layer.kind[:4]}…", output_shape=layer.output_shape.replace("None,", "No…"))
        for layer in LAYERS
    ]
    assert printed(table(rows)) == of_table(16.0)


def test_a_table_with_fewer_rows_than_the_model_is_told_by_their_number() -> None:
    assert printed(table(LAYERS[:7])).why == (
        "the printed summary differs from the model that was observed: printed with 7 layers; observed with 8"
    )


def test_no_model_earns_nothing() -> None:
    assert check(PRINTED, Subject(), (table(LAYERS),), OBSERVED, RECORDING) == outcome(
        0.0, "no model was observed", "build the model in a cell that runs", "no model", evidence=""
    )


# --- the comparison with the reference ---------------------------------------------------------------------


def test_fewer_filters_cost_the_share_of_every_layer_that_they_change() -> None:
    layers = [
        LAYERS[0],
        replace(LAYERS[1], output_shape="(None, 24, 24, 32)", parameters=9248),
        replace(LAYERS[2], output_shape="(None, 12, 12, 32)"),
        replace(LAYERS[3], output_shape="(None, 12, 12, 32)"),
        replace(LAYERS[4], output_shape="(None, 4608)"),
        replace(LAYERS[5], parameters=589952),
        *LAYERS[6:],
    ]
    assert observed(layers) == outcome(
        6.0,
        "layer 2: expected Conv2D (None, 24, 24, 64), 18,496 parameters; found Conv2D (None, 24, 24, 32), 9,248\n"
        "layer 3: expected MaxPooling2D (None, 12, 12, 64), 0 parameters; "
        "found MaxPooling2D (None, 12, 12, 32), 0\n"
        "layer 4: expected Dropout (None, 12, 12, 64), 0 parameters; found Dropout (None, 12, 12, 32), 0\n"
        "layer 5: expected Flatten (None, 9216), 0 parameters; found Flatten (None, 4608), 0\n"
        "layer 6: expected Dense (None, 128), 1,179,776 parameters; found Dense (None, 128), 589,952",
        COMPARE,
        "8 layers, 600,810 parameters",
    )


def test_a_missing_layer_costs_its_own_share_only() -> None:
    assert observed([*LAYERS[:3], *LAYERS[4:]]) == outcome(
        14.0,
        "layer 4: expected Dropout (None, 12, 12, 64), 0 parameters; missing",
        COMPARE,
        "7 layers, 1,199,882 parameters",
    )


@pytest.mark.parametrize(("at", "place"), [(0, "before layer 1"), (6, "after layer 6")])
def test_an_extra_layer_makes_all_shares_smaller(at: int, place: str) -> None:
    assert observed([*LAYERS[:at], EXTRA, *LAYERS[at:]]) == outcome(
        16 * 8 / 9,
        f"extra layer {place}: Dense (None, 128), 16,512 parameters",
        COMPARE,
        "9 layers, 1,216,394 parameters",
    )


def test_a_differing_setting_costs_half_a_share() -> None:
    assert observed(swapped(7, settings={"activation": "relu", "units": 10})) == outcome(
        15.0, "layer 8: activation is 'relu', expected 'softmax'", COMPARE
    )


def test_a_setting_that_is_not_known_earns_no_more_than_a_differing_one() -> None:
    assert observed(swapped(3, settings={})) == outcome(15.0, "layer 4: rate is not known, expected 0.25", COMPARE)


def test_settings_that_the_table_does_not_list_are_not_compared() -> None:
    assert observed(swapped(7, settings={"activation": "softmax", "seed": 5})) == outcome(16.0)


def test_input_rows_and_names_do_not_matter() -> None:
    assert observed([INPUT, *(replace(layer, name=f"my_{layer.name}") for layer in LAYERS)]) == outcome(16.0)


def test_another_class_of_the_same_shape_is_a_difference_of_that_layer() -> None:
    assert observed(swapped(2, kind="AveragePooling2D")) == outcome(
        14.0,
        "layer 3: expected MaxPooling2D (None, 12, 12, 64), 0 parameters; "
        "found AveragePooling2D (None, 12, 12, 64), 0",
        COMPARE,
    )


def test_layers_with_nothing_in_common_are_missing_and_extra() -> None:
    assert observed(swapped(4, kind="LSTM", output_shape="(None, 7)", parameters=5)).why == (
        "layer 5: expected Flatten (None, 9216), 0 parameters; missing\n"
        "extra layer after layer 5: LSTM (None, 7), 5 parameters"
    )


def test_after_ten_differences_the_rest_is_counted() -> None:
    why = observed([*LAYERS, *[EXTRA] * 600]).why.splitlines()
    assert (len(why), why[-1]) == (11, "and 590 more differences")


def test_a_model_without_layers_lacks_them_all() -> None:
    got = observed([])
    assert (got.points, got.found, len(got.why.splitlines())) == (0.0, "0 layers, 0 parameters", 8)


# --- alignment ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ((2, 2), (2, 2.0), True),
        (0.25, 0.25000001, True),
        (1, 1.0, True),
        ("relu", "relu", True),
        (None, None, True),
        ((2, 2), (2, 2, 2), False),
        ((2, 2), 2, False),
        (0.25, 0.2501, False),
        ("1", 1, False),
        (None, 0, False),
        (10**400, 1.5, False),
        (1.5, -(10**400), False),
        (10**400, 10**400, True),
    ],
)
def test_settings_are_compared_by_value(left: Setting, right: Setting, same: bool) -> None:  # noqa: FBT001 - a table
    assert same_setting(left, right) is same


some_layers = st.lists(
    st.builds(
        Layer,
        name=st.just("n"),
        kind=st.sampled_from(["A", "B"]),
        output_shape=st.sampled_from(["1", "2"]),
        parameters=st.sampled_from([0, 1]),
    ),
    max_size=5,
)


def _least(left: Sequence[Layer], right: Sequence[Layer]) -> int:
    """The cost of the best alignment, by trying all of them."""
    if not left or not right:
        return GAP * (len(left) + len(right))
    return min(
        fact_cost(left[0], right[0]) + _least(left[1:], right[1:]),
        GAP + _least(left[1:], right),
        GAP + _least(left, right[1:]),
    )


@given(some_layers, some_layers)
def test_the_alignment_keeps_every_layer_in_order_and_costs_least(left: list[Layer], right: list[Layer]) -> None:
    pairs = align(left, right)
    assert [pair.expected for pair in pairs if pair.expected] == left
    assert [pair.found for pair in pairs if pair.found] == right
    cost = sum(fact_cost(pair.expected, pair.found) if pair.expected and pair.found else GAP for pair in pairs)
    assert cost == _least(left, right)


@given(st.text(), st.text(), st.integers())
def test_any_observed_text_becomes_short_printable_lines(kind: str, shape: str, parameters: int) -> None:
    why = observed([Layer("n", kind * 50, shape * 50, parameters * 10**40)]).why
    assert all(line.isprintable() and len(line) < 300 for line in why.split("\n"))


def test_a_shape_that_keeps_the_size_of_the_batch_is_the_same_shape() -> None:
    layers = [replace(layer, output_shape=layer.output_shape.replace("(None", "(100")) for layer in LAYERS]
    assert observed(layers).points == observed(LAYERS).points
