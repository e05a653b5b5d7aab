"""The student's model beside the reference's, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.checks.alignment import Pair, align, differing_settings, same_facts
from grader.checks.wording import count, quoted
from grader.model import Layer
from grader.report.shell import shown

MOST_ROWS = 120
MOST_TEXT = 60  # characters of a kind or a shape


@dataclass(frozen=True, slots=True)
class Row:
    """`verdict` is a word: same, changed, missing, extra; the texts are empty where there is no layer."""

    verdict: str
    expected: str
    found: str
    difference: str


def rows(expected: Sequence[Layer], found: Sequence[Layer]) -> tuple[tuple[Row, ...], int]:
    """The first rows of the comparison, and how many more there are."""
    pairs = align(expected, found)
    return tuple(_rows(pairs[:MOST_ROWS])), max(0, len(pairs) - MOST_ROWS)


def _rows(pairs: Sequence[Pair]) -> Iterator[Row]:
    for pair in pairs:
        expected, found = pair.expected, pair.found
        if expected and found:
            difference = "; ".join(_differences(expected, found))
            yield Row("changed" if difference else "same", _facts(expected), _facts(found), difference)
        elif expected:
            yield Row("missing", _facts(expected), "", "the notebook's model has no such layer")
        elif found:
            yield Row("extra", "", _facts(found), "the reference has no such layer")


def _facts(layer: Layer) -> str:
    kind, shape = shown(layer.kind, MOST_TEXT), shown(layer.output_shape, MOST_TEXT)
    return f"{kind} {shape}, {count(layer.parameters)} parameters"


def _differences(expected: Layer, found: Layer) -> Iterator[str]:
    if expected.kind != found.kind:
        yield "another kind of layer"
    elif not same_facts(expected, found):
        yield "another shape or number of parameters"
    if expected.kind == found.kind:
        for key in differing_settings(expected, found):
            value = quoted(found.settings[key]) if key in found.settings else "not known"
            yield f"{key} is {value}, expected {quoted(expected.settings[key])}"
