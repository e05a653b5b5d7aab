"""What the fields of a rubric may say together, and whether the files that it names are there.

The rules read the plain data, not the validated shape: they speak even where another field is at fault,
and pass over what is misshapen, of which `validation` speaks.
"""

from __future__ import annotations

import math
import os.path
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from grader.model import COLUMNS_AFTER, COLUMNS_BEFORE, COLUMNS_FINAL, Execution
from grader.rubric import handing_in, programs
from grader.rubric.faults import quoted
from grader.rubric.quantities import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.rubric.document import Document, Loc
    from grader.rubric.faults import Fault

RESERVED: Final = frozenset((*COLUMNS_BEFORE, *COLUMNS_AFTER, *COLUMNS_FINAL))

Items = list[tuple["Loc", dict[str, Any]]]


PatternFault = Callable[[str], str]
"""Why a pattern cannot be matched, empty where it can; the code check knows."""


def inconsistencies(
    document: Document,
    folder: Path,
    *,
    require_reference: bool,
    require_data: bool,
    pattern_fault: PatternFault,
) -> tuple[Fault, ...]:
    rubric = document.data if isinstance(document.data, dict) else {}
    parts = _parts(rubric)
    criteria = [_criteria(loc, part) for loc, part in parts]
    everything = [item for items in criteria for item in items]
    return (
        *_total(document, rubric, parts),
        *_times(document, rubric),
        *_names(document, parts),
        *(
            fault
            for (loc, part), items in zip(parts, criteria, strict=True)
            for fault in (*programs.faults(document, loc, part, items), *_ids(document, part, items))
        ),
        *(fault for item in everything for fault in _contradictions(document, *item)),
        *(fault for item in everything for fault in _patterns(document, *item, pattern_fault)),
        *_epochs(document, rubric, everything),
        *_files(document, folder, _references(parts) if require_reference else [], "a notebook"),
        *_files(document, folder, _datasets(rubric) if require_data else [], "a data file"),
        *handing_in.faults(document, rubric),
        *_files(document, folder, handing_in.mapping(rubric) if require_reference else [], "a CSV file"),
    )


def _patterns(document: Document, loc: Loc, item: dict[str, Any], pattern_fault: PatternFault) -> Iterator[Fault]:
    for name in ("pattern", "after", "before"):
        given = item.get(name)
        places = [((*loc, name), given)]
        if isinstance(given, list):
            places = [((*loc, name, number), pattern) for number, pattern in enumerate(given)]
        for place, pattern in places:
            reason = pattern_fault(pattern) if isinstance(pattern, str) else ""
            if reason:
                yield document.fault(place, f"a pattern of Python code; {reason}")


def _parts(rubric: dict[str, Any]) -> Items:
    parts = rubric.get("parts")
    named = parts.items() if isinstance(parts, dict) else ()
    return [(("parts", name), part) for name, part in named if isinstance(part, dict)]


def _criteria(loc: Loc, part: dict[str, Any]) -> Items:
    criteria = part.get("criteria")
    numbered = enumerate(criteria if isinstance(criteria, list) else ())
    return [((*loc, "criteria", number), item) for number, item in numbered if isinstance(item, dict)]


def _total(document: Document, rubric: dict[str, Any], parts: Items) -> Iterator[Fault]:
    """Of several references of a part the first speaks; `programs` sees to it that the others have as many."""
    total = programs.number(rubric.get("points"))
    points = [programs.total(_criteria(loc, part), programs.names(part)[0]) for loc, part in parts]
    known = [each for each in points if each is not None]
    if total is None or not points or len(known) < len(points):
        return
    added = math.fsum(known)
    if not math.isclose(added, total, abs_tol=1e-9):
        allowed = f"{added:.12g}, which the points of the criteria add up to; change it or them"
        yield document.fault(("points",), allowed)


def _names(document: Document, parts: Items) -> Iterator[Fault]:
    """Parts name files, and some file systems do not tell case apart."""
    seen: set[str] = set()
    unnamed = [loc for loc, part in parts if part.get("notebook") is None]
    for loc, _ in parts:
        name = str(loc[-1])
        if name.casefold() in seen:
            yield document.fault(loc, "names that differ in more than case", f"the part {quoted(name)} again")
        seen.add(name.casefold())
    for loc in unnamed[1:]:
        allowed = 'the part\'s file names, such as "*part2*"; one part may do without, and takes what these leave'
        yield document.fault((*loc, "notebook"), allowed, "nothing")


def _ids(document: Document, part: dict[str, Any], criteria: Items) -> Iterator[Fault]:
    """Criteria for different references may have one id, and then share a column."""
    first: dict[tuple[str, str], Loc] = {}
    for loc, item in criteria:
        name = item.get("id")
        if not isinstance(name, str):
            continue
        uses = [(program, name.casefold()) for program in programs.names(part) if programs.applies(item, program)]
        earlier = [first[use] for use in uses if use in first]
        first.update((use, loc) for use in uses if use not in first)
        if earlier:
            line = document.lines[earlier[0]]
            yield document.fault((*loc, "id"), f"an id of its own, case aside (line {line} has it too)")
        if name.casefold() in RESERVED:
            yield document.fault((*loc, "id"), "an id that is not one of the other columns of scores.csv")


def _contradictions(document: Document, loc: Loc, item: dict[str, Any]) -> Iterator[Fault]:
    if item.get("adjacent") is True and item.get("after") is None:
        yield document.fault((*loc, "adjacent"), "adjacent only beside 'after', which says to what")
    if item.get("position") == "first" and item.get("after") is not None:
        yield document.fault((*loc, "position"), "first only without 'after': nothing comes before the first")
    if item.get("tolerance") == {}:
        yield document.fault((*loc, "tolerance"), "'rtol', 'atol' or both")
    if item.get("epoch") is not None and item.get("epochs") is not None:
        yield document.fault((*loc, "epoch"), "epoch or epochs, not both")
    if isinstance(item.get("tolerance"), dict) and item.get("coverage") is not None:
        yield document.fault((*loc, "coverage"), "coverage only beside 'tolerance: band'")


def _epochs(document: Document, rubric: dict[str, Any], criteria: Items) -> Iterator[Fault]:
    execution = rubric.get("execution")
    cap = execution.get("max_epochs") if isinstance(execution, dict) else None
    most = cap if _is_whole(cap) and cap > 0 else None
    for loc, item in criteria:
        asked = _asked(loc, item)
        for at, (place, epoch) in enumerate(asked):
            if most is not None and epoch > most:
                yield document.fault(place, f"{most} or less, as 'max_epochs' ends training there")
            if any(epoch == earlier for _, earlier in asked[:at]):
                yield document.fault(place, "each epoch once")


def _asked(loc: Loc, item: dict[str, Any]) -> list[tuple[Loc, int]]:
    """The epochs that a criterion asks for by number, and where it does."""
    several = item.get("epochs")
    if isinstance(several, list):
        return [((*loc, "epochs", at), epoch) for at, epoch in enumerate(several) if _is_whole(epoch)]
    return [((*loc, "epoch"), item["epoch"])] if _is_whole(item.get("epoch")) else []


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _times(document: Document, rubric: dict[str, Any]) -> Iterator[Fault]:
    execution = rubric.get("execution")
    if not isinstance(execution, dict):
        return
    cell = seconds(execution.get("cell_timeout"))
    notebook = seconds(execution.get("timeout", Execution().timeout))
    if cell is not None and notebook is not None and cell > notebook:
        allowed = f"{notebook:.12g} s or less, the 'timeout' of the whole notebook"
        yield document.fault(("execution", "cell_timeout"), allowed)


def _references(parts: Items) -> list[tuple[Loc, Any]]:
    one = [((*loc, "reference"), part.get("reference")) for loc, part in parts]
    several = [(loc, part["references"]) for loc, part in parts if isinstance(part.get("references"), dict)]
    return [*one, *(((*loc, "references", name), file) for loc, named in several for name, file in named.items())]


def _datasets(rubric: dict[str, Any]) -> list[tuple[Loc, Any]]:
    datasets = rubric.get("datasets")
    return [(("datasets", name), file) for name, file in datasets.items()] if isinstance(datasets, dict) else []


def _files(document: Document, folder: Path, named: list[tuple[Loc, Any]], what: str) -> Iterator[Fault]:
    for loc, name in named:
        # unlike Path.is_file, os.path.isfile is False, not an error, for a name that no file can have
        if isinstance(name, str) and name and not os.path.isfile(folder / name):  # noqa: PTH113 - as said above
            allowed = f"{what} that is there, its path relative to the rubric's folder"
            yield document.fault(loc, allowed)
