"""The job: what the grader asks of the processes inside, read once by each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes; `threads` counts processes and their threads, all together."""

    timeout: float
    cell_timeout: float | None
    memory: int
    threads: int
    open_files: int
    scratch: int
    scratch_files: int
    file_size: int
    output: int
    messages: int
    evidence: int
    tensors: int


@dataclass(frozen=True)
class Confinement:
    """How the keeper confines itself, and what it may see from then on.

    `layer` is bubblewrap, landlock or none; `born` says that bwrap has made the namespaces already. `uid` is
    whom to become, None for an ordinary user who stays. `staging` is an empty folder for the mounts' making,
    `others` the number of threads that the uid runs besides.
    """

    layer: str
    born: bool
    uid: int | None
    others: int
    staging: str
    view: Mapping[str, Any]


@dataclass(frozen=True)
class Channels:
    """Open files by their numbers: the ways in and out of the sandbox.

    `lifeline` is a pipe that the grader holds, and on which it tells about waits. `requests` and `replies` are
    pipes between the kernel and the shared trainer, -1 where fits are not shared. All others are regular files.
    """

    notebook: int
    evidence: int
    executed: int
    verdict: int
    lifeline: int
    requests: int = -1
    replies: int = -1

    @property
    def training(self) -> tuple[int, ...]:
        """The kernel's way to the shared trainer, if it has one."""
        return (self.requests, self.replies) if self.requests >= 0 else ()


@dataclass(frozen=True)
class Job:
    """`program` is the module that the keeper starts; `root` is the scratch folder as it is seen inside.

    `data` maps listed names to files there.

    `mix` is 0 when a notebook is graded; a recording mixes it into the notebook's own seed calls. `warm` says that
    the keeper is a fork of the warm process, `walled` that there is a keeper and a confinement at all, `shared`
    that fits are handed to the shared trainer. `compat` names an older Keras whose names the kernel is to know.
    `answers` are given to `input()`, in turn.
    """

    program: str
    root: str
    data: Mapping[str, str]
    seed: int
    mix: int
    threads: int
    device: str
    deterministic: bool
    max_epochs: int | None
    limits: Limits
    confinement: Confinement
    channels: Channels
    warm: bool = False
    walled: bool = True
    shared: bool = True
    compat: str = ""
    answers: Sequence[str] = ()

    @property
    def work(self) -> str:
        return f"{self.root}/work"

    @property
    def run(self) -> str:
        """The folder of what harness and kernel share: sockets, this job, the probe's lines."""
        return f"{self.root}/run"

    @property
    def observed(self) -> str:
        return f"{self.run}/observed.jsonl"

    @property
    def file(self) -> str:
        return f"{self.run}/job.json"


def of(facts: Mapping[str, Any]) -> Job:
    parts = {"limits": Limits, "confinement": Confinement, "channels": Channels}
    return Job(**{**facts, **{name: kind(**facts[name]) for name, kind in parts.items()}})


def load(path: str) -> Job:
    return of(json.loads(Path(path).read_text("utf-8")))


def store(task: Job) -> None:
    """Where the kernel finds it; nothing in it is secret."""
    Path(task.file).write_text(json.dumps(asdict(task)), "utf-8")
