"""What is to be run, and behind which walls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.model import Device, Execution, Isolation

START = Path(__file__).parents[1] / "inside" / "start.py"  # what begins every process inside


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of isolation and how this machine comes by it.

    `bwrap` makes the namespaces where they cannot be taken directly. `drops` says that a grader started as
    root gives the notebook a uid of its own.
    """

    isolation: Isolation
    bwrap: Path | None = None
    drops: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook and the conditions under which it runs.

    `mix` is 0 for a submission; a recording mixes it into the notebook's own seed calls. `max_epochs` and
    `deterministic` are what this attempt uses, whatever the rubric says. `program` is the inside module that
    the keeper starts, and `told` what it is told besides the names of data. `shared` says whether its fits may be
    handed to the shared trainer, if there is one.
    """

    notebook: Path
    datasets: Mapping[str, Path]
    execution: Execution
    device: Device
    threads: int
    seed: int
    layer: Layer
    mix: int = 0
    max_epochs: int | None = None
    deterministic: bool = True
    program: str = "harness"
    shared: bool = True
    told: Mapping[str, str] = field(default_factory=dict)
