"""`init`, `rubric`, `bundle`: an assignment's beginnings, its form, and what students get of it."""

from __future__ import annotations

from pathlib import Path

from grader.commandline import options
from grader.commandline.options import Group


def add(commands: Group) -> None:
    _init(commands)
    _bundle(commands)
    forms = options.nested(commands, "rubric", "about the rubric's form")
    options.plain(forms, "schema", "print the JSON Schema of rubric.yaml, for editors")
    options.plain(forms, "keys", "print every key and what it means, as Markdown")


def _init(commands: Group) -> None:
    one = options.plain(commands, "init", "draft a new assignment from a solved notebook")
    one.add_argument("notebook", type=Path)
    one.add_argument("folder", type=Path, nargs="?", default=Path(), help="where it goes (default: this folder)")
    one.add_argument("--no-record", dest="record", action="store_false", help="run nothing yet")
    options.seeds(one, "how many seeds to record")
    options.place(one)


def _bundle(commands: Group) -> None:
    one = options.command(commands, "bundle", "make what students get: rubric, data, recordings, nothing hidden")
    text = "a .zip, or a folder that is not there yet (default: bundle.zip)"
    one.add_argument("--to", type=Path, default=Path("bundle.zip"), help=text)
