"""Where a recording was made, and what that means where others are graded.

A recording holds one stratum for each environment that it was made in. What can shift all runs at once must be the
same for a stratum to speak for another environment: the device, the GPU's model, the versions of keras, tensorflow
and numpy, and Python's minor version. The platform, the CPU's model, the number of threads, determinism and other
packages change runs no more than another seed does, as a rule: where they differ, that is told and nothing more.

Another environment never widens a band. Where no stratum is of one like this, the first of the same device judges,
or else the first, and the run's remarks say so, with the command that records here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.model import Stratum

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.model import Device, Environment, Recording, SeedRun

SHIFTING = ("keras", "numpy", "tensorflow")  # packages whose versions must be the same
ADD = "`grader reference record --add` records here"


def each(recording: Recording) -> tuple[Recording, ...]:
    """The recording as each of its strata tells it, the first one first; none has `others`."""
    strata = [Stratum(recording.environment, recording.runs), *recording.others]
    return tuple(replace(recording, environment=one.environment, runs=one.runs, others=()) for one in strata)


def choose(recording: Recording, device: Device, here: Callable[[], Environment]) -> Recording:
    """The stratum that judges what runs on this device of this machine; `here` is asked only where it matters.

    Of those that match, the one with the fewest differences. Threads are no difference: grading uses the stratum's.
    """
    strata = each(recording)
    same = [one for one in strata if one.environment.device is device]
    if len(same) < 2:  # noqa: PLR2004 - nothing to choose from
        return (same or strata)[0]
    environment = here()

    def distance(one: Recording) -> tuple[int, int]:
        asked = replace(environment, threads=one.environment.threads)
        return len(shifts(one.environment, asked)), len(differences(one.environment, asked))

    matching = [one for one in same if distance(one)[0] == 0]
    return min(matching, key=distance) if matching else same[0]


def add(recording: Recording, environment: Environment, runs: Sequence[SeedRun]) -> Recording:
    """With these runs in their stratum, or as a new one, the last; of a seed that was there the new run counts."""
    strata = [Stratum(one.environment, one.runs) for one in each(recording)]
    at = next((n for n, one in enumerate(strata) if not differences(one.environment, environment)), len(strata))
    old = strata[at].runs if at < len(strata) else ()
    by_seed = {run.seed: run for run in (*old, *runs)}
    kept = strata[at].environment if at < len(strata) else environment
    strata[at : at + 1] = [Stratum(kept, tuple(by_seed[seed] for seed in sorted(by_seed)))]
    first, *others = strata
    return replace(recording, environment=first.environment, runs=first.runs, others=tuple(others))


def runs_in(recording: Recording, environment: Environment) -> tuple[SeedRun, ...]:
    """What was recorded in this very environment; whether a run is deterministic shows only when it is run."""
    found = (
        one.runs
        for one in each(recording)
        if not differences(one.environment, replace(environment, deterministic=one.environment.deterministic))
    )
    return next(found, ())


# --- one environment and another ---------------------------------------------------------------------------


def shifts(recorded: Environment, here: Environment) -> tuple[str, ...]:
    """What differs of that which can shift all runs, by name."""
    facts = [
        ("device", recorded.device, here.device),
        ("GPU", recorded.gpu, here.gpu),
        *((name, recorded.versions.get(name), here.versions.get(name)) for name in SHIFTING),
        ("python", _minor(recorded), _minor(here)),
    ]
    return tuple(name for name, was, now in facts if was != now)


def _minor(environment: Environment) -> list[str]:
    return environment.versions.get("python", "").split(".")[:2]


def warning(recorded: Environment, here: Environment) -> str:
    """Where what judges was recorded in an environment that may shift all runs; empty where it was not."""
    names = shifts(recorded, here)
    if not names:
        return ""
    return (
        f"nothing was recorded in an environment like this one (other: {', '.join(names)}), and the intervals of "
        f"another judge, no wider than they were; {ADD}"
    )


def differences(recorded: Environment, here: Environment) -> tuple[str, ...]:
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
