"""What this machine has, and what is missing to grade here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata

from grader import linux, reference, strata
from grader.errors import GraderError
from grader.model import Device, Execution, Isolation, Part, Recording, Rubric
from grader.sandbox import Layer, devices, layers

NEEDED = ("tensorflow", "keras", "numpy", "ipykernel", "nbclient")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination.

    `well` is False where something must be mended before grading, None for what is not there and not needed.
    """

    what: str
    found: str
    well: bool | None = True


def findings(rubric: Rubric | None) -> tuple[Finding, ...]:
    return tuple(_findings(rubric))


def _findings(rubric: Rubric | None) -> Iterator[Finding]:
    yield Finding("grader", f"{metadata.version('grader')}, Python {sys.version.split()[0]}")
    yield from _isolation(rubric.execution if rubric else Execution())
    try:
        machine = devices.machine(rubric.execution.python if rubric else None)
    except GraderError as error:
        yield Finding("notebooks' interpreter", str(error), well=False)
        return
    yield from _interpreter(machine)
    if rubric is None:
        yield Finding("rubric", "none was found; name one with --rubric", well=False)
        return
    yield Finding("rubric", f"{rubric.title}: {len(rubric.parts)} part(s), {rubric.points:g} points")
    for name, path in rubric.datasets.items():
        there = path.exists()
        yield Finding(name, "present" if there else f"'{path}' is missing; put it there", well=there)
    for part in (one for each in rubric.parts for one in each.accepted):
        yield from _part(rubric, part, machine)


def _isolation(execution: Execution) -> Iterator[Finding]:
    """Each way to a layer, tried, the strongest first; a run uses the first that works.

    A layer that does not work is a fault only where nothing but `none` is left.
    """
    if not linux.here():
        found = f"{linux.name()} has no walls: `check` runs your own notebook with your rights; `grade` needs Linux"
        yield Finding("isolation 'none'", found, well=None)
        return
    tried = list(layers.trials(execution))
    usable = [trial.layer.isolation for trial in tried if not trial.fault]
    for trial in tried:
        found = trial.fault or ("used" if trial.layer.isolation is usable[0] else "works here too")
        yield Finding(
            f"isolation '{trial.layer.isolation}'",
            f"{trial.way}: {found}",
            well=True if not trial.fault else None if usable[0] is not Isolation.NONE else False,
        )
    yield _warm_start(execution, next(trial.layer for trial in tried if not trial.fault))
    if usable[:1] == [Isolation.NONE]:
        yield Finding("isolation", f"only with your own rights. {layers.REMEDY}", well=False)


def _warm_start(execution: Execution, layer: Layer) -> Finding:
    """Tried, as the layers are; without it every notebook imports TensorFlow by itself."""
    if layer.bwrap is not None:
        found = f"no: only '{layer.bwrap}' may make namespaces here, and it starts a new program each time"
        return Finding("warm start", found, well=None)
    fault = layers.fault_when_warm(layer, execution)
    if fault:
        return Finding("warm start", f"no, every notebook starts an interpreter of its own: {fault}", well=None)
    return Finding("warm start", "runs begin as forks of a process that has imported TensorFlow")


def _interpreter(machine: devices.Machine) -> Iterator[Finding]:
    for name in NEEDED:
        version = machine.versions.get(name)
        yield Finding(name, version or "not installed in the notebooks' interpreter", well=version is not None)
    yield Finding("CPU", machine.cpu)
    yield Finding("GPU", ", ".join(machine.gpus) or "none that TensorFlow sees; notebooks run on the CPU")


def _part(rubric: Rubric, part: Part, machine: devices.Machine) -> Iterator[Finding]:
    name = f"recording of {part.title}"
    if not part.compares:
        yield Finding(name, "not needed: no criterion compares anything with the reference")
        return
    try:
        recording = reference.of(part)
    except GraderError as error:
        yield Finding(name, str(error), well=False)
        return
    yield Finding(name, _made(recording))
    changed = reference.changes(recording, rubric, part)
    again = f"; run `grader reference {'import' if recording.published else 'record'}`"
    found = "; ".join(changed) + again if changed else "reference and data are as recorded"
    yield Finding(f"{name}, up to date?", found, well=not changed)
    if recording.published:
        return  # it was made nowhere that is known
    yield Finding(f"{name}, made elsewhere?", _elsewhere(machine, recording))


def _made(recording: Recording) -> str:
    if recording.published:
        return f"imported from '{recording.published.name}'"
    return "; ".join(f"{len(one.runs)} seeds, on {one.environment.device}" for one in strata.each(recording))


def _elsewhere(machine: devices.Machine, recording: Recording) -> str:
    """How the stratum that judges here differs from this machine."""
    device = recording.environment.device if machine.gpus else Device.CPU
    chosen = strata.choose(recording, device, lambda: devices.environment(machine, device, 0)).environment
    here = replace(
        devices.environment(machine, device, chosen.threads), deterministic=chosen.deterministic, seed=chosen.seed
    )
    told = [*strata.differences(chosen, here), *([strata.ADD] if strata.shifts(chosen, here) else [])]
    return "; ".join(told) or "made in an environment like this one"
