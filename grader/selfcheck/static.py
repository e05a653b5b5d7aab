"""What can be said of a notebook without running it: its source, held against the rubric's patterns and itself.

Nothing heavy is loaded for it, and nothing of the notebook is run. Whether a cell runs is not known here, so that
every criterion that passes does so under that condition, and the report says so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from grader import notebook_file
from grader.checks import advice, code
from grader.checks.parsing import parse_cell
from grader.checks.syntax import MAX_NOTEBOOK
from grader.errors import UsageError
from grader.model import CellError, Check, CodeCriterion, Outcome
from grader.selfcheck import files, names, places
from grader.selfcheck.report import Finding, Level, Place, Report, Stage, Verdict, of_check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grader.model import Cell, Part, Rubric
    from grader.selfcheck.report import Item

ONLY_SOURCE = "judged on the source alone; whether a cell runs is not known yet"
NEEDS_RUN = "needs a run"
MAX_FINDINGS = 50

# What IPython takes for a magic without its `%` where it stands alone in a cell, of what students write.
_AUTOMAGIC = re.compile(
    r"\s*(?:pip3?|conda|cd|ls|ll|pwd|cat|cp|mv|rm|mkdir|rmdir|man|more|less|who|whos|env|run|load|load_ext|reload_ext|"
    r"matplotlib|pylab|time|timeit|prun|history|hist|reset|store|config|autoreload|tensorboard|precision|pinfo|"
    r"lsmagic|magic|alias|save|uv|system|sx)\b"
)


def examine(path: Path, rubric: Rubric, part: Part) -> Report:
    """By the accepted reference whose patterns fit best, the first of equal ones."""
    report = Report(path.name, path.as_posix(), rubric.title, part.id, Stage.STATIC, part.points)
    report = replace(report, saved=saved_at(path), notes=(ONLY_SOURCE,))
    try:
        saved = notebook_file.read(path)
    except UsageError as error:
        finding = Finding(
            Level.ERROR, str(error), "open it with Jupyter or Colab, see that it is yours, and save it"
        )
        items = tuple(_needs_run(part, {}))
        return replace(report, items=items, findings=(finding,), status="unreadable", at_most=part.points)
    cells = [replace(cell, outcome=Outcome.RAN) for cell in saved.cells or ()]
    every = [(one, _judged(one, cells)) for one in part.accepted]
    chosen, items = max(every, key=lambda pair: sum(item.at_most for item in pair[1]))
    return replace(
        report,
        items=items,
        program=chosen.program,
        findings=tuple(findings(cells, rubric))[:MAX_FINDINGS],
        at_most=sum(item.at_most for item in items),
        sha256=saved.sha256,
    )


def saved_at(path: Path) -> str:
    """When the file was saved; empty where it cannot be told."""
    try:
        stamp = path.stat().st_mtime
        return datetime.fromtimestamp(stamp, UTC).astimezone().isoformat(timespec="seconds")
    except (OSError, ValueError, OverflowError):
        return ""


# --- the criteria ------------------------------------------------------------------------------------------


def _judged(part: Part, cells: Sequence[Cell]) -> tuple[Item, ...]:
    patterns = [one for one in part.criteria if isinstance(one, CodeCriterion)]
    return tuple(_needs_run(part, {check.criterion: check for check in code.check_all(patterns, cells)}))


def _needs_run(part: Part, matched: dict[str, Check]) -> list[Item]:
    items = []
    for criterion in part.criteria:
        check = matched.get(criterion.id)
        if check is None:
            nothing = Check(criterion.id, criterion.title, 0.0, criterion.points, why=NEEDS_RUN)
            items.append(of_check(replace(nothing, hidden=criterion.hidden), Verdict.NOT_JUDGED, Place()))
            continue
        verdict = Verdict.PASSED if check.passed else Verdict.FAILED
        told = replace(check, evidence=ONLY_SOURCE, hidden=criterion.hidden)
        items.append(of_check(told, verdict, places.named(check)))
    return items


# --- the source --------------------------------------------------------------------------------------------


def findings(cells: Sequence[Cell], rubric: Rubric) -> list[Finding]:
    """What stops the notebook first."""
    if not any(cell.source.strip() for cell in cells):
        return [Finding(Level.ERROR, "the notebook has no code", "put the program into code cells, and save it")]
    if sum(len(cell.source) for cell in cells) > MAX_NOTEBOOK:
        return [
            Finding(Level.NOTE, f"the notebook has over {MAX_NOTEBOOK:,} characters: not all of it was looked at")
        ]
    return [
        *(one for cell in cells if (one := _syntax(cell))),
        *names.undefined(cells),
        *files.missing(cells, rubric.datasets),
    ]


def _syntax(cell: Cell) -> Finding | None:
    """Where Python's own parser cannot read the cell, magics aside."""
    bare = _AUTOMAGIC.match(cell.source) is not None
    source = parse_cell(replace(cell, outcome=Outcome.RAN if bare else Outcome.NOT_RUN))
    if not isinstance(source, str):
        return None
    head, _, message = source.partition(": ")
    number = head.removeprefix("line ")
    place = Place(cell.number, int(number) if number.isdecimal() else 0)
    said = message if place.line else source
    known = advice.on(CellError("SyntaxError", said, place.line))
    step = known or "look at that line and the one above it: a bracket, a quote, a colon or the indentation"
    return Finding(Level.ERROR, f"Python cannot read this cell: {said}", step, place)
