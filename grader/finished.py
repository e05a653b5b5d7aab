"""A finished run, opened again: its grades, and what dates and people made of them since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import adjustments, handed_in, results
from grader.errors import UsageError
from grader.ledger import Ledger
from grader.model import Grade, Result, Rubric
from grader.results import Beside

LEDGER = "ledger.sqlite"
RUN = "run.json"
REFERENCE = "\0"  # begins the names under which references are in a ledger: no student has such a one


@dataclass(frozen=True, slots=True)
class Finished:
    """`grades` are the students', in order of name; the ledger is open, and its folder ours alone."""

    ledger: Ledger
    grades: tuple[Grade, ...]
    beside: Beside
    remarks: tuple[str, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        return tuple(map(self.beside, self.grades))


@contextmanager
def opened(rubric: Rubric, out: Path) -> Iterator[Finished]:
    """Raises UsageError where nothing was graded into `out`, or where what lies there cannot be read."""
    if not (out / LEDGER).is_file():
        raise UsageError(f"'{out}' holds no results: run `grader grade --out {out}` first, or name its folder")
    adjusted = adjustments.load(out / adjustments.NAME, rubric)
    with closing(Ledger.open(out / LEDGER)) as ledger:
        grades = tuple(one for one in ledger.grades() if not one.student.startswith(REFERENCE))
        unknown = adjustments.unknown(adjusted, {one.student for one in grades})
        beside = results.beside(rubric, adjusted, handed_in.load(out))
        yield Finished(ledger, grades, beside, (*_remarks(out / RUN), *unknown))


def _remarks(path: Path) -> tuple[str, ...]:
    """Those of the run itself, each once; a run that was killed has left none."""
    if not path.exists():
        return ()
    try:
        return tuple(dict.fromkeys(str(one) for one in json.loads(path.read_bytes())["remarks"]))
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"'{path}' is damaged: give the command that graded once more") from None
