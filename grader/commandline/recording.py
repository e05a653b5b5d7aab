"""`reference`: what submissions are compared with."""

from __future__ import annotations

from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    recordings = options.nested(commands, "reference", "record the reference, or show what was recorded")
    one = options.command(recordings, "record", "run the reference under several seeds and store the results")
    options.seeds(one, "how many seeds")
    one.add_argument(
        "--threads", type=options.positive, help="threads of each run (default: 2; with --add, as recorded)"
    )
    one.add_argument("--add", action="store_true", help="keep what was recorded, and add what is run here to it")
    options.which(one)
    options.place(one)
    one = options.command(recordings, "show", "print the bands that metrics must lie in, and what they tell apart")
    options.which(one)
    text = "take a published output, a text or a notebook with its outputs, as what is compared with"
    one = options.command(recordings, "import", text)
    one.add_argument("file", type=Path, metavar="FILE")
    options.which(one)
