"""Magics that Colab has, and those that would reach for the network."""

from __future__ import annotations

import re
import shlex
from typing import Any

from . import packages, programs
from .words import say

MODULE = re.compile(r"(?<![^\s;&|(])(?:\S*/)?python[0-9.]*\s+(?:-\w\s+)*?-m\s+pip\b")


def install(shell: Any) -> None:
    made = {
        "tensorflow_version": tensorflow_version,
        "pip": pip,
        "conda": conda,
        "mamba": conda,
        "tensorboard": tensorboard,
        "shell": shell.system,
    }
    for name, magic in made.items():
        shell.register_magic_function(magic, "line", name)
    shell.register_magic_function(lambda line, cell: shell.system(f"{line}\n{cell}"), "cell", "shell")
    # Loading the extension would put its own magic, which waits a minute for a server, in place of ours.
    shell.extension_manager.loaded.add("tensorboard")


def tensorflow_version(line: str) -> None:
    found = programs.version("tensorflow")
    if line.strip().startswith("1"):
        say(f"TensorFlow 1 is not there, nor in Colab any more; TensorFlow {found} is used")
    else:
        say(f"%tensorflow_version does nothing: TensorFlow {found} is used")


def pip(line: str) -> None:
    """In this process: the words of the program, without it."""
    words = _words(line)
    told = packages.answer(words, programs.version)
    if told is None:
        told = packages.Answer(f"'%pip {line}' is not known here; expected `%pip install`\n")
    for text in told.text.splitlines():
        say(text.removeprefix("grader: "))


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quote is left open
        return line.split()


def conda(_: str) -> None:
    say(f"%conda does nothing: {packages.ALONE}")


def tensorboard(_: str) -> None:
    say("%tensorboard does nothing: there is no browser to show it in")


def by_program(command: str) -> str:
    """`python -m pip` as `pip`, which is answered."""
    return MODULE.sub("pip", command)
