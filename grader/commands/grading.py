"""`grade`: a whole class."""

from __future__ import annotations

import argparse

from grader.commands import conditions, rubrics
from grader.commands.exits import INTERRUPTED
from grader.errors import GraderError


def grade(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from grader import batch, terminal
    from grader.model import Status

    assignment = rubrics.load(options.rubric)
    out = options.out
    wanted = replace(conditions.wanted(options), means=conditions.means(options), fresh=options.fresh)
    run = batch.grade_all(assignment, options.submissions, out, wanted, terminal.progress())
    terminal.show_run(assignment, run, out)
    if run.interrupted:
        return INTERRUPTED
    troubled = any(grade.status is Status.GRADER_ERROR for grade in run.grades)
    return GraderError.exit_code if troubled else 0
