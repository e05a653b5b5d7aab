"""`gradescope` and `classroom50`: where another system calls the grader for one student."""

from __future__ import annotations

from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    actions = options.nested(commands, "gradescope", "make Gradescope's autograder, or be it")
    one = options.command(actions, "setup", "make the zip that Gradescope builds the autograder from")
    one.add_argument("--to", type=Path, default=Path("autograder.zip"), help="default: autograder.zip")
    one.set_defaults(command="gradescope_setup")
    one = options.command(actions, "run", "grade one submission, as `run_autograder` does")
    one.add_argument("--autograder", type=Path, default=Path("/autograder"), help="default: /autograder")
    options.place(one)
    options.sharing(one)
    one.set_defaults(command="gradescope_run")
    one = options.command(commands, "classroom50", "grade one repository, and write Classroom 50's result.json")
    one.add_argument("folder", type=Path, nargs="?", default=Path(), help="the repository (default: this folder)")
    one.add_argument("--to", type=Path, default=Path("result.json"), help="default: result.json")
    options.place(one)
    options.sharing(one)
