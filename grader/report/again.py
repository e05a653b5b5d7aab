"""`grader report`: the pages of a finished run, made again from its ledger; adjustments made since show in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.finished import opened
from grader.model import Rubric
from grader.outputs import scores
from grader.report.write import Report, write, write_feedback


@dataclass(frozen=True, slots=True)
class Written:
    """`pages` counts the students' files, `index` is what to open, or the folder of the feedback."""

    index: Path
    pages: int
    remarks: tuple[str, ...]


def again(rubric: Rubric, out: Path, *, feedback: bool) -> Written:
    """The tables too, so that they say the same. Raises UsageError where nothing was graded into `out`."""
    with opened(rubric, out) as run:
        report = Report(rubric, out, run.ledger, run.beside)
        scores.write_scores(out, rubric, run.grades, run.beside)
        scores.write_totals(out, rubric, run.grades, run.beside)
        if feedback:
            return Written(out / "feedback", len(write_feedback(report, run.grades)), run.remarks)
        students = {one.student for one in run.grades}
        return Written(write(report, run.grades, run.remarks), len(students), run.remarks)
