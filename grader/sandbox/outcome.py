"""What comes out of a run."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Evaluated, SharedFit, Status

MAX_EXECUTED = 64 * 1024**2  # bytes of the executed notebook
NO_KERNEL = 75  # exit code of a harness whose kernel did not start


@dataclass(frozen=True, slots=True)
class Exit:
    """What came out. `ended` is set where the sandbox itself ended the run or could not begin it.

    `sha256` is of the bytes that were run, `seconds` without waits for the shared trainer; `served` are the
    trainings that it gave, `evaluated` what came of the models that were handed to it.
    """

    evidence: bytes | None = None
    executed: bytes | None = None
    ended: Status | None = None
    reason: str = ""
    sha256: str = ""
    seconds: float = 0.0
    isolation: str = ""
    served: tuple[SharedFit, ...] = ()
    evaluated: tuple[Evaluated, ...] = ()
