"""`ci`: what a job of GitHub Actions does, in its own terms."""

from __future__ import annotations

from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    actions = options.nested(commands, "ci", "check or grade in a job of GitHub Actions")
    one = options.command(actions, "check", "check notebooks: annotations, a summary, JUnit XML, the score")
    one.add_argument("notebooks", type=Path, nargs="+", metavar="notebook")
    one.add_argument("--part", help="which part of the assignment it is, where its name does not tell")
    one.add_argument("--junit", type=Path, metavar="FOLDER", help="where to write JUnit XML, a file a notebook")
    options.place(one)
    options.sharing(one)
    one.set_defaults(command="ci_check")
    one = options.command(actions, "grade", "grade submissions: a summary, annotations, the report")
    one.add_argument("submissions", type=Path, nargs="?", default=Path("submissions"), help="the folder")
    one.add_argument("--since", metavar="COMMIT", help="only those that have changed since (default: all)")
    one.add_argument("--out", type=Path, default=Path("grades"), help="where to write (default: grades)")
    options.place(one)
    options.jobs(one)
    options.sharing(one)
    one.set_defaults(command="ci_grade")
