"""`check`: one notebook."""

from __future__ import annotations

from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    one = options.command(commands, "check", "check one notebook and say what to look at")
    one.add_argument("notebook", type=Path)
    one.add_argument("--static", action="store_true", help="say what its source tells, and run nothing")
    one.add_argument("--saved", action="store_true", help="judge its saved outputs, or a text, and run nothing")
    one.add_argument("--part", help="which part of the assignment it is, where its name does not tell")
    one.add_argument(
        "--format",
        choices=["text", "json", "junit", "github", "markdown"],
        default="text",
        help="how to say it (default: text)",
    )
    options.place(one)
    options.sharing(one)
