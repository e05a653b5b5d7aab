"""Commands and how long they take, start and end of the process included."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SHOWN = 3_000  # characters of what a failed command said
QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"}  # the same for everybody: processors only


class BenchmarkError(Exception):
    """A command that has to work for the figures to mean anything does not."""


@dataclass(frozen=True, slots=True)
class Timed:
    seconds: float
    output: str


def timed(command: Sequence[str | Path], folder: Path) -> Timed:
    """Run it in `folder`. Raises BenchmarkError with the command's own last words."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=os.environ | QUIET, capture_output=True, text=True, errors="replace", check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        said = (done.stdout + done.stderr)[-SHOWN:]
        raise BenchmarkError(f"'{shown(command)}' ended with exit code {done.returncode}:\n{said}")
    return Timed(seconds, done.stdout)


def shown(command: Sequence[str | Path]) -> str:
    """As one would type it: names of files without their folders, which are temporary."""
    return " ".join(_typed(command))


def _typed(command: Sequence[str | Path]) -> Iterator[str]:
    for word in command:
        yield word.name if isinstance(word, Path) else word
