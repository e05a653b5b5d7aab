"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn, TypeAlias

Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name


class Parser(argparse.ArgumentParser):
    """Says after each refusal where the next step stands; the parsers of its commands are of this class too."""

    def error(self, message: str) -> NoReturn:
        super().error(f"{message}; see `{self.prog} --help`")


def command(group: Group, name: str, text: str) -> argparse.ArgumentParser:
    """One that works on a rubric."""
    added = plain(group, name, text)
    added.add_argument("--rubric", type=Path, default=Path("rubric.yaml"), help="default: rubric.yaml")
    return added


def plain(group: Group, name: str, text: str) -> argparse.ArgumentParser:
    added = group.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    added.set_defaults(command=name)
    return added


def nested(group: Group, name: str, text: str) -> Group:
    """A command that has commands of its own."""
    added = group.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    return added.add_subparsers(metavar="COMMAND", required=True)


def which(added: argparse.ArgumentParser) -> None:
    added.add_argument("--part", help="only this part of the assignment")
    added.add_argument("--reference", metavar="NAME", help="only this one, where a part accepts several")


def place(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--device",
        choices=["auto", "cpu", "gpu"],
        default="auto",
        help="auto (default): as the rubric says, else what the recording was made on",
    )
    added.add_argument(
        "--isolation",
        choices=["auto", "bubblewrap", "landlock", "none"],
        default="auto",
        help="what keeps notebooks apart from this machine; auto (default): the strongest that works here",
    )


def sharing(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--no-sharing",
        dest="sharing",
        action="store_false",
        help="let every notebook train by itself, even where another one has trained exactly the same",
    )
    cache(added)


def jobs(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--jobs", type=positive, help="notebooks that run at once (default: as cores and memory allow)"
    )


def cache(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--cache", type=Path, metavar="DIR", help="where trainings are kept (default: ~/.cache/grader/fits)"
    )


def seeds(added: argparse.ArgumentParser, text: str) -> None:
    added.add_argument("--seeds", type=positive, default=16, help=f"{text} (default: 16)")


def share(text: str) -> float:
    try:
        found = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a share such as 5% or 0.05")
    return found


def positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1")
    return number
