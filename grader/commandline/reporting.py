"""`report`: the pages of a finished run."""

from __future__ import annotations

from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    one = options.command(commands, "report", "write the pages of a finished run again, or its students' feedback")
    one.add_argument("--out", type=Path, default=Path("grades"), help="the run's folder (default: grades)")
    one.add_argument("--feedback", action="store_true", help="a file for each student, without what is hidden")
