"""What running a submission gave, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.evidence import Evaluated, Evidence, SharedFit
from grader.model.terms import Status


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a notebook, and all of it that judging looks at.

    `raw` is the evidence as it came out of the sandbox, hostile bytes, and `evidence` what was decoded of them:
    empty where nothing came out, or nothing that can be read, and `status` then says why. `executed` is the
    executed notebook, hostile too. `seconds` are those of all runs where it had to be run again, `notes` say why
    it had to; everything else is of the last run. `served` are the trainings that the shared trainer gave to it,
    `evaluated` the models that its own kernel trained and the grader evaluated.
    """

    status: Status
    reason: str
    evidence: Evidence
    executed: bytes | None
    seconds: float
    isolation: str
    sha256: str
    notes: tuple[str, ...] = ()
    raw: bytes | None = None
    served: tuple[SharedFit, ...] = ()
    evaluated: tuple[Evaluated, ...] = ()
