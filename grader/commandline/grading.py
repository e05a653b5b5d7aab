"""`grade`: a whole class."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    one = options.command(commands, "grade", "grade a folder of submissions and write scores.csv")
    one.add_argument(
        "submissions", type=Path, nargs="?", default=Path("submissions"), help="a folder, or a system's .zip"
    )
    one.add_argument("--out", type=Path, default=Path("grades"), help="where to write (default: grades)")
    one.add_argument(
        "--students",
        type=Path,
        metavar="FILE.csv",
        help="who is who: student, and file, name, id, login, email, due",
    )
    one.add_argument("--pattern", metavar="REGEX", help="matches a notebook's path, with a group (?P<student>...)")
    options.place(one)
    _economy(one)


def _economy(one: argparse.ArgumentParser) -> None:
    """Options that change how long a class takes, and no grade."""
    options.jobs(one)
    one.add_argument("--fresh", action="store_true", help="forget what an earlier run into --out has finished")
    one.add_argument(
        "--audit",
        type=options.share,
        default=0.0,
        metavar="SHARE",
        help="of the shared trainings, do so many again in their own kernels and report differences, such as 5%%",
    )
    one.add_argument("--cold", action="store_true", help="start an interpreter of its own for every notebook")
    options.sharing(one)
