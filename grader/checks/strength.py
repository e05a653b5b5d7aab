"""How strong the evidence behind a training's figures is: what the grader computed itself, or what a kernel said.

A history that the shared trainer gave was computed by the grader. Of one that was trained in the notebook's own
kernel the grader may have got the final weights: evaluated outside it, by the grader, on the arrays that `fit`
validated on, they must give the figures with which the history ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checks.alignment import differing_settings
from grader.checks.wording import figure, shown
from grader.model import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.model import ArrayFacts, Evaluated, Fit, Layer, Observations, SharedFit

# What the order of additions may change on a GPU, and far less than any epoch does.
RELATIVE, ABSOLUTE = 1e-3, 1e-4
TRAINED = "the grader trained it"
VALIDATION = "validation "  # begins the names of such arrays
IN_KERNEL = "trained in the notebook's kernel"


@dataclass(frozen=True, slots=True)
class Strength:
    """`why` says how it was verified, or why it was not; `contradicts` names a figure that no epoch has.

    One of an earlier epoch contradicts nothing: a callback may have put its weights back.
    """

    kind: EvidenceKind
    why: str
    contradicts: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}"


def of(
    fit: Fit | None, observed: Observations, served: Sequence[SharedFit], evaluated: Sequence[Evaluated]
) -> Strength | None:
    """None where nothing was trained."""
    if fit is None or not fit.epochs_trained:
        return None
    if is_served(fit, served):
        return Strength(EvidenceKind.VERIFIED, TRAINED)
    number = next(number for number, each in enumerate(observed.fits) if each is fit)
    found = next((each for each in evaluated if each.fit == number), None)
    if found is None:
        return Strength(EvidenceKind.OBSERVED, f"{IN_KERNEL}, whose weights were not handed in")
    fault = found.why or _difference(fit, found, observed)
    if fault:
        denied = "" if found.why or _other_model(fit, found, observed) else _denied(fit, found)
        return Strength(EvidenceKind.OBSERVED, f"{IN_KERNEL}; {shown(fault, 300)}", denied)
    return Strength(
        EvidenceKind.VERIFIED, f"{IN_KERNEL}; the grader evaluated its final weights to the same figures"
    )


def is_served(fit: Fit, served: Sequence[SharedFit]) -> bool:
    """Whether the trainer gave this history, for this data; a kernel may have asked for other trainings too."""
    history = _written(fit.history)
    return bool(history) and any(
        _written(each.history) == history and _is_of(each.arrays, fit.arrays) for each in served
    )


def _is_of(trained: Mapping[str, str], seen: Mapping[str, ArrayFacts]) -> bool:
    return all(name in seen and seen[name].digest == digest for name, digest in trained.items())


def _written(history: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[str, ...]]:
    """All digits of it, and NaN equal to NaN."""
    return {metric: tuple(repr(float(value)) for value in values) for metric, values in history.items()}


def _difference(fit: Fit, found: Evaluated, observed: Observations) -> str:
    """In what the evaluated model, its data or its figures are not those of the fit."""
    other = _other_model(fit, found, observed)
    if other:
        return other
    validated = {metric: values for metric, values in fit.history.items() if metric.startswith("val_")}
    for metric, values in validated.items():
        if not _close(values, found.figures.get(metric)):
            return _contrast(metric, values, found.figures.get(metric))
    return "" if validated else "its history validated nothing"


def _denied(fit: Fit, found: Evaluated) -> str:
    """The first figure that belongs to no epoch of the history."""
    for metric, values in fit.history.items():
        here = found.figures.get(metric)
        if here is not None and values and not any(_close([value], here) for value in values):
            return _contrast(metric, values, here)
    return ""


def _other_model(fit: Fit, found: Evaluated, observed: Observations) -> str:
    """In what the evaluated model and its data are not those that were seen."""
    layers = observed.snapshots[fit.snapshot].layers
    if len(layers) != len(found.layers) or not all(map(_same_layer, layers, found.layers)):
        return "the model that was handed in is not the one that was seen"
    if found.loss != fit.compiled.loss:
        return f"its loss was handed in as '{found.loss}' and seen as '{fit.compiled.loss}'"
    for name, digest in found.arrays.items():
        facts = fit.arrays.get(name)
        if facts is None or facts.digest != digest:
            return f"the {name} that was handed in is not what was seen"
    validated = {name for name in fit.arrays if name.startswith(VALIDATION)}
    split = 0.0 if validated else fit.validation_split
    if found.arrays.keys() != (validated or fit.arrays.keys()) or not math.isclose(found.split, split):
        return "what was handed in is not the data that it was seen to validate on"
    return ""


def _same_layer(seen: Layer, built: Layer) -> bool:
    same = (seen.kind, seen.parameters) == (built.kind, built.parameters)
    return same and not differing_settings(seen, built)


def _close(values: Sequence[float], figure_here: float | None) -> bool:
    if not values or figure_here is None:
        return False
    both_nan = math.isnan(values[-1]) and math.isnan(figure_here)
    return both_nan or math.isclose(values[-1], figure_here, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _contrast(metric: str, values: Sequence[float], figure_here: float | None) -> str:
    if not values or figure_here is None:
        return f"its final weights give no {metric}"
    ends = figure(values[-1], figure_here)
    return f"its final weights give {metric} {figure(figure_here, values[-1])}, its history ends with {ends}"
