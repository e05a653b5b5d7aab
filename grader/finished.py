"""A finished run, opened again: its grades, and what dates and people made of them since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import adjustments, handed_in, results
from grader.errors import UsageError
from grader.handed_in import HandedIn
from grader.ledger import Ledger
from grader.model import Grade, Result, Rubric, Status
from grader.outputs import cells
from grader.results import Beside

LEDGER = "ledger.sqlite"
RUN = "run.json"
NOT_YET = "not graded: the run was interrupted"
REFERENCE = "\0"  # begins the names under which references are in a ledger: no student has such a one


@dataclass(frozen=True, slots=True)
class Finished:
    """`grades` are the students', in order of name; the ledger is open, and its folder ours alone.

    Of a run that was interrupted they hold a row for everybody, too, of which the ledger knows nothing.
    """

    ledger: Ledger
    grades: tuple[Grade, ...]
    beside: Beside
    remarks: tuple[str, ...]
    handed_in: HandedIn

    @property
    def results(self) -> tuple[Result, ...]:
        return tuple(map(self.beside, self.grades))


@contextmanager
def opened(rubric: Rubric, out: Path) -> Iterator[Finished]:
    """Raises UsageError where nothing was graded into `out`, or where what lies there cannot be read."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out '{out}' is a file; expected the folder of a run's results: name that")
    if not (out / LEDGER).is_file():
        raise UsageError(
            f"'{out}' holds no results; expected those of a run: give `grader grade --out {out}` first, or name "
            "another folder with --out"
        )
    adjusted = adjustments.load(out / adjustments.NAME, rubric)
    with closing(Ledger.open(out / LEDGER)) as ledger:
        handed = handed_in.load(out)
        graded = tuple(one for one in ledger.grades() if not one.student.startswith(REFERENCE))
        waiting = _waiting(rubric, handed, graded)
        grades = tuple(sorted((*graded, *waiting), key=lambda one: (one.student, one.part)))
        unknown = adjustments.unknown(adjusted, {one.student for one in grades})
        remarks = (*_remarks(out / RUN), *_interrupted(grades, waiting), *unknown)
        yield Finished(ledger, grades, results.beside(rubric, adjusted, handed), remarks, handed)


def _waiting(rubric: Rubric, handed: HandedIn, graded: Sequence[Grade]) -> tuple[Grade, ...]:
    """Rows for those whom an interrupted run did not reach: whoever handed in is not lost from the tables."""
    points = {part.id: part.points for part in rubric.parts}
    known = {(one.student, one.part) for one in graded}
    return tuple(
        Grade(student, part, "", Status.GRADER_ERROR, None, points[part], reason=NOT_YET, message=NOT_YET)
        for student, part in handed.by_place()
        if part in points and (student, part) not in known
    )


def _interrupted(grades: Sequence[Grade], waiting: Sequence[Grade]) -> Iterator[str]:
    names = tuple(dict.fromkeys(one.student for one in waiting))
    if names:
        everybody = len({one.student for one in grades})
        yield (
            f"the run was interrupted, and {len(names)} of {everybody} students are not graded yet: "
            f"{cells.listed(sorted(names))}; give the command that graded once more: it goes on where it stopped"
        )


def _remarks(path: Path) -> tuple[str, ...]:
    """Those of the run itself, each once; a run that was killed has left none."""
    if not path.exists():
        return ()
    try:
        return tuple(dict.fromkeys(str(one) for one in json.loads(path.read_bytes())["remarks"]))
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"'{path}' is damaged: give the command that graded once more") from None
