"""`report`: the pages of a finished run."""

from __future__ import annotations

import argparse

from grader.commands import rubrics


def report(options: argparse.Namespace) -> int:
    from grader import terminal
    from grader.report.again import again

    written = again(rubrics.load(options.rubric), options.out, feedback=options.feedback)
    for remark in dict.fromkeys(written.remarks):
        terminal.say(f"note: {remark}")
    what = "feedback" if options.feedback else "report"
    terminal.say(f"{what} for {written.pages} {'student' if written.pages == 1 else 'students'}: {written.index}")
    for line in written.lines:
        terminal.say(line)
    return 0
