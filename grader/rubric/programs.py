"""What a rubric may say where a part accepts several references, and which criteria apply to which."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from grader.rubric.faults import one_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.rubric.document import Document, Loc
    from grader.rubric.faults import Fault

Items = list[tuple["Loc", dict[str, Any]]]
MOST_POINTS: Final = 1e6
ALL: Final = ("",)  # the one reference of a part that names none


def names(part: dict[str, Any]) -> tuple[str, ...]:
    """Of the part's references, as far as they are well formed."""
    several = part.get("references")
    named = tuple(name for name in several if isinstance(name, str)) if isinstance(several, dict) else ()
    return named or ALL


def applies(item: dict[str, Any], program: str) -> bool:
    """A program that there is nothing to choose from says nothing."""
    return item.get("program") is None or program in ("", *_asked(item))


def _asked(item: dict[str, Any]) -> list[object]:
    given = item.get("program")
    return given if isinstance(given, list) else [given]


def faults(document: Document, loc: Loc, part: dict[str, Any], criteria: Items) -> Iterator[Fault]:
    given = [name for name in ("reference", "references") if part.get(name) is not None]
    if not given:
        allowed = "a value, as it is needed: the reference notebook, or `references`, several of them by name"
        yield document.fault((*loc, "reference"), allowed, "nothing")
    if len(given) > 1:
        yield document.fault((*loc, "references"), "reference or references, not both")
    yield from _alike(document, loc, names(part))
    yield from _unknown(document, part, criteria)
    yield from _unequal(document, loc, part, criteria)


def _alike(document: Document, loc: Loc, programs: tuple[str, ...]) -> Iterator[Fault]:
    """They name files, and some file systems do not tell case apart."""
    for number, name in enumerate(programs):
        if name.casefold() in (other.casefold() for other in programs[:number]):
            yield document.fault((*loc, "references", name), "names that differ in more than case", quoted(name))


def _unknown(document: Document, part: dict[str, Any], criteria: Items) -> Iterator[Fault]:
    known = names(part)
    for loc, item in criteria:
        for number, name in enumerate(_asked(item)):
            place = (*loc, "program", number) if isinstance(item.get("program"), list) else (*loc, "program")
            if isinstance(name, str) and known == ALL:
                yield document.fault(place, "a program only where the part has `references`, by their names")
            elif isinstance(name, str) and name not in known:
                yield document.fault(place, one_of(known, name))


def _unequal(document: Document, loc: Loc, part: dict[str, Any], criteria: Items) -> Iterator[Fault]:
    first, *others = names(part)
    wanted = total(criteria, first)
    for other in others:
        found = total(criteria, other)
        if wanted is not None and found is not None and not math.isclose(wanted, found, abs_tol=1e-9):
            allowed = f"criteria that add up to {wanted:.12g} points, as those of {quoted(first)} do"
            yield document.fault((*loc, "references", other), allowed, f"{found:.12g} points for {quoted(other)}")


def total(criteria: Items, program: str) -> float | None:
    """Points that the criteria of this reference add up to; None where any is misshapen, or there is none."""
    points = [number(item.get("points")) for _, item in criteria if applies(item, program)]
    known = [each for each in points if each is not None]
    return math.fsum(known) if points and len(known) == len(points) else None


def number(value: object) -> float | None:
    """Of points, in the range that they may have."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_POINTS:
        return float(value)
    return None
