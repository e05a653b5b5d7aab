"""Which layer of a student's model stands for which layer of the reference.

Global sequence alignment by dynamic programming (Needleman and Wunsch, 1970). Putting one layer for
another costs by the facts in which they differ; leaving a layer without partner costs `GAP`. Two gaps
cost as much as a differing class and output shape: a layer that shares less than that with its
counterpart is called missing, and the other one extra. Names never matter: they depend on what ran before.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.model import is_left_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Layer, Setting

CLASS_COST, SHAPE_COST, PARAMETERS_COST, GAP = 8, 4, 4, 6
MAX_SETTINGS_COST = 3  # less than any one of the facts above
MAX_LAYERS = 500  # of a student's model; those after it are extra
_BATCH = re.compile(r"^\(\d{1,9}(?=[,)])")
UNKNOWN_SHAPE = "?"
UNCOMPARABLE = 1e300  # beyond it, comparing an int with a float may overflow

# The settings that are compared, where the reference layer has them. Widths (units, filters) are left
# out: they show in the output shape and the parameters. Initialisers show in the history.
SETTINGS = (
    "activation",
    "rate",
    "strides",
    "padding",
    "kernel_size",
    "pool_size",
    "dilation_rate",
    "groups",
    "data_format",
    "use_bias",
    "recurrent_activation",
    "dropout",
    "recurrent_dropout",
    "return_sequences",
    "go_backwards",
    "stateful",
    "momentum",
    "epsilon",
    "axis",
    "negative_slope",
    "stddev",
    "trainable",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A layer of the reference and the one that stands for it; None where there is none."""

    expected: Layer | None
    found: Layer | None


def without_inputs(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Keras lists an `InputLayer` in functional models only, and it computes nothing."""
    return tuple(layer for layer in layers if not _is_input(layer.kind))


def _is_input(kind: str) -> bool:
    """A narrow table may have left no more than "Inp…" of the name."""
    return is_left_of(kind, "InputLayer") and len(kind) > len("In…")


def same_setting(left: Setting, right: Setting) -> bool:
    """Equality by value: 1 is 1.0, (2, 2) is [2, 2], and floats may carry 32-bit noise."""
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)):
        return len(left) == len(right) and all(same_setting(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        small = abs(left) < UNCOMPARABLE and abs(right) < UNCOMPARABLE
        return left == right or (small and math.isclose(left, right, rel_tol=1e-6))
    return left == right


def same_facts(expected: Layer, found: Layer) -> bool:
    return fact_cost(expected, found) == 0


def same_shape(printed: str, whole: str) -> bool:
    """TensorFlow put an only shape into a list, too, whose end may have been cut off."""
    return is_left_of(printed, whole) or is_left_of(printed.removeprefix("["), whole)


def of_one_sample(shape: str) -> str:
    """Without the batch's size: a model that learns its input's shape from `fit` may keep that of the batch."""
    return _BATCH.sub("(None", shape, count=1)


def fact_cost(expected: Layer, found: Layer) -> int:
    """`expected` may be what a published table had room for; `found` is never cut."""
    expected_shape, shape = of_one_sample(expected.output_shape), of_one_sample(found.output_shape)
    shapes_agree = shape == UNKNOWN_SHAPE or same_shape(expected_shape, shape)
    return (
        CLASS_COST * (not is_left_of(expected.kind, found.kind))
        + SHAPE_COST * (not shapes_agree)
        + PARAMETERS_COST * (expected.parameters != found.parameters)
    )


def differing_settings(expected: Layer, found: Layer) -> tuple[str, ...]:
    """The keys, in the order of `SETTINGS`, at which `found` lacks the reference's value."""
    return tuple(
        key
        for key in SETTINGS
        if key in expected.settings
        and (key not in found.settings or not same_setting(expected.settings[key], found.settings[key]))
    )


def same_layer(expected: Layer, found: Layer) -> bool:
    return same_facts(expected, found) and not differing_settings(expected, found)


def align(expected: Sequence[Layer], found: Sequence[Layer]) -> tuple[Pair, ...]:
    """Every layer of both, in order, in the cheapest pairing. Takes len(expected) * min(len(found), 500) steps."""
    expected, found = without_inputs(expected), without_inputs(found)
    compared, rest = found[:MAX_LAYERS], found[MAX_LAYERS:]
    substitution = [[_cost(left, right) for right in compared] for left in expected]
    pairs = _walk_back(_table(substitution, len(compared)), substitution, expected, compared)
    return (*pairs, *(Pair(None, layer) for layer in rest))


def matching(expected: Sequence[Layer], found: Sequence[Layer]) -> int:
    """How many of the reference's layers are there, with all their facts and settings."""
    return sum(
        pair.expected is not None and pair.found is not None and same_layer(pair.expected, pair.found)
        for pair in align(expected, found)
    )


def _cost(expected: Layer, found: Layer) -> int:
    settings = len(differing_settings(expected, found)) if expected.kind == found.kind else 0
    return fact_cost(expected, found) + min(settings, MAX_SETTINGS_COST)


def _table(substitution: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    """Cell [i][j]: the least cost of pairing the first i expected with the first j found layers."""
    table = [[GAP * j for j in range(width + 1)]]
    for i, costs in enumerate(substitution, start=1):
        above, row = table[-1], [GAP * i]
        for j in range(1, width + 1):
            row.append(min(above[j - 1] + costs[j - 1], above[j] + GAP, row[j - 1] + GAP))
        table.append(row)
    return table


def _walk_back(
    table: Sequence[Sequence[int]],
    substitution: Sequence[Sequence[int]],
    expected: Sequence[Layer],
    found: Sequence[Layer],
) -> tuple[Pair, ...]:
    """Where ways cost the same, a pair is preferred to gaps, and what is missing comes before what is extra."""
    i, j, pairs = len(expected), len(found), []
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + substitution[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append(Pair(expected[i], found[j]))
        elif j and table[i][j] == table[i][j - 1] + GAP:
            j -= 1
            pairs.append(Pair(None, found[j]))
        else:
            i -= 1
            pairs.append(Pair(expected[i], None))
    return tuple(reversed(pairs))
