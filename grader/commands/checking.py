"""`check`: one notebook."""

from __future__ import annotations

import argparse

from grader.commands import conditions, rubrics
from grader.commands.exits import CHECK_FAILED


def check(options: argparse.Namespace) -> int:
    if options.saved:
        return _check_saved(options)
    from dataclasses import replace

    from grader import batch, terminal
    from grader.runner import Means

    assignment = rubrics.load(options.rubric, require_reference=False)
    means = Means(jobs=1, sharing=options.sharing, cache=options.cache)
    wanted = replace(conditions.wanted(options), means=means)
    result = batch.check(assignment, options.notebook, options.part, wanted, terminal.progress())
    terminal.show_check(result)
    return 0 if all(one.passed for one in result.checks) else CHECK_FAILED


def _check_saved(options: argparse.Namespace) -> int:
    from grader import notebook_file, reference, saved, submissions, terminal

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
