"""`gradescope` and `classroom50`: where another system calls the grader for one student."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands import conditions, rubrics
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.model import Grade, Rubric

UNKNOWN = "submission"  # whose it is was not told
MOST = 2**20  # bytes of submission_metadata.json


def gradescope_setup(options: argparse.Namespace) -> int:
    from grader import autograder, durable, terminal

    rubric = rubrics.load(options.rubric, require_reference=False)
    data = autograder.archive(rubric)
    durable.replace(options.to, data)
    terminal.say(
        f"{options.to} ({len(data) / 2**20:.1f} MiB): upload it as the autograder of a programming assignment"
    )
    return 0


def gradescope_run(options: argparse.Namespace) -> int:
    """Exit code 3 where there is no score: Gradescope then says that the autograder failed."""
    from grader import durable, linux, terminal
    from grader.outputs import gradescope

    linux.must_be("`grader gradescope run`")
    rubric = rubrics.load(options.rubric, require_reference=False)
    grades = _grades(options, rubric, options.autograder / "submission", _student(options.autograder))
    to = options.autograder / "results" / "results.json"
    to.parent.mkdir(parents=True, exist_ok=True)
    durable.replace(to, _json(gradescope.results(rubric, grades)))
    terminal.say(f"wrote {to}")
    return 0 if all(grade.score is not None for grade in grades) else GraderError.exit_code


def _student(folder: Path) -> str:
    """As Gradescope knows who handed in; several who did so together are one here."""
    from grader.outputs.gradescope import submitters

    path = folder / "submission_metadata.json"
    if not path.is_file():
        return UNKNOWN
    with path.open("rb") as file:
        return ", ".join(submitters(file.read(MOST))) or UNKNOWN


def classroom50(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from grader import durable, linux, terminal
    from grader.outputs import classroom50 as form

    linux.must_be("`grader classroom50`")
    rubric = rubrics.load(options.rubric, require_reference=False)
    submission = form.of_environment(os.environ, datetime.now(UTC))
    grades = _grades(options, rubric, options.folder, submission.owner or UNKNOWN)
    result = form.result(rubric, submission, grades)
    if result is None:
        raise GraderError("; ".join(grade.reason for grade in grades if grade.score is None))
    durable.replace(options.to, _json(result))
    terminal.say(f"{result['score']} of {result['max-score']} points in {options.to}")
    return 0


def _grades(options: argparse.Namespace, rubric: Rubric, folder: Path, student: str) -> tuple[Grade, ...]:
    from dataclasses import replace

    from grader import hand_in, terminal
    from grader.runner import Means

    means = Means(jobs=1, sharing=options.sharing, cache=options.cache)
    wanted = replace(conditions.wanted(options), means=means)
    return hand_in.grade(rubric, folder, student, wanted, terminal.progress())


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
