"""Models that kernels have trained by themselves, handed in with their final weights and evaluated by the grader.

What is handed in is a request like any other, with the same checks; the evaluation runs where trainings do, after
the notebook's own run is over. What comes of it is a fact about these weights and these arrays, and no more: that
they are the fit's is for the checks to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

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
MAX_PARTS = 100  # inputs


@dataclass(frozen=True, slots=True)
class Handed:
    """`spool` holds the request, None where there is nothing to evaluate; `why` says so then."""

    fit: int
    spool: BinaryIO | None = None
    arrays: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    split: float = 0.0


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    """`imitations` are metrics and the like that go by the name of another."""

    layers: tuple[Layer, ...]
    loss: str
    imitations: tuple[str, ...]


def take(inlet: Inlet, header: Header, intake: Intake, before: int) -> Handed:
    """Read one to its end; `before` counts what this notebook handed in before. `FrameError` where it is none."""
    others = sorted(header.content.keys() - KEYS)
    if others:
        raise FrameError(f"a request's header has the key '{others[0][:MAX_KEY]}', which it must not have")
    number, why = _asked(header)
    fault = why or allowed.fault(header.content.get("fit")) or _weighted(header)
    if before >= MAX_HANDED:
        fault = f"more than {MAX_HANDED} trainings of this notebook were handed in"
    if fault:
        skip_tensors(inlet, header)
        return Handed(number, why=fault)
    try:
        taken = intake.take(inlet, header, keep=True)
    except NoRoomError as error:
        return Handed(number, why=str(error))
    split = header.content["fit"]["arguments"].get("validation_split")
    return Handed(number, taken.spool, _digests(header, taken), split=split if isinstance(split, float) else 0.0)


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


def _weighted(header: Header) -> str:
    weighted = header.content["fit"]["arguments"].get("sample_weight") is not None
    return "it validated with sample weights, which evidence does not tell" if weighted else ""


def _digests(header: Header, taken: Taken) -> dict[str, str]:
    """Of what was validated on."""
    arguments = header.content["fit"]["arguments"]
    prefix = "" if arguments.get("validation_split") else "validation "
    return digests({f"{prefix}{name}": arguments.get(name) for name in SEEN}, taken)


def trained_on(header: Header, taken: Taken) -> dict[str, str]:
    """Digests of the arrays with which a training was asked for."""
    arguments = header.content["fit"]["arguments"]
    data = {name: arguments.get(name) for name in SEEN}
    match arguments.get("validation_data"):
        case {"tuple": [x, y, *_]} | {"list": [x, y, *_]}:
            data |= {"validation x": x, "validation y": y}
        case _:
            pass
    return digests(data, taken)


def digests(data: Mapping[str, Any], taken: Taken) -> dict[str, str]:
    """Named as evidence names the arrays of a fit; what nobody knows is missing."""
    named = [pair for name, told in data.items() for pair in _named(name, told)]
    return {
        name: str(taken.facts[tensor]["digest"])
        for name, tensor in named
        if tensor in taken.facts and "digest" in taken.facts[tensor]
    }


def _named(name: str, told: Any) -> list[tuple[str, str]]:
    """Names of arrays and of their tensors; several inputs are told in a list, a tuple or a dict."""
    match told:
        case {"tensor": str(tensor)}:
            return [(name, tensor)]
        case {"list": list(parts)} | {"tuple": list(parts)}:
            return [pair for at, part in enumerate(parts[:MAX_PARTS]) for pair in _named(f"{name}[{at}]", part)]
        case {"dict": list(parts)}:
            pairs = [part for part in parts[:MAX_PARTS] if isinstance(part, list) and len(part) == 2]  # noqa: PLR2004 - key and value
            return [pair for key, part in pairs for pair in _named(f"{name}[{key}]", part)]
        case _:
            return []


def evaluate(handed: Handed, run: Callable[[BinaryIO], tuple[BinaryIO | None, str]], most: int) -> Evaluated:
    """`run` has a request answered in a sandbox: an open file with the result, or why there is none."""
    if handed.spool is None:
        return Evaluated(handed.fit, why=handed.why)
    with handed.spool as spool:
        spool.seek(0)
        file, failure = run(spool)
    if file is None:
        return Evaluated(handed.fit, why=f"it could not be evaluated: {_plainly(failure)}"[:MAX_REASON])
    with file:
        try:
            result = results.read(file.fileno(), most)
            state = file_header(file.fileno(), most).content["state"]
            rebuilt = read(_Rebuilt, state)
        except (FrameError, FormError) as error:
            return Evaluated(
                handed.fit, why=f"its evaluation gave no result that can be read: {error}"[:MAX_REASON]
            )
    figures = {name: values[0] for name, values in result.history.items() if values}
    if rebuilt.imitations:
        return Evaluated(handed.fit, why=rebuilt.imitations[0][:MAX_REASON])
    return Evaluated(handed.fit, figures, handed.arrays, rebuilt.layers, loss=rebuilt.loss, split=handed.split)


def _plainly(failure: str) -> str:
    """The error with which the evaluation ended, without the log before it."""
    lines = failure.strip().splitlines() or [failure]
    kind, _, words = lines[-1].partition(": ")
    return words if kind.endswith("Error") and words else lines[0]


def drop(handed: Handed) -> None:
    if handed.spool is not None:
        handed.spool.close()
