"""`init`, `rubric`: an assignment's beginnings and its form."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.recording import record


def init(options: argparse.Namespace) -> int:
    """Where data is missing, or the rubric compares nothing, there is nothing to record yet."""
    from grader import terminal
    from grader.draft import assignment, words

    caches = (Path.home() / ".keras" / "datasets",)
    drafted = assignment.draft(options.notebook, options.folder, caches)
    options.rubric, options.part, options.reference = drafted.rubric, None, None
    options.add, options.threads = False, None
    for line in words.lines(drafted):
        terminal.say(line)
    compares = any(each.check in ("model_summary", "training", "history") for each in drafted.criteria)
    if drafted.missing or not compares or not options.record:
        return 0
    return record(options)


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
