"""`cache`, `doctor` and `completion`: what is on this machine."""

from __future__ import annotations

from grader.commandline import options
from grader.commandline.options import Group

SHELLS = ("bash", "zsh", "tcsh", "fish")


def add(commands: Group) -> None:
    actions = options.nested(commands, "cache", "about the trainings that are kept for later runs")
    for name, clear, text in (
        ("show", False, "say what is kept, and where"),
        ("clear", True, "remove all that is kept"),
    ):
        one = options.plain(actions, name, text)
        options.cache(one)
        one.set_defaults(command="cache", clear=clear)
    options.command(commands, "doctor", "say what this machine has and what is missing")
    one = options.plain(commands, "completion", "print a script that completes commands in a shell")
    one.add_argument("shell", choices=SHELLS, help="the shell that is to complete")
