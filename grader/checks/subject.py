"""What is judged in a notebook with several models and trainings: one model and one of its fits, for all checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checks.alignment import matching
from grader.checks.settings import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.checks.strength import Strength
    from grader.model import Fit, ModelSnapshot, Observations, Recording


@dataclass(frozen=True, slots=True)
class Subject:
    """The fit that is judged and the model as it stood then; all None where no model was observed.

    `model` is the model's number in the notebook, as in `ModelSnapshot`; `behind` how strong the evidence of the
    fit's figures is, None where it trained nothing; `cause` says in words what most likely sets them apart from
    the reference's, if anything that was seen does.
    """

    model: int | None = None
    snapshot: ModelSnapshot | None = None
    fit: Fit | None = None
    behind: Strength | None = None
    cause: str = ""


def choose(observed: Observations, recording: Recording) -> Subject:
    """The fit that agrees with the recording in most settings and layers, else the nearest model.

    Fits that finished and left a history go before those that did not. Of equals, one that found its model
    untrained goes before one that trained it further, as the reference's did; then the last one counts.
    """
    if observed.fits:
        fit = _best_fit(observed, recording)
        return _subject(_at(observed.snapshots, fit.snapshot), fit)
    return _subject(_nearest_model(observed, recording), None)


def _subject(snapshot: ModelSnapshot | None, fit: Fit | None) -> Subject:
    return Subject(None if snapshot is None else snapshot.model, snapshot, fit)


def _best_fit(observed: Observations, recording: Recording) -> Fit:
    layers = _matching_layers(observed.snapshots, {fit.snapshot for fit in observed.fits}, recording)

    fresh = _first_of_each_model(observed)

    def agreement(numbered: tuple[int, Fit]) -> tuple[bool, int, bool, int]:
        number, fit = numbered
        settings = sum(judged.matches for judged in judge(fit, recording.fit)) if recording.fit else 0
        agreeing = settings + layers.get(fit.snapshot, 0)
        return fit.finished and bool(fit.history), agreeing, number in fresh, number

    return max(enumerate(observed.fits), key=agreement)[1]


def _first_of_each_model(observed: Observations) -> set[int]:
    """Numbers of the fits that found their model untrained."""
    first: dict[int | None, int] = {}
    for number, fit in enumerate(observed.fits):
        snapshot = _at(observed.snapshots, fit.snapshot)
        if fit.epochs_trained and not fit.continued:
            first.setdefault(snapshot.model if snapshot else None, number)
    return set(first.values())


def _nearest_model(observed: Observations, recording: Recording) -> ModelSnapshot | None:
    """Among the models that were summarised, or among all where none was."""
    summarised = [call.snapshot for call in observed.summaries if _at(observed.snapshots, call.snapshot)]
    candidates = summarised or list(range(len(observed.snapshots)))
    if not candidates:
        return None
    layers = _matching_layers(observed.snapshots, set(candidates), recording)
    best = max(enumerate(candidates), key=lambda numbered: (layers.get(numbered[1], 0), numbered[0]))[1]
    return observed.snapshots[best]


def _matching_layers(
    snapshots: Sequence[ModelSnapshot], indices: Iterable[int], recording: Recording
) -> dict[int, int]:
    """Each snapshot is aligned once, however many fits refer to it."""
    found = {index: _at(snapshots, index) for index in indices}
    return {
        index: matching(recording.layers, snapshot.layers)
        for index, snapshot in found.items()
        if snapshot is not None
    }


def _at(snapshots: Sequence[ModelSnapshot], index: int) -> ModelSnapshot | None:
    """Indices come from the student's kernel and may point nowhere."""
    return snapshots[index] if 0 <= index < len(snapshots) else None
