"""`grader report`: the pages of a finished run, made again from its ledger; adjustments made since show in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.finished import Finished, opened
from grader.model import Rubric
from grader.outputs import cells, scores
from grader.report import uploads
from grader.report.write import Report, write, write_feedback


@dataclass(frozen=True, slots=True)
class Written:
    """`pages` counts the students' files, `index` is what to open, or the folder of the feedback.

    `lines` say what else was written, and what for.
    """

    index: Path
    pages: int
    remarks: tuple[str, ...]
    lines: tuple[str, ...] = ()


def again(rubric: Rubric, out: Path, *, feedback: bool) -> Written:
    """The tables too, so that they say the same. Raises UsageError where nothing was graded into `out`."""
    with opened(rubric, out) as run:
        report = Report(rubric, out, run.ledger, run.beside)
        scores.write_scores(out, rubric, run.grades, run.beside)
        scores.write_totals(out, rubric, run.grades, run.beside)
        if feedback:
            return _feedback(report, run)
        students = {one.student for one in run.grades}
        return Written(write(report, run.grades, run.remarks), len(students), run.remarks)


def _feedback(report: Report, run: Finished) -> Written:
    """Who has no score yet gets none, and is named."""
    written = write_feedback(report, run.grades)
    without = list(dict.fromkeys(one.student for one in run.grades if one.student not in written))
    remarks = [f"no feedback yet, for want of a score: {cells.listed(without)}"] if without else []
    uploaded = uploads.write(report.out, run.handed_in, written)
    told = (*run.remarks, *remarks, *uploaded.remarks)
    return Written(report.out / "feedback", len(written), told, uploaded.lines)
