"""Records a reference: runs its notebook under several seeds and keeps what it printed, built and trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader import bands, grade, reference, sandbox, strata
from grader.errors import GraderError, UsageError
from grader.model import (
    BandTolerance,
    Criterion,
    Device,
    Environment,
    Evidence,
    Fit,
    HistoryCriterion,
    Layer,
    Part,
    Recording,
    Rubric,
    SeedRun,
    Status,
    SummaryCriterion,
    TrainingCriterion,
)
from grader.progress import Progress
from grader.sandbox import devices

TRAINS = "expected a call of model.fit that ends: add one, or take `training` and `history` out of the rubric"
BUILDS = "expected a model of Keras: build one, or take `model_summary` out of the rubric"


@dataclass(frozen=True, slots=True)
class Session:
    """What to record, and on what: the conditions that all runs of one recording share.

    `run` is what runs a task; None is `sandbox.run`.
    """

    rubric: Rubric
    part: Part
    device: Device
    threads: int
    layer: sandbox.Layer
    run: grade.Runner | None = None


def recordable(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Those whose references can be run."""
    found = tuple(part for part in parts if part.runnable)
    if not found:
        told = "; ".join(not_recorded(part) for part in parts)
        raise UsageError(f"{told}. Import it with `grader reference import`")
    return found


def not_recorded(part: Part) -> str:
    return f"the reference of {part.title}, '{part.reference.name}', is a text, which is imported and not recorded"


def record(session: Session, seeds: int, progress: Progress, ran: Evidence | None = None) -> Path:
    """Run the part's reference under `seeds` seeds, and store the recording in place of any other; returns where.

    The first run is under exactly the conditions of grading; in the others the run's number is mixed into
    the rubric's seed and into the notebook's own seed calls. `ran` is what `first` gave, where it was called.
    """
    part, path = session.part, reference.path_for(session.part)
    _must_make_bands(part, seeds)
    _tell_what_is_replaced(part, path, progress)
    before = [] if ran is None else [ran]
    numbers = range(len(before), seeds)
    found = before + _run_all(session, numbers, _seed_runs(part, before), progress)
    reference.store(path, _recording(session.rubric, part, found))
    return path


def first(session: Session, seeds: int, progress: Progress) -> Evidence:
    """Run the reference once, under exactly the conditions of grading, where `seeds` can be recorded after it."""
    _must_make_bands(session.part, seeds)
    name = session.part.reference.name
    progress.begin(1, f"running {name}")
    try:
        progress.running(name)
        found = _run(session, 0)
        progress.done(name, "ran")
    finally:
        progress.end()
    return found


def lacking(criterion: Criterion, ran: Evidence) -> str:
    """Why there is nothing that this criterion could be compared with; empty where there is."""
    match criterion:
        case TrainingCriterion() | HistoryCriterion():
            return "" if _finished(ran) else "no training was seen to finish"
        case SummaryCriterion():
            return "" if ran.observed.snapshots else "no model of Keras was seen"
        case _:
            return ""


def add(session: Session, seeds: int, progress: Progress) -> Path:
    """Run it under `seeds` more seeds, and keep them beside what was recorded; returns where.

    What was recorded in an environment exactly like this one goes on, after its last seed; else a stratum begins.
    """
    rubric, part = session.rubric, session.part
    path = reference.path_for(part)
    recording = reference.of(part)
    if recording.published:
        raise UsageError(f"'{path}' was imported from '{recording.published.name}': record it anew, without --add")
    changed = reference.changes(recording, rubric, part)
    if changed:
        raise UsageError(f"nothing can be added to '{path}': {'; '.join(changed)}; record it anew, without --add")
    machine = devices.machine(rubric.execution.python, gpus=session.device is Device.GPU)
    before = strata.runs_in(recording, devices.environment(machine, session.device, session.threads))
    _must_make_bands(part, len(before) + seeds)
    first = max((run.seed + 1 for run in before), default=0)
    found = _run_all(session, range(first, first + seeds), before, progress)
    reference.store(path, strata.add(recording, _environment(part, found[0]), _seed_runs(part, found, first)))
    return path


def threads_of(part: Part, device: Device) -> int:
    """As many as what was recorded on this device had, so that more seeds can go on with it."""
    recording = reference.of(part)
    of_device = [one.environment for one in strata.each(recording) if one.environment.device is device]
    return (of_device or [recording.environment])[0].threads


def _must_make_bands(part: Part, seeds: int) -> None:
    if seeds < bands.MIN_SEEDS and any(_needs_band(criterion) for criterion in part.criteria):
        raise UsageError(
            f"{seeds} seeds make no band for {part.title}; expected at least {bands.MIN_SEEDS}: give --seeds 16"
        )


def _tell_what_is_replaced(part: Part, path: Path, progress: Progress) -> None:
    """Before the hours that it takes: what was recorded on other machines cannot be made again on this one."""
    try:
        count = len(strata.each(reference.load(path)))
    except GraderError:  # there is none, or none that could be of use
        return
    if count > 1:
        progress.note(
            part.title, f"this will replace what was recorded in {count} environments; --add would keep it"
        )


def _run_all(session: Session, numbers: range, before: Sequence[SeedRun], progress: Progress) -> list[Evidence]:
    found: list[Evidence] = []
    progress.begin(len(numbers), f"recording {session.part.title}")
    try:
        for number in numbers:
            progress.running(f"seed {number}")
            found.append(_run(session, number))
            progress.done(f"seed {number}", _shown(_fit(session.part, found[-1])))
            _must_spread(session.part, [*before, *_seed_runs(session.part, found, numbers[0])])
    finally:
        progress.end()
    return found


def _needs_band(criterion: Criterion) -> bool:
    return isinstance(criterion, HistoryCriterion) and isinstance(criterion.tolerance, BandTolerance)


def _must_spread(part: Part, runs: Sequence[SeedRun]) -> None:
    """Two equal histories are enough to know; the other seeds would only take their time."""
    if runs[0].history and bands.identical(runs):
        raise GraderError(
            f"{len(runs)} runs of '{part.reference.name}' gave the same history under different seeds, so nothing "
            "can be learnt about its spread. Look for fixed seeds in the notebook that the grader cannot vary, "
            "such as `seed=` arguments of layers and initializers, or weights that it loads."
        )


def task_of(session: Session, number: int) -> sandbox.Task:
    """The reference under one seed, of which 0 is that of grading."""
    rubric = session.rubric
    return sandbox.Task(
        notebook=session.part.reference,
        datasets=rubric.datasets,
        execution=rubric.execution,
        device=session.device,
        threads=session.threads,
        seed=(rubric.execution.seed + number) % 2**32,
        layer=session.layer,
        mix=number,
        max_epochs=rubric.execution.max_epochs,
    )


def _run(session: Session, number: int) -> Evidence:
    attempt = grade.execute(task_of(session, number), session.run)
    if attempt.status is not Status.GRADED:
        raise GraderError(
            f"the reference '{session.part.reference.name}' does not run under seed {number}: "
            f"{attempt.status}: {attempt.reason}; expected one that runs to its end: mend it there"
        )
    return attempt.evidence


def _fit(part: Part, evidence: Evidence) -> Fit | None:
    """The training of the reference, its last one; None where it trains nothing and no criterion asks for it."""
    finished = _finished(evidence)
    asked = any(isinstance(criterion, TrainingCriterion | HistoryCriterion) for criterion in part.criteria)
    if not finished and asked:
        raise GraderError(f"the reference '{part.reference.name}' trains nothing that can be recorded; {TRAINS}")
    return finished[-1] if finished else None


def _finished(evidence: Evidence) -> list[Fit]:
    return [fit for fit in evidence.observed.fits if fit.finished and fit.history]


def _layers(part: Part, evidence: Evidence, fit: Fit | None) -> tuple[Layer, ...]:
    """Of the model that was trained, or of the last one that was built."""
    snapshots = evidence.observed.snapshots
    if fit is not None:
        return snapshots[fit.snapshot].layers
    if not snapshots and part.compares:
        raise GraderError(f"the reference '{part.reference.name}' builds no model that can be recorded; {BUILDS}")
    return snapshots[-1].layers if snapshots else ()


def _recording(rubric: Rubric, part: Part, found: Sequence[Evidence]) -> Recording:
    first = found[0]
    fit = _fit(part, first)
    return Recording(
        part=part.title,
        reference_sha256=reference.digest(part.reference),
        max_epochs=rubric.execution.max_epochs,
        datasets={name: reference.digest(path) for name, path in rubric.datasets.items()},
        layers=_layers(part, first, fit),
        fit=replace(fit, history={}) if fit else None,
        runs=_seed_runs(part, found),
        environment=_environment(part, first),
    )


def _environment(part: Part, evidence: Evidence) -> Environment:
    if evidence.environment is None:
        raise GraderError(f"the run of '{part.reference.name}' does not tell its environment; see `grader doctor`")
    return evidence.environment


def _seed_runs(part: Part, found: Sequence[Evidence], first: int = 0) -> tuple[SeedRun, ...]:
    return tuple(SeedRun(number, _history(part, evidence)) for number, evidence in enumerate(found, first))


def _history(part: Part, evidence: Evidence) -> dict[str, tuple[float, ...]]:
    fit = _fit(part, evidence)
    return dict(sorted(fit.history.items())) if fit else {}


def _shown(fit: Fit | None) -> str:
    if fit is None:
        return "no training"
    return ", ".join(f"{name} {values[-1]:.4f}" for name, values in sorted(fit.history.items()))
