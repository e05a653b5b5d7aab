"""Matters for a person to look at that no criterion judges: each is a fact with its figures, never a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks import claims, typed
from grader.checks.alignment import UNKNOWN_SHAPE, without_inputs
from grader.checks.wording import listed, shown
from grader.model import HistoryForm

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from grader.checks.strength import Strength
    from grader.model import Evidence, Layer, ModelSnapshot, Observations, PrintedHistory

ANOTHER_MODEL = "the model that was summarised is not the model that was trained"
DENIED = "the grader's own evaluation gives other figures than the history has"
REPLACED = "the notebook replaced what belongs to Keras or Python"
MORE_EPOCHS = "more epochs were printed than were trained"
MAX_SHOWN = 3
MAX_MODELS = 50  # of either kind that are compared


def raised(
    found: Evidence,
    printed: Sequence[PrintedHistory],
    metrics: Collection[str],
    behind: Strength | None = None,
) -> tuple[str, ...]:
    """`metrics` are those of the reference's history, `behind` is what stands behind the judged training."""
    observed = found.observed
    flags = (
        typed.flag(found.cells, claims.without_quoted(observed, printed, metrics), metrics),
        _another_model(observed),
        f"{DENIED}: {behind.contradicts}" if behind and behind.contradicts else "",
        _replaced(observed),
        _more_epochs(observed, printed, metrics),
    )
    return tuple(filter(None, flags))


def _another_model(observed: Observations) -> str:
    """No summary is of a model that was trained, nor of one like it: built again, loaded, or a part of it."""
    summarised = list(_snapshots(observed, [call.snapshot for call in observed.summaries]))
    trained = list(_snapshots(observed, [fit.snapshot for fit in observed.fits if fit.epochs_trained]))
    if not summarised or not trained:
        return ""
    summarised, trained = _distinct(summarised), _distinct(trained)
    if any(_is_like(one, other) for one in summarised for other in trained):
        return ""
    return f"{ANOTHER_MODEL}: {_size(summarised[-1])} against {_size(trained[-1])}"


def _snapshots(observed: Observations, numbers: Sequence[int]) -> Iterator[ModelSnapshot]:
    return (observed.snapshots[number] for number in numbers if 0 <= number < len(observed.snapshots))


def _distinct(snapshots: Sequence[ModelSnapshot]) -> list[ModelSnapshot]:
    """The last ones, each once."""
    return list({id(snapshot): snapshot for snapshot in snapshots}.values())[-MAX_MODELS:]


def _is_like(summarised: ModelSnapshot, trained: ModelSnapshot) -> bool:
    if summarised.model == trained.model or _looks_like(summarised.layers, trained.layers):
        return True
    return _is_part(summarised, trained) or _is_part(trained, summarised)


def _looks_like(one: Sequence[Layer], other: Sequence[Layer]) -> bool:
    """A model that nothing has gone through yet has no shapes and no parameters."""
    one, other = without_inputs(one), without_inputs(other)
    return len(one) == len(other) and all(map(_same_layer, one, other))


def _same_layer(one: Layer, other: Layer) -> bool:
    if UNKNOWN_SHAPE in (one.output_shape, other.output_shape):
        return one.kind == other.kind
    return (one.kind, one.output_shape, one.parameters) == (other.kind, other.output_shape, other.parameters)


def _is_part(part: ModelSnapshot, whole: ModelSnapshot) -> bool:
    """A layer of it, or made of layers of it: the base of a transfer, the half of an autoencoder."""
    parameters = sum(layer.parameters for layer in part.layers)
    if any((layer.name, layer.parameters) == (part.name, parameters) for layer in whole.layers):
        return True
    held = {(layer.name, layer.kind, layer.parameters) for layer in whole.layers}
    own = [(layer.name, layer.kind, layer.parameters) for layer in without_inputs(part.layers)]
    return parameters > 0 and all(layer in held for layer in own)


def _size(snapshot: ModelSnapshot) -> str:
    parameters = sum(layer.parameters for layer in snapshot.layers)
    return f"'{shown(snapshot.name)}' with {len(snapshot.layers)} layers and {parameters:,} parameters"


def _replaced(observed: Observations) -> str:
    names = list(dict.fromkeys(observed.replaced))
    more = ", ..." if len(names) > MAX_SHOWN else ""
    return f"{REPLACED}: {listed(map(shown, names[:MAX_SHOWN]))}{more}" if names else ""


def _more_epochs(observed: Observations, printed: Sequence[PrintedHistory], metrics: Collection[str]) -> str:
    """Keras' own progress lines, or what looks like them: their figures are one an epoch.

    Where the rubric has capped a training, epochs that were asked for were not trained for its sake. Of one that
    did not finish, lines may have been printed whose epochs nobody lived to count.
    """
    if not observed.fits:
        return ""
    progress = [each for each in printed if each.form is HistoryForm.PROGRESS]
    claimed = max((len(each.metrics.get(metric, ())) for each in progress for metric in metrics), default=0)
    trained = sum(
        fit.epochs_trained if fit.cap is None and fit.finished else max(fit.epochs_trained, fit.epochs)
        for fit in observed.fits
    )
    if claimed <= trained:
        return ""
    return f"{MORE_EPOCHS}: {claimed} in progress lines, {trained} {'epoch' if trained == 1 else 'epochs'} trained"
