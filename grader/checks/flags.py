"""Matters for a person to look at that no criterion judges: each is a fact with its figures, never a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks import typed
from grader.checks.wording import listed, shown
from grader.model import HistoryForm

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from grader.model import Evidence, Layer, ModelSnapshot, Observations, PrintedHistory

ANOTHER_MODEL = "the model that was summarised is not the model that was trained"
REPLACED = "the notebook replaced what belongs to Keras or Python"
MORE_EPOCHS = "more epochs were printed than were trained"
MAX_SHOWN = 3


def raised(found: Evidence, printed: Sequence[PrintedHistory], metrics: Collection[str]) -> tuple[str, ...]:
    """`metrics` are those of the reference's history."""
    observed = found.observed
    flags = (
        typed.flag(found.cells, printed, metrics),
        _another_model(observed),
        _replaced(observed),
        _more_epochs(observed, printed, metrics),
    )
    return tuple(filter(None, flags))


def _another_model(observed: Observations) -> str:
    """No summary is of a model that was trained, nor of one that looks like it: built again, or loaded."""
    summarised = list(_snapshots(observed, [call.snapshot for call in observed.summaries]))
    trained = list(_snapshots(observed, [fit.snapshot for fit in observed.fits if fit.epochs_trained]))
    if not summarised or not trained:
        return ""
    models = {snapshot.model for snapshot in trained}
    looks = {_look(snapshot.layers) for snapshot in trained}
    if any(snapshot.model in models or _look(snapshot.layers) in looks for snapshot in summarised):
        return ""
    return f"{ANOTHER_MODEL}: {_size(summarised[-1])} against {_size(trained[-1])}"


def _snapshots(observed: Observations, numbers: Sequence[int]) -> Iterator[ModelSnapshot]:
    return (observed.snapshots[number] for number in numbers if 0 <= number < len(observed.snapshots))


def _look(layers: Sequence[Layer]) -> tuple[tuple[str, str, int], ...]:
    return tuple((layer.kind, layer.output_shape, layer.parameters) for layer in layers)


def _size(snapshot: ModelSnapshot) -> str:
    parameters = sum(layer.parameters for layer in snapshot.layers)
    return f"'{shown(snapshot.name)}' with {len(snapshot.layers)} layers and {parameters:,} parameters"


def _replaced(observed: Observations) -> str:
    names = list(dict.fromkeys(observed.replaced))
    more = ", ..." if len(names) > MAX_SHOWN else ""
    return f"{REPLACED}: {listed(map(shown, names[:MAX_SHOWN]))}{more}" if names else ""


def _more_epochs(observed: Observations, printed: Sequence[PrintedHistory], metrics: Collection[str]) -> str:
    """Keras' own progress lines, or what looks like them: their figures are one an epoch.

    Where the rubric has capped a training, epochs that were asked for were not trained for its sake.
    """
    if not observed.fits:
        return ""
    progress = [each for each in printed if each.form is HistoryForm.PROGRESS]
    claimed = max((len(each.metrics.get(metric, ())) for each in progress for metric in metrics), default=0)
    trained = sum(max(fit.epochs_trained, fit.epochs if fit.cap is not None else 0) for fit in observed.fits)
    if claimed <= trained:
        return ""
    return f"{MORE_EPOCHS}: {claimed} in progress lines, {trained} {'epoch' if trained == 1 else 'epochs'} trained"
