"""A CSV file of the TA's that says who is who: `file` and `student`, and what else is known of a student.

With a column `file` it names the students of files and folders, by their paths from the submissions' folder or by
their bare names. Lines without one are about the student of that name, id, login or e-mail address, whatever system
they come from: they complete what is known, and `due` is that student's own due date.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from grader import moments
from grader.errors import UsageError
from grader.model import Identity, Rubric
from grader.submissions import plain
from grader.submissions.digests import small
from grader.submissions.handed import Handed, Place, Read
from grader.submissions.listing import as_text, quoted
from grader.submissions.merging import key_of

COLUMNS: Final = ("file", "student", "name", "id", "login", "email", "handed_in", "late", "due")
MOST: Final = 16 * 2**20  # bytes
MOST_FAULTS: Final = 20
EXPECTED: Final = "expected a CSV file with the column student, and file, name, id, login, email, handed_in, late or due"
_YES_NO: Final = {"yes": True, "true": True, "1": True, "late": True, "no": False, "false": False, "0": False, "": None}


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    @property
    def identity(self) -> Identity:
        return Identity(self["name"], self["id"], self["login"], self["email"])

    def time(self, name: str) -> datetime | None:
        return moments.read(self[name])


def read(place: Place) -> Read | None:
    """None where no mapping is given, or none that names files."""
    lines = _of_one_mind({_plain(line["file"]): line for line in load(place.rubric) if line["file"]})
    if not lines:
        return None
    used: set[int] = set()
    handed = [one for each in plain.of(place.entries, place) for one in _named(each, lines, place, used)]
    gone = [_gone(line) for line in lines.values() if line.number not in used]
    left = sum(1 for one in handed if one.identity == Identity())
    remarks = (f"{left} files or folders that the mapping does not name, taken as they are",) if left else ()
    return Read((*handed, *gone), remarks)


def _of_one_mind(lines: Mapping[str, Line]) -> Mapping[str, Line]:
    """Several lines of one student know what any of them knows of who that is."""
    known: dict[str, dict[str, str]] = {}
    for line in lines.values():
        told = known.setdefault(line["student"], {})
        for fact in fields(Identity):
            told[fact.name] = told.get(fact.name) or line[fact.name]
    return {name: replace(line, cells={**line.cells, **known[line["student"]]}) for name, line in lines.items()}


def completed(read: Read, rubric: Rubric) -> Read:
    """With what the lines that name no file know of the students."""
    lines = [line for line in load(rubric) if not line["file"]]
    names = ("email", "login", "id", "student")
    known = {(name, _plain(line[name])): line for name in names for line in lines if line[name]}
    told = [(one, _line_of(one, known)) for one in read.handed]
    used = {line.number for _, line in told if line}
    unused = [repr(line["student"][:60]) for line in lines if line.number not in used]
    remarks = (f"the mapping tells of {len(unused)} who are not here: {', '.join(unused[:5])}",) if unused else ()
    return Read(tuple(_completed(one, line) if line else one for one, line in told), (*read.remarks, *remarks))


def _named(one: Handed, lines: Mapping[str, Line], place: Place, used: set[int]) -> Iterator[Handed]:
    """As the line of the whole entry has it, or of each notebook; what no line names stays as it is."""
    whole = _first((one.student, *(_entry(each.path, place) for each in one.notebooks)), lines)
    if whole:
        used.add(whole.number)
        yield _as_told(one, whole)
        return
    rest = []
    for notebook in one.notebooks:
        path = notebook.path.relative_to(place.folder)
        line = _first((path.as_posix(), path.name, path.stem), lines)
        if line is None:
            rest.append(notebook)
        else:
            used.add(line.number)
            yield _as_told(replace(one, notebooks=(notebook,), hindrances=()), line)
    if rest or not one.notebooks:
        yield replace(one, notebooks=tuple(rest))


def _entry(path: Path, place: Place) -> str:
    return path.relative_to(place.folder).parts[0]


def _first(names: tuple[str, ...], lines: Mapping[str, Line]) -> Line | None:
    return next((lines[key] for key in map(_plain, names) if key in lines), None)


def _as_told(one: Handed, line: Line) -> Handed:
    time, late = line.time("handed_in"), _YES_NO[line["late"].lower()]
    notebooks = tuple(
        replace(
            each,
            attempt_of="" if time else None,
            order=time.timestamp() if time else 0.0,
            handed_in=time,
            marked_late=late,
        )
        for each in one.notebooks
    )
    name = key_of(line["student"])
    identity = line.identity if line.identity != Identity() else Identity(name=name)
    return replace(
        one, student=name, notebooks=notebooks, identity=identity, handed_in=time, marked_late=late,
        due=line.time("due"),
    )  # fmt: skip


def _gone(line: Line) -> Handed:
    missing = f"the mapping names {quoted(line['file'])}, which is not here"
    return _as_told(Handed(line["student"], hindrances=(missing,)), line)


def _line_of(one: Handed, known: Mapping[tuple[str, str], Line]) -> Line | None:
    """By what tells people apart first, by the name last."""
    identity = one.identity
    facts = (("email", identity.email), ("login", identity.login), ("id", identity.id), ("student", one.student))
    places = ((name, _plain(fact)) for name, fact in facts if fact)
    return next((known[place] for place in places if place in known), None)


def _completed(one: Handed, line: Line) -> Handed:
    told = {each.name: line[each.name] or getattr(one.identity, each.name) for each in fields(Identity)}
    late = _YES_NO[line["late"].lower()]
    return replace(
        one,
        identity=Identity(**told),
        handed_in=one.handed_in or line.time("handed_in"),
        marked_late=one.marked_late if late is None else late,
        due=line.time("due") or one.due,
    )


def _plain(text: str) -> str:
    """Systems differ in how they write accents, and people in case."""
    return unicodedata.normalize("NFC", as_text(text)).strip().removeprefix("./").casefold()


# --- the file ----------------------------------------------------------------------------------------------


def load(rubric: Rubric) -> tuple[Line, ...]:
    """Its lines; none where the rubric names no mapping. Raises UsageError with all of its faults."""
    path = rubric.students.mapping if rubric.students else None
    if path is None:
        return ()
    lines = tuple(_lines(path))
    faults = [f"line {line.number}: {fault}" for line in lines for fault in _faults(line)]
    files: dict[str, int] = {}
    for line in lines:
        first = files.setdefault(_plain(line["file"]), line.number) if line["file"] else line.number
        if first != line.number:
            faults.append(f"line {line.number}: {quoted(line['file'])} again (first on line {first})")
    if faults:
        more = [f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
        raise UsageError("\n".join([f"the mapping '{path}' cannot be used:", *faults[:MOST_FAULTS], *more]))
    return lines


def _lines(path: Path) -> Iterator[Line]:
    table = _table(path)
    try:
        names = [(name or "").strip().lower() for name in table.fieldnames or ()]
        if "student" not in names:
            raise UsageError(f"the mapping '{path}' has no column 'student'; {EXPECTED}")
        table.fieldnames = names
        for row in table:
            cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
            if any(cells.values()):
                yield Line(table.line_num, cells)
    except csv.Error as error:
        raise UsageError(f"the mapping '{path}', line {table.line_num}: {error}; {EXPECTED}") from None


def _table(path: Path) -> csv.DictReader[str]:
    data = small(path, MOST)
    if data is None:
        raise UsageError(f"the mapping '{path}' cannot be read, or holds more than {MOST // 2**20} MiB; {EXPECTED}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"the mapping '{path}' is not UTF-8; save it as 'CSV UTF-8'") from None
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)


def _faults(line: Line) -> Iterator[str]:
    if not line["student"]:
        yield "there is no student; expected a name as the tables are to have it"
    for name in ("handed_in", "due"):
        if line[name] and line.time(name) is None:
            yield f"{quoted(line[name])} is no {name}; expected {moments.EXPECTED}"
    if line["late"].lower() not in _YES_NO:
        yield f"{quoted(line['late'])} does not tell who is late; expected yes, no or nothing"
