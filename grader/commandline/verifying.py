"""`verify`: the rubric itself is tested."""

from __future__ import annotations

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    one = options.command(commands, "verify", "test the rubric: mistakes must lose points, another style must not")
    options.which(one)
    one.add_argument("--quick", action="store_true", help="on a few hundred samples of the data, within 2 minutes")
    one.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    options.place(one)
    options.jobs(one)
    options.cache(one)
