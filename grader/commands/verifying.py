"""`verify`: the rubric itself is tested."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from grader.commands import conditions, rubrics
from grader.commands.exits import CHECK_FAILED
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.verify.outcome import Outcome


def verify(options: argparse.Namespace) -> int:
    import json

    from grader import linux, terminal
    from grader.batch import Wanted
    from grader.runner import Means
    from grader.verify import summary, verification

    linux.must_be("`grader verify`")
    assignment = rubrics.load(options.rubric)
    asked = conditions.wanted(options)
    wanted = Wanted(asked.device, asked.isolation, Means(jobs=options.jobs, cache=options.cache))
    way = verification.Way(wanted, terminal.progress, options.quick)
    outcomes: list[Outcome] = []
    parts = verification.chosen_parts(assignment, options.part)
    for part, programs in verification.chosen_programs(parts, options.reference):
        told = verification.verify(assignment, part, programs, way)
        outcomes += told
        if options.format == "text":
            terminal.show_verifications(told)
    if options.format == "json":
        print(json.dumps(summary.as_json(outcomes), indent=2, ensure_ascii=False))
    if any(one.troubled for one in outcomes):
        return GraderError.exit_code
    return CHECK_FAILED if any(one.failed for one in outcomes) else 0
