"""What `--help` of each command ends with: a command line that works in a course's folder. Tests run them all."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

EXITS = (
    "exit codes: 0 all well, 1 a check failed, 2 usage or rubric fault, 3 the grader's own trouble, 130 interrupted"
)
EXAMPLES = {
    "init": "grader init solved.ipynb drafted --no-record",
    "rubric schema": "grader rubric schema",
    "rubric keys": "grader rubric keys",
    "grade": "grader grade submissions --out grades",
    "check": "grader check submissions/ann/part1.ipynb",
    "report": "grader report --out grades --feedback",
    "export": "grader export nbgrader --out grades",
    "bundle": "grader bundle --to bundle.zip",
    "reference record": "grader reference record --seeds 4",
    "reference show": "grader reference show",
    "reference import": "grader reference import Output.txt",
    "verify": "grader verify --quick",
    "ci check": "grader ci check submissions/ann/part1.ipynb --junit junit",
    "ci grade": "grader ci grade submissions --since HEAD~1",
    "gradescope setup": "grader gradescope setup --to autograder.zip",
    "gradescope run": "grader gradescope run --autograder autograder",
    "classroom50": "grader classroom50 submissions/ann --to result.json",
    "cache show": "grader cache show",
    "cache clear": "grader cache clear --cache old-trainings",
    "doctor": "grader doctor",
    "completion": "grader completion bash",
}


def leaves(
    parser: argparse.ArgumentParser, way: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Each command that does something, by its words."""
    nested = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]  # noqa: SLF001 - no other way
    for action in nested:
        for name, each in action.choices.items():
            yield from leaves(each, (*way, name))
    if not nested:
        yield " ".join(way), parser


def add(parser: argparse.ArgumentParser) -> None:
    """To the end of each command's help, as it stands here."""
    for name, each in leaves(parser):
        each.formatter_class = argparse.RawDescriptionHelpFormatter
        if name in EXAMPLES:
            each.epilog = f"{EXITS}\n\nexample:\n  {EXAMPLES[name]}"
