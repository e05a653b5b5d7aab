"""Bytes from a sandbox -> Evidence: strict JSON, checked field by field, never unpickled or evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from grader.errors import EvidenceError
from grader.model import Evidence, Status

MAX_BYTES = 32 * 1024**2
MAX_VALUES = 150_000  # each one that is wrong costs a kilobyte to report
MAX_WHOLE = 2**53  # where whole numbers stop being exact as floats; no count or size comes near it

# What a harness may say of a run; the other statuses are the grader's own to give.
ENDINGS = frozenset(
    {
        Status.GRADED,
        Status.NOTEBOOK_ERROR,
        Status.TIMEOUT,
        Status.OUT_OF_MEMORY,
        Status.OUTPUT_LIMIT,
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
    _check_size(data)
    try:
        evidence = _adapter().validate_json(data, strict=True)
    except ValidationError as error:
        raise EvidenceError(_first_fault(error)) from None
    _check_references(evidence)
    _check_whole_numbers(evidence)
    return evidence


def _check_size(data: bytes) -> None:
    """Count before anything is built: numbers in a list are cheap to send and dear to look at one by one."""
    try:
        waiting = [from_json(data)]
    except ValueError as error:
        raise EvidenceError(f"the evidence is not JSON: {error}"[:300]) from None
    count = 0
    while waiting:
        value = waiting.pop()
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        count += len(inner)
        if count > MAX_VALUES:
            raise EvidenceError(f"the evidence holds more than {MAX_VALUES} values")
        waiting.extend(each for each in inner if isinstance(each, dict | list))


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


def _check_whole_numbers(evidence: Evidence) -> None:
    """JSON's may have thousands of digits, which arithmetic and formatting refuse to handle."""
    todo: list[Any] = [evidence]
    while todo:
        value = todo.pop()
        if isinstance(value, int) and not -MAX_WHOLE <= value <= MAX_WHOLE:
            raise EvidenceError(f"the evidence holds a whole number of {value.bit_length()} bits")
        todo.extend(_parts(value))


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    return value if isinstance(value, tuple) else ()
