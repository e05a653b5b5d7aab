"""`grader.check`, for a session of Python: the check runs in a process of its own.

The kernel that asks is the student's, with their variables, their TensorFlow and its memory. So nothing of the
grader's work is done in it, and nothing of it reaches the check but the notebook's file.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from grader.errors import GraderError, UsageError
from grader.selfcheck.formats import data, markdown, page
from grader.selfcheck.report import Item, Report, Verdict, facts, points, score_line, title

JUDGED = (0, 1)  # exit codes with which there is a report
RUBRIC = "rubric.yaml"

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; a notebook shows it as a table."""

    report: Report

    @property
    def score(self) -> float | None:
        """None where nothing was run, or the grader itself failed."""
        return self.report.score

    @property
    def max_score(self) -> float:
        return self.report.max_score

    @property
    def at_most(self) -> float:
        """The score, with all that was not judged."""
        return self.report.at_most

    @property
    def checks(self) -> tuple[Item, ...]:
        """One a criterion, in the rubric's order."""
        return self.report.items

    @property
    def passed(self) -> bool:
        """Nothing that was judged has failed."""
        return self.report.passed

    def _repr_html_(self) -> str:
        return page.render(self.report)

    def _repr_markdown_(self) -> str:
        return markdown.render(self.report)

    def __str__(self) -> str:
        told = [one for item in self.checks for one in _lines(item)]
        found = [f"{one.level}: {one.place} {one.what}" for one in self.report.findings]
        return "\n".join([*found, *told, *self.report.notes, score_line(self.report)])

    __repr__ = __str__


def _lines(item: Item) -> list[str]:
    mark = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_JUDGED: "·"}[item.verdict]
    earned = "not judged" if item.points is None else points(item.points)
    return [
        f"{mark} {title(item)}: {earned} of {points(item.max_points)}",
        *(f"    {name}: {text}" for name, text in facts(item)),
    ]


def check(  # noqa: PLR0913 - each is an option of `grader check`, by its name
    notebook: str | Path,
    *,
    rubric: str | Path | None = None,
    part: str | None = None,
    static: bool = False,
    isolation: str = "auto",
    tell: Tell | None = None,
) -> Checked:
    """Check a notebook's file as `grader check` does; `tell` gets each line about how it gets on.

    Without a `rubric`, it is the `rubric.yaml` of the session's folder, or else the one beside the notebook.
    Raises `UsageError` or `GraderError` where there is nothing to show.
    """
    options = ["--rubric", str(rubric or _rubric(Path(notebook))), "--isolation", isolation, "--format", "json"]
    options += [f"--part={part}"] if part is not None else []
    options += ["--static"] if static else []
    return Checked(_asked([*options, "--", str(notebook)], tell or _told))


def _rubric(notebook: Path) -> Path:
    usual, beside = Path(RUBRIC), notebook.parent / RUBRIC
    return beside if beside.exists() and not usual.exists() else usual


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - in a notebook that is where people look


def _asked(arguments: list[str], tell: Tell) -> Report:
    command = [sys.executable, "-P", "-m", "grader", "check", *arguments]
    with TemporaryFile("w+", encoding="utf-8") as out:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        ) as process:
            try:
                last = _heard(process.stderr, tell)
                code = process.wait()
            except BaseException:  # the student stops the cell: nothing goes on behind it
                process.terminate()
                raise
        out.seek(0)
        answer = out.read()
    if code not in JUDGED and not answer.strip():
        raise (UsageError if code == UsageError.exit_code else GraderError)(last or f"the check ended with {code}")
    try:
        return data.parse(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise GraderError(f"the check gave no report that can be read ({error}); it said last: {last}") from None


def _heard(printed: IO[str] | None, tell: Tell) -> str:
    last = ""
    for line in printed or ():
        last = line.rstrip("\n")
        if not last.startswith("grader: "):
            tell(last)
    return last.removeprefix("grader: ")
