"""Recordings of reference runs, kept as JSON beside the reference.

`bands` says what follows from their figures, `strata` what follows from where they were made.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING

from grader import durable
from grader.errors import GraderError
from grader.model import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter, ValidationError

    from grader.model import Part, Rubric

MAX_BYTES = 64 * 1024**2
RECORD = "record it with `grader reference record`"


# --- the file ----------------------------------------------------------------------------------------------


def path_for(part: Part) -> Path:
    name = f"{part.id}-{part.program}" if part.program else part.id
    return part.reference.parent / "recordings" / f"{name}.json"


def of(part: Part) -> Recording:
    """As `load`, with the command that makes it; that of a text can only be one that was imported."""
    path = path_for(part)
    if part.runnable:
        return load(path)
    how = f"import it with `grader reference import '{part.reference}'`"
    if not path.exists():
        raise GraderError(f'"{path}" is missing, so there is nothing to compare with: {how}')
    recording = load(path)
    if recording.published is None:
        raise GraderError(f'"{path}" was recorded from a notebook, and the reference is a text: {how}')
    return recording


def load(path: Path) -> Recording:
    """Raises `GraderError` where the file is missing, too large, or not a recording."""
    from pydantic import ValidationError

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise GraderError(f'"{path}" is missing, so there is nothing to compare with: {RECORD}') from None
    except OSError as error:
        raise GraderError(f'"{path}" cannot be read: {error.strerror}; allow it, or {RECORD}') from error
    if len(content) > MAX_BYTES:
        raise GraderError(f'"{path}" is larger than {MAX_BYTES:,} bytes and is no recording: {RECORD}')
    try:
        return _adapter().validate_json(content, strict=True)
    except ValidationError as error:
        raise GraderError(f'"{path}" is not a recording: {_first_fault(error)}; {RECORD}') from error


@cache
def _adapter() -> TypeAdapter[Recording]:
    """Made on first use: it takes a fifth of a second that `grader --help` does not have."""
    from pydantic import TypeAdapter

    return TypeAdapter(Recording)


def _first_fault(error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    place = ".".join(map(str, faults[0]["loc"]))
    more = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else ""
    return f"{place + ': ' if place else ''}{faults[0]['msg']}{more}"


def text(recording: Recording) -> str:
    """JSON, keys sorted, so that git shows what changed.

    NaN and infinities are written as the bare words `NaN` and `Infinity`, as Python's json does and
    pydantic reads: a diverged run stays what it was.
    """
    return json.dumps(dataclasses.asdict(recording), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def store(path: Path, recording: Recording) -> None:
    """Writes beside `path` and moves it there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.replace(path, text(recording).encode())
    except OSError as error:
        raise GraderError(f'"{path}" cannot be written: {error.strerror}; allow it, or free some space') from error


# --- what changed since ------------------------------------------------------------------------------------


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def changes(recording: Recording, rubric: Rubric, part: Part) -> tuple[str, ...]:
    """What the recording was made of and is no longer so, one phrase each; missing files are passed over."""
    if recording.published:  # an output tells neither its notebook nor its data
        own = not part.runnable and _differs(part.reference, recording.published.sha256)
        return (f"'{part.reference.name}' is not the file that was imported",) if own else ()
    files = [(f"'{part.reference.name}'", part.reference, recording.reference_sha256)]
    files += [(f"'{name}'", path, recording.datasets.get(name, "")) for name, path in rubric.datasets.items()]
    changed = [f"{name} is not the file that was recorded" for name, path, was in files if _differs(path, was)]
    here = rubric.execution.max_epochs
    if recording.max_epochs != here:
        changed.append(f"max_epochs was {recording.max_epochs or 'not set'}, and is {here or 'not set'}")
    return tuple(changed)


def _differs(path: Path, was: str) -> bool:
    return path.exists() and digest(path) != was
