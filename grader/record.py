"""Records a reference: runs its notebook under several seeds and keeps what it printed, built and trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader import grade, reference, sandbox
from grader.errors import GraderError, UsageError
from grader.model import (
    BandTolerance,
    Criterion,
    Device,
    Evidence,
    Fit,
    HistoryCriterion,
    Layer,
    Part,
    Recording,
    Rubric,
    SeedRun,
    Status,
    TrainingCriterion,
)
from grader.progress import Progress


@dataclass(frozen=True, slots=True)
class Session:
    """What to record, and on what: the conditions that all runs of one recording share."""

    rubric: Rubric
    part: Part
    device: Device
    threads: int
    layer: sandbox.Layer


def record(session: Session, seeds: int, progress: Progress) -> Path:
    """Run the part's reference under `seeds` seeds, and store the recording; returns where.

    The first run is under exactly the conditions of grading; in the others the run's number is mixed into
    the rubric's seed and into the notebook's own seed calls.
    """
    rubric, part = session.rubric, session.part
    if seeds < reference.MIN_SEEDS and any(_needs_band(criterion) for criterion in part.criteria):
        raise UsageError(f"{seeds} seeds make no band; {part.id} needs at least {reference.MIN_SEEDS}, better 16")
    found = []
    progress.begin(seeds, f"recording {part.id}")
    try:
        for number in range(seeds):
            progress.running(f"seed {number}")
            found.append(_run(session, number))
            progress.done(f"seed {number}", _shown(_fit(part, found[-1])))
            _must_spread(part, found)
    finally:
        progress.end()
    recording = _recording(rubric, part, found)
    path = reference.path_for(part)
    reference.store(path, recording)
    return path


def _needs_band(criterion: Criterion) -> bool:
    return isinstance(criterion, HistoryCriterion) and isinstance(criterion.tolerance, BandTolerance)


def _must_spread(part: Part, found: Sequence[Evidence]) -> None:
    """Two equal histories are enough to know; the other seeds would only take their time."""
    runs = [SeedRun(number, _history(part, evidence)) for number, evidence in enumerate(found)]
    if runs[0].history and reference.identical(runs):
        raise GraderError(
            f"{len(runs)} runs of '{part.reference.name}' gave the same history under different seeds, so nothing "
            "can be learnt about its spread. Look for fixed seeds in the notebook that the grader cannot vary, "
            "such as `seed=` arguments of layers and initializers, or weights that it loads."
        )


def _run(session: Session, number: int) -> Evidence:
    rubric, part = session.rubric, session.part
    attempt = grade.execute(
        sandbox.Task(
            notebook=part.reference,
            datasets=rubric.datasets,
            execution=rubric.execution,
            device=session.device,
            threads=session.threads,
            seed=(rubric.execution.seed + number) % 2**32,
            layer=session.layer,
            mix=number,
            max_epochs=rubric.execution.max_epochs,
        )
    )
    if attempt.status is not Status.GRADED:
        raise GraderError(
            f"the reference '{part.reference.name}' does not run under seed {number}: "
            f"{attempt.status}: {attempt.reason}"
        )
    return attempt.evidence


def _fit(part: Part, evidence: Evidence) -> Fit | None:
    """The training of the reference, its last one; None where it trains nothing and no criterion asks for it."""
    finished = [fit for fit in evidence.observed.fits if fit.finished and fit.history]
    asked = any(isinstance(criterion, TrainingCriterion | HistoryCriterion) for criterion in part.criteria)
    if not finished and asked:
        raise GraderError(f"the reference '{part.reference.name}' trains nothing that can be recorded")
    return finished[-1] if finished else None


def _layers(part: Part, evidence: Evidence, fit: Fit | None) -> tuple[Layer, ...]:
    """Of the model that was trained, or of the last one that was built."""
    snapshots = evidence.observed.snapshots
    if fit is not None:
        return snapshots[fit.snapshot].layers
    if not snapshots and part.compares:
        raise GraderError(f"the reference '{part.reference.name}' builds no model that can be recorded")
    return snapshots[-1].layers if snapshots else ()


def _recording(rubric: Rubric, part: Part, found: Sequence[Evidence]) -> Recording:
    first = found[0]
    fit = _fit(part, first)
    if first.environment is None:
        raise GraderError(f"the run of '{part.reference.name}' does not tell its environment")
    return Recording(
        part=part.id,
        reference_sha256=reference.digest(part.reference),
        max_epochs=rubric.execution.max_epochs,
        datasets={name: reference.digest(path) for name, path in rubric.datasets.items()},
        layers=_layers(part, first, fit),
        fit=replace(fit, history={}) if fit else None,
        runs=tuple(SeedRun(number, _history(part, evidence)) for number, evidence in enumerate(found)),
        environment=first.environment,
    )


def _history(part: Part, evidence: Evidence) -> dict[str, tuple[float, ...]]:
    fit = _fit(part, evidence)
    return dict(sorted(fit.history.items())) if fit else {}


def _shown(fit: Fit | None) -> str:
    if fit is None:
        return "no training"
    return ", ".join(f"{name} {values[-1]:.4f}" for name, values in sorted(fit.history.items()))
