"""Models that kernels have trained by themselves, handed in with their final weights and evaluated by the grader.

What is handed in is a request like any other, with the same checks; the evaluation runs where trainings do, after
the notebook's own run is over. What comes of it is a fact about these weights and these arrays, and no more: that
they are the fit's is for the checks to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from grader.evidence.form import FormError, read
from grader.model import Evaluated, Layer
from grader.training import allowed, results
from grader.training.channel import Inlet
from grader.training.frame import FrameError, Header, file_header
from grader.training.intake import Intake, NoRoomError, Taken, skip_tensors

MAX_HANDED = 20  # of one notebook; those after them stay what the kernel said
MAX_REASON = 300  # characters
MAX_FITS = 10**6
KEYS = frozenset({"evaluate", "fit", "tensors"})
MAX_KEY = 40  # characters that are repeated
SEEN = ("x", "y")


@dataclass(frozen=True, slots=True)
class Handed:
    """`spool` holds the request, None where there is nothing to evaluate; `why` says so then."""

    fit: int
    spool: BinaryIO | None = None
    arrays: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    layers: tuple[Layer, ...]


def take(inlet: Inlet, header: Header, intake: Intake, before: int) -> Handed:
    """Read one to its end; `before` counts what this notebook handed in before. `FrameError` where it is none."""
    others = sorted(header.content.keys() - KEYS)
    if others:
        raise FrameError(f"a request's header has the key '{others[0][:MAX_KEY]}', which it must not have")
    number, why = _asked(header)
    fault = why or allowed.fault(header.content.get("fit"))
    if before >= MAX_HANDED:
        fault = f"more than {MAX_HANDED} trainings of this notebook were handed in"
    if fault:
        skip_tensors(inlet, header)
        return Handed(number, why=fault)
    try:
        taken = intake.take(inlet, header, keep=True)
    except NoRoomError as error:
        return Handed(number, why=str(error))
    return Handed(number, taken.spool, _digests(header, taken))


def _asked(header: Header) -> tuple[int, str]:
    match header.content["evaluate"]:
        case {"fit": int(number), "why": str(why)} if _plausible(number):
            return number, why[:MAX_REASON] or "it cannot be handed in"
        case {"fit": int(number), **other} if _plausible(number) and not other:
            return number, ""
        case _:
            raise FrameError("a request to evaluate does not say which fit it is about")


def _plausible(number: int) -> bool:
    return type(number) is int and 0 <= number < MAX_FITS


def _digests(header: Header, taken: Taken) -> dict[str, str]:
    """As evidence names the arrays of a fit; only single arrays, whose digests can be compared with those seen."""
    arguments = header.content["fit"]["arguments"]
    prefix = "" if arguments.get("validation_split") else "validation "
    found = {}
    for name in SEEN:
        match arguments.get(name):
            case {"tensor": str(tensor)} if tensor in taken.facts and "digest" in taken.facts[tensor]:
                found[f"{prefix}{name}"] = str(taken.facts[tensor]["digest"])
    return found


def evaluate(handed: Handed, run: Callable[[BinaryIO], tuple[BinaryIO | None, str]], most: int) -> Evaluated:
    """`run` has a request answered in a sandbox: an open file with the result, or why there is none."""
    if handed.spool is None:
        return Evaluated(handed.fit, why=handed.why)
    with handed.spool as spool:
        spool.seek(0)
        file, failure = run(spool)
    if file is None:
        return Evaluated(handed.fit, why=f"it could not be evaluated: {failure}"[:MAX_REASON])
    with file:
        try:
            result = results.read(file.fileno(), most)
            state = file_header(file.fileno(), most).content["state"]
            layers = read(_Rebuilt, state).layers
        except (FrameError, FormError) as error:
            return Evaluated(
                handed.fit, why=f"its evaluation gave no result that can be read: {error}"[:MAX_REASON]
            )
    figures = {name: values[0] for name, values in result.history.items() if values}
    return Evaluated(handed.fit, figures, handed.arrays, layers)


def drop(handed: Handed) -> None:
    if handed.spool is not None:
        handed.spool.close()
