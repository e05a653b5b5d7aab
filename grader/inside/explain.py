"""What is wrong with a file that is no readable JSON, said so that a student knows what to do next."""

from __future__ import annotations

from typing import assert_never

from . import appearance
from .pull import MAX_DEPTH, MAX_DIGITS, TOO_LONG, FaultError, Kind

HAND_IN = "hand in the .ipynb file itself"
AGAIN = f"save the notebook again, and {HAND_IN}"
CLEAR = f"clear the notebook's outputs, save it again, and {HAND_IN}"
LINE_END = b"\n"
MAX_REASON = 300  # characters
MAX_QUOTED = 40  # characters


class UnreadableError(Exception):
    """Not a notebook that can be run; the message says why, for the student."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason if len(reason) <= MAX_REASON else reason[: MAX_REASON - 1] + "…")


def quoted(value: object) -> str:
    """As Python writes it, so that nothing in it is unseen or turns the line around."""
    if value is TOO_LONG:
        return "something long"
    text = repr(value[:MAX_QUOTED] if isinstance(value, str) else value)
    return text if len(text) <= 2 * MAX_QUOTED else text[: 2 * MAX_QUOTED] + "…"


def explained(fault: FaultError, data: bytes) -> UnreadableError:
    place = f"in line {data.count(LINE_END, 0, fault.at) + 1}, at byte {fault.at}"
    match fault.kind:
        case Kind.CUT_OFF if _begins_like_json(data):
            reason = (
                f"the file is not JSON: it is cut off after {len(data)} bytes, not saved or copied whole; {AGAIN}"
            )
        case Kind.CUT_OFF | Kind.UNEXPECTED:
            reason = f"the file is not JSON: {_appearance(fault, data, place)}"
        case Kind.CONSTANT:
            reason = f"the file holds {fault.found} {place}, which JSON does not know; {CLEAR}"
        case Kind.LONG_NUMBER:
            reason = f"the file holds a number of {fault.found} digits {place}, more than {MAX_DIGITS}; {AGAIN}"
        case Kind.DEEP:
            reason = f"the file is nested too deeply to be a notebook, over {MAX_DEPTH} levels {place}; {AGAIN}"
        case Kind.REPEATED:
            reason = f"the file has the name {quoted(fault.found)} twice in one object, {place}; {AGAIN}"
        case Kind.MANY:
            reason = f"the file holds too many parts to be a notebook, {place}; {CLEAR}"
        case _:
            assert_never(fault.kind)
    return UnreadableError(reason)


def _appearance(fault: FaultError, data: bytes, place: str) -> str:
    line = data.rfind(LINE_END, 0, fault.at) + 1
    if appearance.conflict(data[line : line + 8]):
        return f"it has marks of an unresolved Git merge {place}; resolve it, and {AGAIN}"
    look = None if _begins_like_json(data) else appearance.text(data)
    if look:
        return f"it looks like {look.what}; {look.step or AGAIN}"
    found = data[fault.at : fault.at + 10].decode("utf-8", "replace")
    return f"{quoted(found)} is not expected {place}; {AGAIN}" if found else f"it ends {place}; {AGAIN}"


def _begins_like_json(data: bytes) -> bool:
    return data[: appearance.LOOKED_AT].lstrip().startswith((b"{", b"["))
