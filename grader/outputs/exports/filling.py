"""What filling in a downloaded sheet gives: the file, and what a person must look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.outputs import cells
from grader.outputs.exports import people
from grader.outputs.exports.people import Person, Row
from grader.outputs.exports.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Filled:
    """`count` rows got a score; `remarks` name who could not be filled in, and why."""

    data: bytes
    count: int
    remarks: tuple[str, ...]


def fill(
    sheet: Sheet, column: int, rows: Sequence[Row], everybody: Sequence[Person], factor: float = 1.0
) -> Filled:
    """Final scores, times `factor`, into `column`. Who has none keeps what stood there."""
    found = people.match(everybody, rows)
    scored = {at: person for at, person in found.of.items() if person.final is not None}
    values = {(at, column): cells.number((person.final or 0.0) * factor) for at, person in scored.items()}
    remarks = [*_left_over(sheet, found.rows, found.people), *_blank(found.of)]
    return Filled(sheet.filled(values), len(scored), tuple(remarks))


def _left_over(sheet: Sheet, rows: Sequence[Row], waiting: Sequence[Person]) -> Iterator[str]:
    if rows:
        named = [next(iter((*row.names, *row.logins, *row.ids)), f"line {row.at + 1}") for row in rows]
        yield f"in '{sheet.path.name}' and not graded here, left as they were: {cells.listed(named)}"
    if waiting:
        yield f"graded here and not in '{sheet.path.name}': {cells.listed([person.student for person in waiting])}"


def _blank(of: Mapping[int, Person]) -> Iterator[str]:
    blank = [person.student for person in of.values() if person.final is None]
    if blank:
        yield f"without a score, so that their cells were left as they were: {cells.listed(blank)}"
