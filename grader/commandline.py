"""The command line: which commands there are, and what each may be told. `cli` does what they say.

Options carry the command's name in `command`. This module loads nothing: `grader --help` answers at once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from grader import __version__


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="grader",
        description="Grades notebooks in which students train neural networks, against a reference run.",
        epilog="Exit codes: 0 all well, 1 a check failed, 2 usage or rubric fault, 3 the grader's own trouble, "
        "130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    one = _command(commands, "grade", "grade a folder of submissions and write scores.csv")
    one.add_argument("submissions", type=Path, nargs="?", default=Path("submissions"), help="the folder")
    one.add_argument("--out", type=Path, default=Path("grades"), help="where to write (default: grades)")
    _place(one)
    _economy(one)

    one = _command(commands, "check", "check one notebook and say what to look at")
    one.add_argument("notebook", type=Path)
    one.add_argument("--saved", action="store_true", help="judge its saved outputs, or a text, and run nothing")
    one.add_argument("--part", help="which part of the assignment it is, where its name does not tell")
    _place(one)
    _sharing(one)

    _init(commands)

    nested = commands.add_parser("reference", help="record the reference, or show what was recorded")
    recordings = nested.add_subparsers(metavar="COMMAND", required=True)
    one = _command(recordings, "record", "run the reference under several seeds and store the results")
    one.add_argument("--seeds", type=_positive, default=16, help="how many seeds (default: 16)")
    one.add_argument("--threads", type=_positive, help="threads of each run (default: 2; with --add, as recorded)")
    one.add_argument("--add", action="store_true", help="keep what was recorded, and add what is run here to it")
    _which(one)
    _place(one)
    one = _command(recordings, "show", "print the bands that metrics must lie in, and what they tell apart")
    _which(one)

    one = _command(
        recordings,
        "import",
        "take a published output, a text or a notebook with its outputs, as what is compared with",
    )
    one.add_argument("file", type=Path, metavar="FILE")
    _which(one)

    nested = commands.add_parser("rubric", help="about the rubric's form")
    forms = nested.add_subparsers(metavar="COMMAND", required=True)
    one = forms.add_parser("schema", help="print the JSON Schema of rubric.yaml, for editors")
    one.set_defaults(command="schema")
    one = forms.add_parser("keys", help="print every key and what it means, as Markdown")
    one.set_defaults(command="keys")

    nested = commands.add_parser("cache", help="about the trainings that are kept for later runs")
    actions = nested.add_subparsers(metavar="COMMAND", required=True)
    for name, clear, text in (
        ("show", False, "say what is kept, and where"),
        ("clear", True, "remove all that is kept"),
    ):
        one = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        _cache(one)
        one.set_defaults(command="cache", clear=clear)

    one = _command(commands, "verify", "test the rubric: mistakes must lose points, another style must not")
    _which(one)
    one.add_argument("--quick", action="store_true", help="on a few hundred samples of the data, within 2 minutes")
    one.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    _place(one)
    _jobs(one)
    _cache(one)

    _command(commands, "doctor", "say what this machine has and what is missing")
    return top


def _init(group: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = group.add_parser("init", help="draft a new assignment from a solved notebook")
    one.add_argument("notebook", type=Path)
    one.add_argument("folder", type=Path, nargs="?", default=Path(), help="where it goes (default: this folder)")
    one.add_argument("--no-record", dest="record", action="store_false", help="run nothing yet")
    one.add_argument("--seeds", type=_positive, default=16, help="how many seeds to record (default: 16)")
    _place(one)
    one.set_defaults(command="init")


def _command(
    group: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    added = group.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    added.add_argument("--rubric", type=Path, default=Path("rubric.yaml"), help="default: rubric.yaml")
    added.set_defaults(command=name)
    return added


def _which(command: argparse.ArgumentParser) -> None:
    command.add_argument("--part", help="only this part of the assignment")
    command.add_argument("--reference", metavar="NAME", help="only this one, where a part accepts several")


def _place(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--device",
        choices=["auto", "cpu", "gpu"],
        default="auto",
        help="auto (default): as the rubric says, else what the recording was made on",
    )
    command.add_argument(
        "--isolation",
        choices=["auto", "bubblewrap", "landlock", "none"],
        default="auto",
        help="what keeps notebooks apart from this machine; auto (default): the strongest that works here",
    )


def _economy(command: argparse.ArgumentParser) -> None:
    """Options that change how long a class takes, and no grade."""
    _jobs(command)
    command.add_argument("--fresh", action="store_true", help="forget what an earlier run into --out has finished")
    command.add_argument(
        "--audit",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="of the shared trainings, do so many again in their own kernels and report differences, such as 5%%",
    )
    command.add_argument("--cold", action="store_true", help="start an interpreter of its own for every notebook")
    _sharing(command)


def _sharing(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--no-sharing",
        dest="sharing",
        action="store_false",
        help="let every notebook train by itself, even where another one has trained exactly the same",
    )
    _cache(command)


def _jobs(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--jobs", type=_positive, help="notebooks that run at once (default: as cores and memory allow)"
    )


def _cache(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--cache", type=Path, metavar="DIR", help="where trainings are kept (default: ~/.cache/grader/fits)"
    )


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a share such as 5% or 0.05")
    return share


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1")
    return number
