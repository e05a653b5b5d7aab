"""The job file: what the grader asks the harness and the kernel to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """`timeout` in seconds, `memory` and `output` in bytes; `data` maps listed names to files.

    `mix` is 0 when a notebook is graded; a recording mixes it into the notebook's own seed calls.
    """

    notebook: str
    work: str
    evidence: str
    executed: str
    observed: str
    data: dict[str, str]
    seed: int
    mix: int
    threads: int
    device: str
    deterministic: bool
    max_epochs: int | None
    timeout: float
    memory: int
    output: int


def load(path: str) -> Job:
    return Job(**json.loads(Path(path).read_text("utf-8")))
