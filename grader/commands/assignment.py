"""`init`, `rubric`, `bundle`: an assignment's beginnings, its form, and what students get of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands import conditions, rubrics


def init(options: argparse.Namespace) -> int:
    from grader import reference, terminal
    from grader.draft import assignment, words
    from grader.draft.trial import Trial

    caches = (Path.home() / ".keras" / "datasets",)
    trial = Trial(options.seeds, conditions.wanted(options), terminal.progress()) if options.record else None
    drafted = assignment.draft(options.notebook, options.folder, caches, trial)
    for line in words.lines(drafted):
        terminal.say(line)
    if drafted.recorded:
        (part,) = rubrics.load(drafted.rubric).parts
        terminal.show_recording(part, reference.of(part))
    for line in words.next_steps(drafted):
        terminal.say(line)
    return 0


def bundle(options: argparse.Namespace) -> int:
    from grader import bundle, terminal

    made = bundle.bundle(rubrics.load(options.rubric, require_reference=False))
    size = bundle.write(made, options.to)
    terminal.say(
        f"{options.to} ({len(made.members)} files, {size / 2**20:.1f} MiB): give it to students, who check their "
        f"notebooks with it; {made.points:g} of {made.of:g} points can be checked"
    )
    return 0


def schema(options: argparse.Namespace) -> int:
    import json

    from grader import rubric

    del options  # the schema depends on nothing
    print(json.dumps(rubric.schema(), indent=2, ensure_ascii=False))
    return 0


def keys(_: argparse.Namespace) -> int:
    from grader import rubric
    from grader.rubric.keys import page

    print(page(rubric.schema()), end="")
    return 0
