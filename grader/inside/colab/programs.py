"""Programs that reach for the network, found on PATH before the system's own: `pip`, `wget`, `curl`, `gdown`.

A script of two lines for each of them starts this module, so that they are answered however the notebook starts
them: by `!`, by `%%bash`, by `subprocess`, in a loop of the shell.
"""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .. import job
from . import downloads, packages
from .given import Given

NAMES = ("pip", "pip3", "wget", "curl", "gdown")
START = Path(__file__).parents[1] / "start.py"
# As the programs themselves say that a name could not be looked up.
NO_NETWORK = {"wget": 4, "curl": 6, "gdown": 1}
# For the real pip, however it is started: it would try again and again.
PIP = {"PIP_NO_INDEX": "1", "PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def of_shell(words: Sequence[str]) -> str:
    return f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n'


def of_windows(words: Sequence[str]) -> str:
    return f"@{subprocess.list2cmdline(words)} %*\n"


def install(task: job.Job) -> None:
    """Where users have programs of their own; found by this process and all that it starts."""
    folder = Path(task.root, "home", ".local", "bin")
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        words = (sys.executable, "-P", str(START), "colab.programs", task.file, name)
        # made executable as it is made: in the landlock layer nothing can be changed about it afterwards
        path, text = (folder / name, of_shell) if os.name == "posix" else (folder / f"{name}.cmd", of_windows)
        script = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o700)
        with os.fdopen(script, "w", encoding="utf-8") as file:
            file.write(text(words))
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ.update(PIP)


def main(job_file: str, name: str, *words: str) -> None:
    task = job.load(job_file)
    sys.exit(run(name, words, Given(task.work, task.data)))


def run(name: str, words: Sequence[str], given: Given) -> int:
    """The exit code."""
    if name.startswith("pip"):
        return pip(words)
    wished = downloads.wishes(name, words)
    if not wished:
        return _say(f"grader: '{name}' was not told what to fetch, or in a way that is not known here", 2)
    return max(_fetch(name, wish, given) for wish in wished)


def pip(words: Sequence[str]) -> int:
    told = packages.answer(words, version)
    if told is None:
        os.execv(sys.executable, [sys.executable, "-m", "pip", *words])  # noqa: S606 - what was asked for
    return _say(told.text.rstrip("\n"), told.code)


def version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""


def _fetch(name: str, wish: downloads.Wish, given: Given) -> int:
    content = downloads.found(wish, given)
    if content is None:
        return _say(
            f"ERROR: '{wish.url}' cannot be fetched: there is no network while a notebook is graded. "
            f"The assignment provides {given.provides()}.",
            NO_NETWORK[name],
        )
    try:
        _put(content, wish.place)
    except OSError as error:
        return _say(f"ERROR: '{wish.place}' cannot be written: {error.strerror}", 1)
    if wish.place == downloads.STDOUT:
        return 0
    return _say(f"grader: '{wish.place}' is the file that the assignment provides", 0)


def _put(content: bytes | Path, place: str) -> None:
    if place == downloads.STDOUT:
        sys.stdout.buffer.write(content if isinstance(content, bytes) else content.read_bytes())
        return
    target = Path(place)
    if isinstance(content, bytes):
        target.write_bytes(content)
    elif not (target.exists() and target.samefile(content)):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(content, target)


def _say(text: str, code: int) -> int:
    os.write(sys.stderr.fileno(), f"{text}\n".encode("utf-8", "replace"))
    return code
