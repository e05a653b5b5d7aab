"""`%load_ext grader`, then `%grader check`: the live session's own notebook."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grader.errors import GraderError, UsageError
from grader.selfcheck import live, notebook
from grader.selfcheck.notebook import Checked

USAGE = "%grader check [NOTEBOOK] [--part PART] [--rubric FILE] [--isolation LAYER] [--static]"
_VALUES = {"--part": "part", "--rubric": "rubric", "--isolation": "isolation"}


def load(shell: Any) -> None:
    """Give IPython's shell the magic."""

    def grader(line: str) -> Checked | None:
        """Check this notebook; its result is the cell's."""
        try:
            return run(line, shell)
        except GraderError as error:
            print(f"grader: {error}")  # noqa: T201 - a traceback would bury it
            return None

    shell.register_magic_function(grader, "line", "grader")


def run(line: str, shell: Any) -> Checked:
    """What `%grader LINE` gives in this shell."""
    named, options = _options(line)
    if named:
        return notebook.check(named, **options)
    found = live.find(shell.user_ns, _connection_file(shell))
    if found.path is not None:
        return _noted(notebook.check(found.path, **options), found.note)
    with TemporaryDirectory(prefix="grader-live-") as folder:
        path = Path(folder) / found.name
        path.write_text(found.content, "utf-8")
        return _noted(notebook.check(path, **options), found.note)


def _noted(checked: Checked, note: str) -> Checked:
    return Checked(replace(checked.report, notes=(note, *checked.report.notes)))


def _options(line: str) -> tuple[str, dict[str, Any]]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"'{line}' cannot be read ({error}); expected {USAGE}") from None
    if words[:1] != ["check"]:
        raise UsageError(f"'{line}' is nothing that can be done here; expected {USAGE}")
    named, options, rest = "", dict[str, Any](), iter(words[1:])
    for word in rest:
        name, _, value = word.partition("=")
        if word == "--static":
            options["static"] = True
        elif name in _VALUES:
            options[_VALUES[name]] = value or next(rest, "")
        elif word.startswith("-") or named:
            raise UsageError(f"'{word}' is not understood; expected {USAGE}")
        else:
            named = word
    return named, options


def _connection_file(shell: Any) -> str:
    """Of the kernel that the shell belongs to; empty in a terminal."""
    kernel = getattr(shell, "kernel", None)
    config = getattr(kernel, "config", None) or {}
    told = config.get("IPKernelApp", {}).get("connection_file", "")
    return str(told or "")
