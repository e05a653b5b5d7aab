"""A report, written down: one module a form, each a pure function from a `Report` to text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.selfcheck.report import Report

# By the name that `--format` gives a form; `text` goes to a terminal by itself.
FORMATS = {
    "json": "data",
    "junit": "junit",
    "github": "github",
    "markdown": "markdown",
}


def written(report: Report, form: str, source: str = "") -> str:
    """`source` is the notebook's file as text, in which lines are found; ends with a line end."""
    render: Callable[[Report, str], str] = import_module(f"grader.selfcheck.formats.{FORMATS[form]}").render
    return render(report, source)
