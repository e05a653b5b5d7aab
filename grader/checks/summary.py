"""Criterion `model_summary`: the model was shown, and it is the reference's, layer by layer.

The points follow from the observed model alone; with evidence `printed` a summary table that shows this
very model must have been printed besides. Each layer of the reference is worth the same share, over the
larger of both counts, so that extra layers cost too. A layer of the right class, output shape and
parameters that differs in a setting (activation, rate, strides, padding, ...) earns half its share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from grader.checks.alignment import (
    UNKNOWN_SHAPE,
    align,
    differing_settings,
    same_facts,
    same_shape,
    without_inputs,
)
from grader.checks.wording import count, layer_facts, lines, quoted
from grader.model import UNREADABLE, Check, EvidenceKind, is_left_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.checks.alignment import Pair
    from grader.checks.subject import Subject
    from grader.model import Layer, ModelSnapshot, ModelSummary, Observations, Recording, SummaryCriterion

MAX_PRINTED = 50  # summaries looked at; each is compared with each observed model
MAX_INPUTS = 50  # InputLayer rows by which a table and its model may differ
NOT_PRINTED = "no model summary was printed"
BUILD_IT = "build the model in a cell that runs"
COMPARE = "compare the layers named with those that the assignment asks for"
PRINT_IT = "print the summary of the model that is trained, print(model.summary()), once all its layers are there"


def check(
    criterion: SummaryCriterion,
    subject: Subject,
    printed: Sequence[ModelSummary],
    observed: Observations,
    recording: Recording,
) -> Check:
    earned, why, next_step = _judge(criterion.evidence, subject.snapshot, printed, observed, recording)
    return Check(
        criterion=criterion.id,
        title=criterion.title,
        points=criterion.points * earned,
        max_points=criterion.points,
        expected=_size(recording.layers),
        found="no model" if subject.snapshot is None else _size(subject.snapshot.layers),
        why=why,
        next_step=next_step,
        evidence=_behind(criterion.evidence, subject.snapshot),
    )


def _behind(evidence: EvidenceKind, snapshot: ModelSnapshot | None) -> str:
    if snapshot is None:
        return ""
    seen = "the model in the notebook's kernel"
    return (
        f"printed: the table that was shown, and {seen}"
        if evidence is EvidenceKind.PRINTED
        else f"observed: {seen}"
    )


def _judge(
    evidence: EvidenceKind,
    snapshot: ModelSnapshot | None,
    printed: Sequence[ModelSummary],
    observed: Observations,
    recording: Recording,
) -> tuple[float, str, str]:
    """The share that was earned, from 0 to 1, why not more, and what to do next."""
    if snapshot is None:
        return 0.0, "no model was observed", BUILD_IT
    objection = _evidence_objection(evidence, snapshot, printed, observed)
    if objection:
        return 0.0, objection, PRINT_IT
    pairs = align(recording.layers, snapshot.layers)
    differences = list(_differences(pairs))
    return _earned(pairs), lines(differences), COMPARE if differences else ""


def _size(layers: Sequence[Layer]) -> str:
    counted = without_inputs(layers)
    parameters = count(sum(layer.parameters for layer in counted))
    return f"{len(counted)} {'layer' if len(counted) == 1 else 'layers'}, {parameters} parameters"


# --- the printed table -------------------------------------------------------------------------------------


def _evidence_objection(
    evidence: EvidenceKind, snapshot: ModelSnapshot, printed: Sequence[ModelSummary], observed: Observations
) -> str:
    """Why what was printed does not show the observed model; empty where it does or need not."""
    match evidence:
        case EvidenceKind.OBSERVED | EvidenceKind.VERIFIED:
            return ""
        case EvidenceKind.PRINTED:
            return _printed_objection(snapshot, printed[-MAX_PRINTED:], observed)
        case _:
            assert_never(evidence)


def _printed_objection(snapshot: ModelSnapshot, printed: Sequence[ModelSummary], observed: Observations) -> str:
    if not printed:
        return NOT_PRINTED
    if any(shows(summary, snapshot) for summary in printed):
        return ""
    others = [other for other in observed.snapshots[-MAX_PRINTED:] if other.model != snapshot.model]
    if any(shows(summary, other) for other in others for summary in printed):
        return "the printed summary is of another model than the one that is judged"
    return (
        f"the printed summary differs from the model that was observed: {_first_difference(printed[-1], snapshot)}"
    )


def shows(summary: ModelSummary, snapshot: ModelSnapshot) -> bool:
    """Whether the table is of this model. Names depend on what ran before, and are not compared."""
    if abs(len(summary.layers) - len(snapshot.layers)) > MAX_INPUTS:
        return False
    table, model = without_inputs(summary.layers), without_inputs(snapshot.layers)
    return len(table) == len(model) and all(map(_row_shows, table, model))


def _row_shows(row: Layer, layer: Layer) -> bool:
    """A model that is printed before it is built has neither shapes nor parameters yet, or no shapes alone."""
    unknown = row.output_shape == UNKNOWN_SHAPE
    unbuilt = unknown and row.parameters == 0
    built_alike = (unknown or same_shape(row.output_shape, layer.output_shape)) and _same_count(row, layer)
    return is_left_of(row.kind, layer.kind) and (unbuilt or built_alike)


def _same_count(row: Layer, layer: Layer) -> bool:
    """A table that was too narrow for the number leaves it unreadable, which is written as a negative one."""
    return row.parameters in (layer.parameters, UNREADABLE)


def _first_difference(summary: ModelSummary, snapshot: ModelSnapshot) -> str:
    table, model = without_inputs(summary.layers), without_inputs(snapshot.layers)
    for number, (row, layer) in enumerate(zip(table, model, strict=False), start=1):
        if not _row_shows(row, layer):
            return f"layer {number}: printed {layer_facts(row)}; observed {layer_facts(layer)}"
    return f"printed with {len(table)} layers; observed with {len(model)}"


# --- the comparison with the reference ---------------------------------------------------------------------


def _earned(pairs: Sequence[Pair]) -> float:
    expected = sum(pair.expected is not None for pair in pairs)
    found = sum(pair.found is not None for pair in pairs)
    halves = sum(map(_halves, pairs))
    return halves / (2 * max(expected, found, 1))


def _halves(pair: Pair) -> int:
    if pair.expected is None or pair.found is None or not same_facts(pair.expected, pair.found):
        return 0
    return 1 if differing_settings(pair.expected, pair.found) else 2


def _differences(pairs: Sequence[Pair]) -> Iterator[str]:
    """One line a difference. Layers are numbered as in the reference, from 1, without inputs."""
    number = 0
    for pair in pairs:
        number += pair.expected is not None
        yield from _pair_differences(number, pair)


def _pair_differences(number: int, pair: Pair) -> Iterator[str]:
    expected, found = pair.expected, pair.found
    if expected is None:
        if found is not None:
            place = f"after layer {number}" if number else "before layer 1"
            yield f"extra layer {place}: {layer_facts(found)} parameters"
        return
    asked = f"layer {number}: expected {layer_facts(expected)} parameters"
    if found is None:
        yield f"{asked}; missing"
        return
    if not same_facts(expected, found):
        yield f"{asked}; found {layer_facts(found)}"
    if expected.kind == found.kind:
        yield from _setting_differences(number, expected, found)


def _setting_differences(number: int, expected: Layer, found: Layer) -> Iterator[str]:
    for key in differing_settings(expected, found):
        value = quoted(found.settings[key]) if key in found.settings else "not known"
        yield f"layer {number}: {key} is {value}, expected {quoted(expected.settings[key])}"
