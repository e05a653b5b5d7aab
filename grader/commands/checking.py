"""`check`: one notebook."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from grader.commands import conditions, rubrics
from grader.commands.exits import CHECK_FAILED
from grader.errors import GraderError, UsageError
from grader.selfcheck import formats
from grader.selfcheck.formats import text

if TYPE_CHECKING:
    from grader.model import Rubric
    from grader.selfcheck.report import Report


def check(options: argparse.Namespace) -> int:
    """What the source tells at once, then what the run tells; forms for machines are written once, at the end."""
    if options.saved:
        return _check_saved(options)
    from grader import submissions
    from grader.selfcheck import static

    assignment = rubrics.load(options.rubric, require_reference=False, require_files=not options.static)
    wanted = submissions.single(options.notebook, assignment, options.part).part
    part = next(one for one in assignment.parts if one.id == wanted)
    report = static.examine(options.notebook, assignment, part)
    if options.static:
        return _said(report, options)
    if options.format == "text":
        _print(text.before(report))
    return _said(_run(report, assignment, options), options)


def _run(report: Report, assignment: Rubric, options: argparse.Namespace) -> Report:
    from dataclasses import replace

    from grader.runner import Means
    from grader.selfcheck import running, watching

    means = Means(jobs=1, sharing=options.sharing, cache=options.cache)
    wanted = replace(conditions.wanted(options), means=means)
    try:
        return running.run(report, options.notebook, assignment, wanted, watching.progress())
    except UsageError:
        raise
    except GraderError as error:
        if options.format == "text":
            raise
        return running.troubled(report, str(error))  # programs get a form all the same


def _said(report: Report, options: argparse.Namespace) -> int:
    if options.format == "text":
        _print(text.static(report) if options.static else text.after(report))
    else:
        _write(formats.written(report, options.format, _source(options)))
    if report.troubled:
        return GraderError.exit_code
    return 0 if report.passed else CHECK_FAILED


def _print(lines: list[str]) -> None:
    from grader import console

    out = console.output()
    for line in lines:
        out.print(line, soft_wrap=True)
    sys.stdout.flush()  # whoever reads a pipe sees it before the run


def _write(content: str) -> None:
    """UTF-8 whatever the terminal is set to, as those that read it expect."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _source(options: argparse.Namespace) -> str:
    """The notebook's file, where lines of it are named."""
    from grader.notebook_file import MAX_BYTES

    if options.format != "github":
        return ""
    try:
        with options.notebook.open("rb") as file:
            return str(file.read(MAX_BYTES).decode("utf-8", "replace"))
    except OSError:
        return ""


def _check_saved(options: argparse.Namespace) -> int:
    from grader import notebook_file, reference, saved, submissions, terminal

    if options.format != "text" or options.static:
        raise UsageError("--saved judges outputs alone, and says so as text: leave out --format and --static")
    assignment = rubrics.load(options.rubric, require_reference=False, require_files=False)
    found = notebook_file.read(options.notebook)
    wanted = submissions.single(options.notebook, assignment, options.part).part
    accepted = next(part for part in assignment.parts if part.id == wanted).accepted
    recorded = [(one, reference.of(one) if one.compares else None) for one in accepted]
    judged = saved.judge(found, recorded)
    terminal.say(saved.ONLY + (f"; compared with {judged.program}" if judged.program else ""))
    for one in judged.verdicts:
        name = one.criterion.title or one.criterion.id
        terminal.say(f"{name}: {one.word}" + (f" ({one.why})" if one.why and not one.criterion.hidden else ""))
    return CHECK_FAILED if any(one.word is saved.Word.DIFFERS for one in judged.verdicts) else 0
