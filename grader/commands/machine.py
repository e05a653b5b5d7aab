"""`cache` and `doctor`: what is on this machine."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from grader.commands import rubrics
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.training import Facts


def cache(options: argparse.Namespace) -> int:
    from grader import linux, terminal
    from grader.training import Store
    from grader.training.store import FOLDER

    linux.must_be("`grader cache`")
    store = Store(options.cache or FOLDER)
    if options.clear:
        before = store.clear()
        terminal.say(f"removed {_trainings(before)}, {before.bytes / 2**20:.1f} MiB, from '{before.folder}'")
        return 0
    facts = store.show()
    terminal.say(
        f"'{facts.folder}' holds {_trainings(facts)}, {facts.bytes / 2**20:.1f} of at most "
        f"{facts.most / 2**20:.0f} MiB; `grader cache clear` removes them"
    )
    return 0


def _trainings(facts: Facts) -> str:
    return "1 training" if facts.count == 1 else f"{facts.count} trainings"


def doctor(options: argparse.Namespace) -> int:
    from grader import doctor as examine
    from grader import terminal

    assignment = rubrics.load(options.rubric, require_files=False) if options.rubric.exists() else None
    findings = examine.findings(assignment)
    terminal.show_findings(findings)
    return 0 if all(finding.well is not False for finding in findings) else GraderError.exit_code


def completion(options: argparse.Namespace) -> int:
    import shtab

    from grader.commandline import parser

    print(shtab.complete(parser(), options.shell))
    return 0
