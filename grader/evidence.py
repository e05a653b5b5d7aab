"""Bytes from a sandbox -> Evidence: strict JSON, checked field by field, never unpickled or evaluated."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, ValidationError

from grader.errors import EvidenceError
from grader.model import Evidence, Status

MAX_BYTES = 32 * 1024**2

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


@cache
def _adapter() -> TypeAdapter[Evidence]:
    return TypeAdapter(Evidence)


def decode(data: bytes) -> Evidence:
    """Evidence in full, or `EvidenceError`; histories may hold NaN and infinity."""
    if len(data) > MAX_BYTES:
        raise EvidenceError(f"the evidence has {len(data)} bytes, more than {MAX_BYTES}")
    try:
        evidence = _adapter().validate_json(data, strict=True)
    except ValidationError as error:
        raise EvidenceError(_first_fault(error)) from None
    _check_references(evidence)
    return evidence


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in fault["loc"])
    return f"the evidence is not in its form: {where or 'the whole'}: {fault['msg']}"[:300]


def _check_references(evidence: Evidence) -> None:
    if evidence.ended not in ENDINGS:
        raise EvidenceError(f"the evidence claims the status '{evidence.ended}', which is not its to give")
    count = len(evidence.observed.snapshots)
    summaries = [call.snapshot for call in evidence.observed.summaries]
    fits = [fit.snapshot for fit in evidence.observed.fits]
    for snapshot in summaries + fits:
        if not 0 <= snapshot < count:
            raise EvidenceError(f"the evidence refers to snapshot {snapshot} of {count}")
