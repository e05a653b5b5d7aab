"""The command line: which commands there are, and what each may be told. `commands` does what they say.

Options carry the command's name in `command`. Nothing heavy is loaded here: `grader --help` answers at once. One
module a family of commands; its `add` puts them into the parser, in the order of `FAMILIES`.
"""

from __future__ import annotations

import argparse

from grader import __version__
from grader.commandline import (
    assignment,
    checking,
    examples,
    exporting,
    grading,
    jobs,
    machine,
    options,
    recording,
    reporting,
    systems,
    verifying,
)

FAMILIES = (assignment, grading, checking, reporting, exporting, recording, verifying, jobs, systems, machine)


def parser() -> argparse.ArgumentParser:
    top = options.Parser(
        prog="grader",
        description="Grades notebooks in which students train neural networks, against a reference run.",
        epilog="Exit codes: 0 all well, 1 a check failed, 2 usage or rubric fault, 3 the grader's own trouble, "
        "130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for family in FAMILIES:
        family.add(commands)
    examples.add(top)
    return top
