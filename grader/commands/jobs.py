"""`ci`: what a job of GitHub Actions does, in its own terms."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands import conditions, rubrics
from grader.commands.exits import CHECK_FAILED, INTERRUPTED
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.batch import Run
    from grader.model import Rubric
    from grader.selfcheck.report import Report


def check(options: argparse.Namespace) -> int:
    """Exit code 1 where a check failed, so that the step fails too."""
    from grader import job
    from grader.outputs.cells import number
    from grader.selfcheck import formats

    rubric = rubrics.load(options.rubric, require_reference=False)
    here = job.environment()
    reports = [_examined(rubric, notebook, options) for notebook in options.notebooks]
    lines = [
        line
        for report, notebook in zip(reports, options.notebooks, strict=True)
        for line in formats.written(report, "github", _source(notebook)).splitlines()
    ]
    _print(job.most_important(lines))
    _print(line for line in lines if not line.startswith("::"))
    here.summarise(formats.written(report, "markdown") for report in reports)
    if options.junit:
        _junit(options.junit, reports)
    scores = [report.score for report in reports]
    score = "" if None in scores else number(sum(one or 0.0 for one in scores))
    here.tell(score=score, max_score=number(sum(report.max_score for report in reports)))
    if any(report.troubled for report in reports):
        return GraderError.exit_code
    return 0 if all(report.passed for report in reports) else CHECK_FAILED


def _examined(rubric: Rubric, notebook: Path, options: argparse.Namespace) -> Report:
    from grader import submissions
    from grader.runner import Means
    from grader.selfcheck import running, static, watching

    wanted = submissions.single(notebook, rubric, options.part).part
    part = next(one for one in rubric.parts if one.id == wanted)
    means = Means(jobs=1, sharing=options.sharing, cache=options.cache)
    how = replace(conditions.wanted(options), means=means)
    return running.run(static.examine(notebook, rubric, part), notebook, rubric, how, watching.progress())


def _source(notebook: Path) -> str:
    from grader.notebook_file import MAX_BYTES

    with notebook.open("rb") as file:
        return file.read(MAX_BYTES).decode("utf-8", "replace")


def _junit(folder: Path, reports: Iterable[Report]) -> None:
    """A file a notebook, numbered: names of notebooks may be anything."""
    from grader import durable
    from grader.selfcheck import formats

    folder.mkdir(parents=True, exist_ok=True)
    for place, report in enumerate(reports, 1):
        content = formats.written(report, "junit").encode("utf-8", "replace")
        durable.replace(folder / f"grader-{place}.xml", content)


def _print(lines: Iterable[str]) -> None:
    """UTF-8 whatever the runner's terminal is set to."""
    sys.stdout.flush()
    for line in lines:
        sys.stdout.buffer.write(f"{line}\n".encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def grade(options: argparse.Namespace) -> int:
    """Exit code 0 whatever the scores are: a course's job fails where grading does, not where a student did."""
    from grader import job, linux, terminal
    from grader.outputs.exports import people

    linux.must_be("`grader ci grade`")
    rubric = rubrics.load(options.rubric)
    with tempfile.TemporaryDirectory(prefix="grader-") as place:
        folder = _changed(options, Path(place)) if options.since else options.submissions
        if folder is None:
            terminal.say(f"nothing in '{options.submissions}' has changed since {options.since}")
            return 0
        run = _graded(rubric, folder, options)
    from grader.finished import opened

    with opened(rubric, options.out) as finished:
        everybody = people.everybody(rubric, finished.results)
    here = job.environment()
    _print(job.class_annotations(everybody))
    here.summarise([job.class_summary(rubric, everybody, tuple(dict.fromkeys(run.remarks)))])
    here.tell(report=str(options.out / "report" / "index.html"), students=str(len(everybody)))
    if run.interrupted:
        return INTERRUPTED
    return GraderError.exit_code if any(one.final is None for one in everybody) else 0


def _graded(rubric: Rubric, folder: Path, options: argparse.Namespace) -> Run:
    from grader import batch, terminal
    from grader.runner import Means

    means = Means(jobs=options.jobs, sharing=options.sharing, cache=options.cache)
    wanted = replace(conditions.wanted(options), means=means)
    return batch.grade_all(rubric, folder, options.out, wanted, terminal.progress())


def _changed(options: argparse.Namespace, place: Path) -> Path | None:
    """A folder with the entries that have changed; None where there is none."""
    from grader import changes

    return changes.copied(options.submissions, options.since, place / "changed")
