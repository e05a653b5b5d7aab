"""The stored evidence of a reference run, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model.evidence import Environment, Fit, Layer


@dataclass(frozen=True, slots=True)
class SeedRun:
    """One run of the reference under one seed: metric -> one value per trained epoch."""

    seed: int
    history: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Stratum:
    """Runs that were made in one environment, which another one may shift as a whole."""

    environment: Environment
    runs: tuple[SeedRun, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """The output that a recording was imported from: its file's name and digest.

    `total` is the number of parameters that it printed below its table, None where it printed none.
    """

    name: str
    sha256: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """The stored evidence of a reference run.

    `fit.history` is empty: the histories are in `runs`. A reference that trains nothing has no `fit`. Judging
    looks at `runs`, which were made in `environment`; `others` are the strata that were recorded elsewhere.
    One that was read from a `published` output has a single run, of unknown seed and environment, and no `fit`.
    """

    part: str
    reference_sha256: str
    max_epochs: int | None
    datasets: Mapping[str, str]
    layers: tuple[Layer, ...]
    fit: Fit | None
    runs: tuple[SeedRun, ...]
    environment: Environment
    others: tuple[Stratum, ...] = ()
    published: Published | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """The closed interval that a metric may lie in, `how` it was obtained, and the recorded centre."""

    low: float
    high: float
    centre: float
    how: str
