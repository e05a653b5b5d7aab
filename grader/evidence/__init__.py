"""Bytes from a sandbox -> Evidence: strict JSON, checked field by field, never unpickled or evaluated.

What is too much is counted in the bytes, before anything is built of them (`bounds`); what is built is
checked against the types of the model, to the first fault (`form`). So memory stays in proportion to
`MAX_BYTES`, whatever the bytes are.
"""

from __future__ import annotations

from pydantic_core import from_json

from grader.errors import EvidenceError
from grader.evidence import bounds
from grader.evidence.form import FormError, read
from grader.model import Evidence, Status

MAX_BYTES = 16 * 1024**2

# What a harness may say of a run; the other statuses are the grader's own to give.
ENDINGS = frozenset(
    {
        Status.GRADED,
        Status.NOTEBOOK_ERROR,
        Status.TIMEOUT,
        Status.OUT_OF_MEMORY,
        Status.OUTPUT_LIMIT,
        Status.DISK_LIMIT,
        Status.PROCESS_LIMIT,
        Status.KERNEL_DIED,
        Status.UNREADABLE,
    }
)


def decode(data: bytes) -> Evidence:
    """The evidence, or `EvidenceError`. Histories may hold NaN and infinity; texts that are too long are cut."""
    if len(data) > MAX_BYTES:
        raise EvidenceError(f"the evidence has {len(data)} bytes, more than {MAX_BYTES}")
    excess = bounds.excess(data)
    if excess:
        raise EvidenceError(excess)
    try:
        evidence = read(Evidence, from_json(data))
    except FormError as error:
        raise EvidenceError(f"the evidence {error}"[:300]) from None
    except ValueError as error:
        raise EvidenceError(f"the evidence is not JSON: {error}"[:300]) from None
    excess = bounds.excess_code(evidence)
    if excess:
        raise EvidenceError(excess)
    _check_references(evidence)
    return bounds.cut(evidence)


def _check_references(evidence: Evidence) -> None:
    if evidence.ended not in ENDINGS:
        raise EvidenceError(f"the evidence claims the status '{evidence.ended}', which is not its to give")
    count = len(evidence.observed.snapshots)
    summaries = [call.snapshot for call in evidence.observed.summaries]
    fits = [fit.snapshot for fit in evidence.observed.fits]
    for snapshot in summaries + fits:
        if not 0 <= snapshot < count:
            raise EvidenceError(f"the evidence refers to snapshot {snapshot} of {count}")
