"""What students get: the rubric, the data and the recordings, without what is hidden and without the reference.

The rubric is written anew, since its comments and a criterion's title may tell what is hidden. Of a recording stays
what the criteria that are left compare with, and the numbers of samples, on which the scale of a band depends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from grader import durable, reference
from grader.errors import GraderError, UsageError
from grader.model import (
    Comparing,
    Compiled,
    Criterion,
    EpochChoice,
    Fit,
    HistoryCriterion,
    Part,
    Recording,
    Rubric,
    SeedRun,
    SummaryCriterion,
    TrainingCriterion,
)
from grader.packing import Member, inside, zipped

RUBRIC = "rubric.yaml"
_TOP = """\
# Made by `grader bundle`. Check a notebook with: grader check NOTEBOOK
# {points} of the assignment's {of} points can be checked with it.
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """`points` are those of the criteria that are not hidden, of `of` in all."""

    members: tuple[Member, ...]
    points: float
    of: float


def bundle(rubric: Rubric) -> Bundle:
    """Raises UsageError where the rubric cannot be split, GraderError where data or a recording cannot be read."""
    points = sum(_points(part) for part in rubric.parts)
    if not points:
        raise UsageError(f"'{rubric.path}' hides every criterion; expected one that students may see: unhide one")
    return Bundle(tuple(_members(rubric, points)), points, rubric.points)


def write(made: Bundle, to: Path) -> int:
    """A zip where `to` ends so, else a folder; returns bytes written. UsageError where something is in the way."""
    if to.suffix.lower() == ".zip":
        data = zipped(made.members)
        durable.replace(to, data)
        return len(data)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UsageError(f"'{to}' is there already; expected a new name or an empty folder: name another with --to")
    for name, content, _ in made.members:
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sum(len(content) for _, content, _ in made.members)


def _points(part: Part) -> float:
    """Of what is not hidden; as many for each accepted reference, as the whole rubric has it."""
    totals = {one.title: sum(each.points for each in _shown(one)) for one in part.accepted}
    if len(set(totals.values())) > 1:
        listed = ", ".join(f"{points:g} for {title}" for title, points in totals.items())
        raise UsageError(
            f"without what is hidden, the points of part '{part.id}' differ: {listed}; expected as many for each "
            "reference: hide criteria of the same points for all of them"
        )
    return next(iter(totals.values()))


def _shown(part: Part) -> tuple[Criterion, ...]:
    return tuple(each for each in part.criteria if not each.hidden)


def _members(rubric: Rubric, points: float) -> Iterator[Member]:
    yield RUBRIC, _rubric(rubric, points).encode(), False
    for path in sorted(set(rubric.datasets.values())):
        yield inside(rubric, path), _read(path), False
    for part in rubric.parts:
        for one in part.accepted:
            if any(isinstance(each, Comparing) for each in _shown(one)):
                path = reference.path_for(one)
                recording = veiled(reference.load(path), _shown(one))
                yield inside(rubric, path), reference.text(recording).encode(), False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraderError(f"'{path}': {error.strerror}; put the file there, since the bundle holds it") from error


# --- the rubric ------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True


def _rubric(rubric: Rubric, points: float) -> str:
    document = yaml.safe_load(rubric.path.read_text("utf-8-sig"))
    document["points"] = _plain(points)
    document.pop("students", None)  # names people
    document.get("execution", {}).pop("python", None)  # a path of the course's machine
    shown = {part.id for part in rubric.parts if _points(part)}
    document["parts"] = {str(name): _part(part) for name, part in document["parts"].items() if str(name) in shown}
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return _TOP.format(points=_plain(points), of=_plain(rubric.points)) + text


def _part(part: dict[str, Any]) -> dict[str, Any]:
    return part | {"criteria": [each for each in part["criteria"] if not each.get("hidden")]}


def _plain(points: float) -> float:
    return int(points) if float(points).is_integer() else points


# --- a recording -----------------------------------------------------------------------------------------------


def veiled(recording: Recording, shown: tuple[Criterion, ...]) -> Recording:
    """Without what none of the criteria compares with."""
    histories = [each for each in shown if isinstance(each, HistoryCriterion)]
    epochs = _epochs(histories)
    return replace(
        recording,
        layers=recording.layers if any(isinstance(each, SummaryCriterion) for each in shown) else (),
        fit=_fit(recording.fit, shown),
        runs=_runs(recording.runs, epochs),
        others=tuple(replace(each, runs=_runs(each.runs, epochs)) for each in recording.others),
    )


def _fit(fit: Fit | None, shown: tuple[Criterion, ...]) -> Fit | None:
    if fit is None or any(isinstance(each, TrainingCriterion) for each in shown):
        return fit
    told = Compiled(optimizer="", learning_rate=None, loss="")
    return replace(fit, compiled=told, batch_size=None, epochs=0, validation_split=0.0, arrays={})


def _epochs(histories: list[HistoryCriterion]) -> int | None:
    """How many are looked at; None for all."""
    if any(isinstance(each.epochs, EpochChoice) for each in histories):
        return None
    return max((epoch for each in histories for epoch in each.epochs if isinstance(epoch, int)), default=0)


def _runs(runs: tuple[SeedRun, ...], epochs: int | None) -> tuple[SeedRun, ...]:
    return tuple(
        replace(run, history={name: values[:epochs] for name, values in run.history.items()} if epochs != 0 else {})
        for run in runs
    )
