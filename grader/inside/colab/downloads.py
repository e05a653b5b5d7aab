"""What `wget`, `curl` and `gdown` are asked to fetch, and what the assignment provides of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from .given import Given

STDOUT = "-"


@dataclass(frozen=True)
class Wish:
    """One file that is to be fetched; `place` is where to, "-" for standard output."""

    url: str
    place: str

    @property
    def names(self) -> tuple[str, ...]:
        """By which the file may be listed: its own, or the one that the notebook gives it."""
        return tuple(dict.fromkeys(name for name in (_name(self.url), PurePosixPath(self.place).name) if name))


def wishes(program: str, words: Sequence[str]) -> list[Wish]:
    """Of a command line; options that say nothing about places are passed over."""
    parser = argparse.ArgumentParser(prog=program, add_help=False, allow_abbrev=False, exit_on_error=False)
    outputs, folder, remote = OPTIONS[program]
    parser.add_argument(*outputs, dest="output")
    parser.add_argument(*folder, dest="folder", default="")
    parser.add_argument(*remote, dest="remote", action="store_true")
    for flag in SWITCHES[program]:
        parser.add_argument(f"-{flag}", dest=f"switch_{flag}", action="store_true")
    parser.add_argument("--id", dest="named") if program == "gdown" else None
    try:
        known, others = parser.parse_known_args(list(words))
    except (argparse.ArgumentError, SystemExit):
        return []
    named = getattr(known, "named", None)
    urls = [word for word in (*others, *([named] if named else [])) if _is_url(word, program)]
    return [Wish(url, _place(program, url, known)) for url in urls]


# The options that name the file, the folder, and that ask for the file's own name.
OPTIONS = {
    "wget": (("-O", "--output-document"), ("-P", "--directory-prefix"), ("--no-remote-name",)),
    "curl": (("-o", "--output"), ("--output-dir",), ("-O", "--remote-name")),
    "gdown": (("-O", "--output"), ("--folder-of-output",), ("--remote-name",)),
}
SWITCHES = {
    "wget": "qcNvdbS",
    "curl": "sSLkfvJ#gi",
    "gdown": "qc",
}  # written in one word with others


def _is_url(word: str, program: str) -> bool:
    """Schemes are often left out, and Drive's files have numbers instead."""
    return not word.startswith("-") and (program == "gdown" or "://" in word or ("/" in word and "." in word))


def _place(program: str, url: str, known: argparse.Namespace) -> str:
    own = _name(url) or "index.html"
    if known.output:
        return str(known.output)
    if program == "curl" and not known.remote:
        return STDOUT
    return str(Path(known.folder, own))


def _name(url: str) -> str:
    return PurePosixPath(unquote(urlsplit(url).path)).name


def found(wish: Wish, given: Given) -> bytes | Path | None:
    """A listed file, or one made from it; None where the assignment has nothing of that name."""
    for name in wish.names:
        if name in given.data:
            return Path(given.data[name])
    from . import mnist  # NumPy takes a while

    contents: Iterator[bytes | None] = (mnist.original(given.data, name) for name in wish.names)
    return next((content for content in contents if content is not None), None)
