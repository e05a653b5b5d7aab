"""How a check gets on, on standard error: a bar on a terminal, a line a cell elsewhere."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from grader.console import clean
from grader.progress import Progress


def progress() -> Progress:
    return CellBar() if sys.stderr.isatty() else CellLines()


class CellLines(Progress):
    """Lines such as `cell 3 of 12 (14 s)`."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, emoji=False)

    def begin(self, total: int, what: str) -> None:  # noqa: ARG002 - one notebook, in a word of our own
        self._began = time.monotonic()

    def running(self, item: str) -> None:
        self._say(f"{item}: starting")

    def cell(self, number: int, total: int) -> None:
        self._say(f"cell {number} of {total} ({time.monotonic() - self._began:.0f} s)")

    def note(self, item: str, what: str) -> None:
        self._say(f"{item}: {what}")

    def done(self, item: str, outcome: str) -> None:  # noqa: ARG002 - the report words it
        self._say(f"{item}: ran ({time.monotonic() - self._began:.0f} s)")

    def _say(self, text: str) -> None:
        self._console.print(clean(text), soft_wrap=True)


class CellBar(Progress):
    def __init__(self) -> None:
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True, highlight=False, emoji=False),
            transient=True,
        )

    def begin(self, total: int, what: str) -> None:  # noqa: ARG002 - there is one notebook
        self._task = self._bar.add_task(clean(what), total=None)
        self._bar.start()

    def running(self, item: str) -> None:
        self._bar.update(self._task, description=clean(f"{item}: starting"))

    def cell(self, number: int, total: int) -> None:
        self._bar.update(self._task, description=f"cell {number} of {total}", completed=number - 1, total=total)

    def note(self, item: str, what: str) -> None:
        self._bar.console.print(f"{clean(item)}: {clean(what)}", soft_wrap=True)

    def end(self) -> None:
        self._bar.stop()
