"""`grade`: a whole class."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands import conditions, rubrics
from grader.commands.exits import INTERRUPTED
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from grader.model import Rubric


def grade(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from grader import batch, linux, terminal
    from grader.model import Status

    linux.must_be("`grader grade`")
    assignment = _with_students(rubrics.load(options.rubric), options.students, options.pattern)
    out = options.out
    wanted = replace(conditions.wanted(options), means=conditions.means(options), fresh=options.fresh)
    run = batch.grade_all(assignment, options.submissions, out, wanted, terminal.progress())
    terminal.show_run(assignment, run, out)
    if run.interrupted:
        return INTERRUPTED
    troubled = any(grade.status is Status.GRADER_ERROR for grade in run.grades)
    return GraderError.exit_code if troubled else 0


def _with_students(assignment: Rubric, students: Path | None, pattern: str | None) -> Rubric:
    """What the command line says of who is who stands above what the rubric says."""
    from dataclasses import replace

    from grader.model import StudentNames
    from grader.rubric.handing_in import pattern_fault

    if pattern and (fault := pattern_fault(pattern)):
        raise UsageError(f"--pattern '{pattern}': {fault}; expected a regular expression over a notebook's path")
    said = assignment.students or StudentNames()
    names = StudentNames(pattern or said.pattern, students or said.mapping)
    return replace(assignment, students=names)
