"""`export`: results for other systems."""

from __future__ import annotations

from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group

FORMATS = ("canvas", "moodle", "gradescope", "nbgrader", "classroom50")


def add(commands: Group) -> None:
    one = options.command(commands, "export", "write the final scores of a finished run for another system")
    one.add_argument("format", choices=FORMATS, help="the system")
    one.add_argument("--sheet", type=Path, metavar="FILE", help="what was downloaded from it: canvas, moodle")
    one.add_argument(
        "--column", metavar="NAME", help="the sheet's column of this assignment, if its title is another"
    )
    one.add_argument("--classroom", metavar="NAME", help="classroom50: the classroom's short name")
    one.add_argument("--out", type=Path, default=Path("grades"), help="the run's folder (default: grades)")
    one.add_argument("--to", type=Path, metavar="FILE", help="what to write (default: export/<format> in --out)")
