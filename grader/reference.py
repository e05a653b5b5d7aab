"""Recordings of reference runs: kept as JSON beside the reference, and the intervals that follow from them.

A band is the prediction interval for one more run, from the recorded seeds: mean ± t(n-1) s sqrt(1 + 1/n)
on a scale on which a metric's spread is about normal, at a coverage that all metrics share (Bonferroni).
Losses are taken as logarithms. Proportions of samples, such as accuracies, are taken as log odds of
(k + 1/2) / (n + 1), k of n samples being right, so that 0 and 1 have a place. Others are taken as they are.

What this does not know: that metrics move together (the joint coverage is a lower bound), and that another
processor, or another TensorFlow, may shift all runs; `environment_differences` tells.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from statistics import fmean, stdev
from typing import TYPE_CHECKING, assert_never

from grader import durable
from grader.errors import GraderError
from grader.model import BandTolerance, Fit, Interval, Recording, Rubric, Tolerance, canonical_metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pydantic import TypeAdapter, ValidationError

    from grader.model import Environment, HistoryCriterion, Part, SeedRun

MAX_BYTES = 64 * 1024**2
MIN_SEEDS = 3  # fewer say next to nothing about the spread
RECORD = "record it with `grader reference record`"

LOSS_FLOOR = 1e-7  # what Keras adds to keep logarithms finite
PROPORTIONS = ("acc", "auc", "precision", "recall", "f1", "iou")
UNKNOWN_SAMPLES = 10_000  # stands for a sample count that was not observed
MAX_EXPONENT = 700.0  # exp beyond it overflows
LEAST_WIDTH = 1e-6  # relative half-width of a band whose seeds all gave the same value


# --- the file ----------------------------------------------------------------------------------------------


def path_for(part: Part) -> Path:
    return part.reference.parent / "recordings" / f"{part.id}.json"


def load(path: Path) -> Recording:
    """Raises `GraderError` where the file is missing, too large, or not a recording."""
    from pydantic import ValidationError

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise GraderError(f'"{path}" is missing, so there is nothing to compare with: {RECORD}') from None
    except OSError as error:
        raise GraderError(f'"{path}" cannot be read: {error.strerror}; allow it, or {RECORD}') from error
    if len(content) > MAX_BYTES:
        raise GraderError(f'"{path}" is larger than {MAX_BYTES:,} bytes and is no recording: {RECORD}')
    try:
        return _adapter().validate_json(content, strict=True)
    except ValidationError as error:
        raise GraderError(f'"{path}" is not a recording: {_first_fault(error)}; {RECORD}') from error


@cache
def _adapter() -> TypeAdapter[Recording]:
    """Made on first use: it takes a fifth of a second that `grader --help` does not have."""
    from pydantic import TypeAdapter

    return TypeAdapter(Recording)


def _first_fault(error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    place = ".".join(map(str, faults[0]["loc"]))
    more = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else ""
    return f"{place + ': ' if place else ''}{faults[0]['msg']}{more}"


def store(path: Path, recording: Recording) -> None:
    """Writes beside `path` and moves it there, keys sorted, so that git shows what changed.

    NaN and infinities are written as the bare words `NaN` and `Infinity`, as Python's json does and
    pydantic reads: a diverged run stays what it was.
    """
    text = json.dumps(dataclasses.asdict(recording), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.replace(path, text.encode())
    except OSError as error:
        raise GraderError(f'"{path}" cannot be written: {error.strerror}; allow it, or free some space') from error


# --- intervals ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scale:
    """There and back, the values that the metric can take, and the half-width below which a band makes no sense."""

    there: Callable[[float], float]
    back: Callable[[float], float]
    least: float = -math.inf
    most: float = math.inf
    resolution: float = 0.0


def intervals(recording: Recording, criterion: HistoryCriterion) -> Mapping[str, Interval]:
    """For each metric of the recorded histories, by canonical name, in alphabetical order.

    Raises `GraderError` where the recording cannot answer: too few seeds or epochs, values not finite.
    """
    values = _values(recording, criterion)
    match criterion.tolerance:
        case Tolerance() as tolerance:
            return {metric: _around_mean(each, tolerance) for metric, each in values.items()}
        case BandTolerance(coverage):
            _must_vary(recording)
            return {
                metric: _band(each, _scale(metric, each, recording), coverage, len(values))
                for metric, each in values.items()
            }
        case _:
            assert_never(criterion.tolerance)


def _values(recording: Recording, criterion: HistoryCriterion) -> dict[str, tuple[float, ...]]:
    """Metric -> its value in the criterion's epoch, one a seed."""
    at = f'the recording of "{recording.part}"'
    histories = [{canonical_metric(name): run.history[name] for name in run.history} for run in recording.runs]
    metrics = sorted(histories[0]) if histories else []
    if not metrics:
        raise GraderError(f"{at} holds no histories: {RECORD}")
    if any(sorted(history) != metrics for history in histories):
        raise GraderError(f"{at} has seeds with different metrics, expected {', '.join(metrics)} in each: {RECORD}")
    epochs = min(len(values) for history in histories for values in history.values())
    if epochs < criterion.epoch:
        raise GraderError(
            f'{at} holds {epochs} {"epoch" if epochs == 1 else "epochs"}, but "{criterion.id}" asks for epoch '
            f"{criterion.epoch}: raise max_epochs and {RECORD}"
        )
    values = {metric: tuple(history[metric][criterion.epoch - 1] for history in histories) for metric in metrics}
    for metric, each in values.items():
        if not all(map(math.isfinite, each)):
            raise GraderError(f"{at} has a {metric} that is not finite: the reference diverged; mend and {RECORD}")
    return values


def _around_mean(values: Sequence[float], tolerance: Tolerance) -> Interval:
    centre = fmean(values)
    width = tolerance.atol + tolerance.rtol * abs(centre)
    how = f"rtol {tolerance.rtol:g}, atol {tolerance.atol:g} around the mean of {_seeds(len(values))}"
    return Interval(centre - width, centre + width, centre, how)


def _seeds(count: int) -> str:
    return f"{count} {'seed' if count == 1 else 'seeds'}"


def _must_vary(recording: Recording) -> None:
    at, more = f'the recording of "{recording.part}"', "run `grader reference record --seeds 16`"
    if len(recording.runs) < MIN_SEEDS:
        raise GraderError(f"{at} holds {_seeds(len(recording.runs))}, a band needs at least {MIN_SEEDS}: {more}")
    if identical(recording.runs):
        raise GraderError(
            f"{at} has the same history under each of its {_seeds(len(recording.runs))}: the seeds did not reach "
            f"the training, and a band needs their spread; look for what fixes the randomness, then {more}"
        )


def _band(values: Sequence[float], scale: _Scale, coverage: float, metrics: int) -> Interval:
    """At least as wide as the metric's resolution: one sample of a proportion, one millionth of others."""
    taken = [scale.there(value) for value in values]
    mean, half = fmean(taken), _t(coverage, metrics, len(values)) * stdev(taken) * math.sqrt(1 + 1 / len(values))
    centre = scale.back(mean)
    width = max(scale.resolution, LEAST_WIDTH * abs(centre))
    low, high = min(scale.back(mean - half), centre - width), max(scale.back(mean + half), centre + width)
    return Interval(
        max(low, scale.least), min(high, scale.most), centre, f"band of {_seeds(len(values))} at {coverage:g}"
    )


def _t(coverage: float, metrics: int, seeds: int) -> float:
    """Student's t such that all metrics together are covered at least with `coverage`."""
    from scipy.special import stdtrit

    return float(stdtrit(seeds - 1, 1 - (1 - coverage) / (2 * metrics)))


def _scale(metric: str, values: Sequence[float], recording: Recording) -> _Scale:
    validated = metric.startswith("val_")
    if metric.endswith("loss") and min(values) >= 0:
        return _Scale(lambda value: math.log(max(value, LOSS_FLOOR)), _loss_of, least=0.0)
    if any(word in metric for word in PROPORTIONS) and min(values) >= 0 and max(values) <= 1:
        return _log_odds(_samples(recording.fit, validated=validated) or UNKNOWN_SAMPLES)
    return _Scale(float, float)


def _samples(fit: Fit | None, *, validated: bool) -> int | None:
    if fit is None:
        return None
    return fit.validation_samples if validated else fit.samples


def _loss_of(logarithm: float) -> float:
    """What is not above the floor may as well be 0."""
    return math.exp(min(logarithm, MAX_EXPONENT)) if logarithm > math.log(LOSS_FLOOR) else 0.0


def _log_odds(samples: int) -> _Scale:
    def there(value: float) -> float:
        share = (value * samples + 0.5) / (samples + 1)
        return math.log(share / (1 - share))

    def back(odds: float) -> float:
        share = 1 / (1 + math.exp(min(-odds, MAX_EXPONENT)))
        return min(max((share * (samples + 1) - 0.5) / samples, 0.0), 1.0)

    return _Scale(there, back, least=0.0, most=1.0, resolution=1 / samples)


# --- what changed since ------------------------------------------------------------------------------------


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def changes(recording: Recording, rubric: Rubric, part: Part) -> tuple[str, ...]:
    """What the recording was made of and is no longer so, one phrase each; missing files are passed over."""
    files = [(f"'{part.reference.name}'", part.reference, recording.reference_sha256)]
    files += [(f"'{name}'", path, recording.datasets.get(name, "")) for name, path in rubric.datasets.items()]
    changed = [f"{name} is not the file that was recorded" for name, path, was in files if _differs(path, was)]
    here = rubric.execution.max_epochs
    if recording.max_epochs != here:
        changed.append(f"max_epochs was {recording.max_epochs or 'not set'}, and is {here or 'not set'}")
    return tuple(changed)


def _differs(path: Path, was: str) -> bool:
    return path.exists() and digest(path) != was


# --- seeds and environments --------------------------------------------------------------------------------


def identical(runs: Sequence[SeedRun]) -> bool:
    """Whether several seeds all left the very same history; NaN counts as equal to NaN."""
    histories = {json.dumps(run.history, sort_keys=True) for run in runs}
    return len(runs) > 1 and len(histories) == 1


def environment_differences(recorded: Environment, here: Environment) -> tuple[str, ...]:
    """What may make runs here differ from the recorded ones, one phrase each; seeds are no difference."""
    names = sorted({*recorded.versions, *here.versions})
    versions = [(f"{name} ", recorded.versions.get(name, ""), here.versions.get(name, "")) for name in names]
    facts = [
        *versions,
        ("platform ", recorded.platform, here.platform),
        ("CPU ", recorded.cpu, here.cpu),
        ("device ", recorded.device.value, here.device.value),
        ("GPU ", recorded.gpu, here.gpu),
        ("", f"{recorded.threads} threads", f"{here.threads} threads"),
        ("", _determinism(recorded), _determinism(here)),
    ]
    return tuple(
        f"{what + was if was else 'no ' + what.strip()} was recorded, {now or 'none'} is here"
        for what, was, now in facts
        if was != now
    )


def _determinism(environment: Environment) -> str:
    return "deterministic" if environment.deterministic else "not deterministic"
