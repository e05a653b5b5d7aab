"""`grader report`: the pages of a finished run, made again from its ledger; adjustments made since show in them."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from grader import adjustments, results
from grader.errors import UsageError
from grader.ledger import Ledger
from grader.model import Rubric
from grader.outputs import scores
from grader.report.write import REFERENCE, Report, write, write_feedback

LEDGER = "ledger.sqlite"
RUN = "run.json"


@dataclass(frozen=True, slots=True)
class Written:
    """`pages` counts the students' files, `index` is what to open, or the folder of the feedback."""

    index: Path
    pages: int
    remarks: tuple[str, ...]


def again(rubric: Rubric, out: Path, *, feedback: bool) -> Written:
    """The tables too, so that they say the same. Raises UsageError where nothing was graded into `out`."""
    if not (out / LEDGER).is_file():
        raise UsageError(f"'{out}' holds no results: run `grader grade --out {out}` first, or name its folder")
    adjusted = adjustments.load(out / adjustments.NAME, rubric)
    with closing(Ledger.open(out / LEDGER)) as ledger:
        grades = [one for one in ledger.grades() if not one.student.startswith(REFERENCE)]
        beside = results.beside(rubric, adjusted)
        students = {one.student for one in grades}
        remarks = (*_remarks(out / RUN), *adjustments.unknown(adjusted, students))
        report = Report(rubric, out, ledger, beside)
        scores.write_scores(out, rubric, grades, beside)
        scores.write_totals(out, rubric, grades, beside)
        if feedback:
            return Written(out / "feedback", len(write_feedback(report, grades)), remarks)
        return Written(write(report, grades, remarks), len(students), remarks)


def _remarks(path: Path) -> tuple[str, ...]:
    """Those of the run itself; a run that was killed has left none."""
    if not path.exists():
        return ()
    try:
        return tuple(str(one) for one in json.loads(path.read_bytes())["remarks"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"'{path}' is damaged: give the command that graded once more") from None
