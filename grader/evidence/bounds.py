"""How much of evidence is read, and how much is kept.

The harness keeps to its own limits, but in the weaker layers nobody vouches that it was the harness that wrote.
Values are counted in the bytes, as a tree of numbers takes twenty times the memory of their text. Texts are what
evidence is made of, and reading figures and tables from them takes twenty times their memory again; so of long
ones the beginning and the end are kept, as a reader would look at them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.model import Cell, Environment, Evidence

MAX_VALUES = 150_000
MAX_DEPTH = 100  # of containers inside each other; evidence has 8
MAX_TEXT = 2 * 1024**2  # characters that all cells may have shown; the shipped reference shows 4,000
MAX_SOURCE = 2 * 1024**2  # characters of all cells; the harness runs no more
MAX_SAVED = 2 * 1024**2  # characters; twice what the harness keeps
MAX_REASON = 1_000  # characters; it stays with the grade, one for each submission
MAX_FACT = 80  # characters, of the environment
MAX_VERSIONS = 12  # the harness tells 8
CUT = "…"

_MARK = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?|(?P<empty>[\[{]\s*+[\]}])|(?P<open>[\[{])|(?P<close>[\]}])|,', re.DOTALL
)
_LINE_END = re.compile(r"[\r\n]")


def excess(data: bytes) -> str:
    """What there is too much of; empty where nothing is. Counts right in JSON, and does not check that it is."""
    values = depth = 0
    for count, mark in enumerate(_MARK.finditer(data)):
        match mark.lastgroup:
            case "open":
                values, depth = values + 1, depth + 1
            case "close":
                depth -= 1
            case _:
                values += mark[0] == b","
        if depth > MAX_DEPTH:
            return f"the evidence is not JSON: recursion limit exceeded, more than {MAX_DEPTH} levels"
        if values > MAX_VALUES or count > 6 * MAX_VALUES:  # names, values, commas and two brackets each
            return f"the evidence holds more than {MAX_VALUES} values"
    return ""


def excess_code(evidence: Evidence) -> str:
    """As `excess`. A program that is cut is another program, so code is taken whole or not at all."""
    size = sum(len(cell.source) for cell in evidence.cells)
    return f"the evidence holds {size} characters of code, more than {MAX_SOURCE}" if size > MAX_SOURCE else ""


def cut(evidence: Evidence) -> Evidence:
    """Without what is too long to be looked at; other evidence is returned as it is."""
    return replace(
        evidence,
        reason=_beginning(evidence.reason, MAX_REASON),
        cells=_cut_cells(evidence.cells),
        environment=evidence.environment and _cut_environment(evidence.environment),
    )


def _cut_cells(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    text = _share([len(cell.text) for cell in cells], MAX_TEXT)
    saved = _share([len(cell.saved) for cell in cells], MAX_SAVED)
    return tuple(
        replace(cell, text=_both_ends(cell.text, text), saved=_beginning(cell.saved, saved)) for cell in cells
    )


def _share(lengths: Sequence[int], room: int) -> int:
    """The most that each may have so that all together fit in: what short ones leave goes to the long ones."""
    left = room
    for number, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - number)
        if length > share:
            return share
        left -= length
    return room


def _both_ends(text: str, most: int) -> str:
    """Whole lines only: a part of a number is another number."""
    if len(text) <= most:
        return text
    head, tail = text[: most // 2], text[len(text) - most // 2 :]
    end = max(head.rfind("\n"), head.rfind("\r"))
    begin = _LINE_END.search(tail)
    return f"{head[: end + 1]}{CUT}{tail[begin.start() :] if begin else ''}"


def _beginning(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + CUT


def _cut_environment(environment: Environment) -> Environment:
    """It stays with the grade, one for each submission."""
    versions = list(environment.versions.items())[:MAX_VERSIONS]
    return replace(
        environment,
        versions={_fact(name): _fact(version) for name, version in versions},
        platform=_fact(environment.platform),
        cpu=_fact(environment.cpu),
        gpu=_fact(environment.gpu),
    )


def _fact(text: str) -> str:
    """What systems call themselves is ASCII; a single other character would take four times the memory."""
    return text[:MAX_FACT].encode("ascii", "replace").decode("ascii")
