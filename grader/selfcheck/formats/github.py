"""Workflow commands of GitHub Actions: annotations on the notebook's file.

GitHub shows at most ten errors and ten warnings of a step, the first ones. So the most important come first, and
the rest is counted. What a notebook has told stands in messages and titles only, escaped: it can neither begin a
command nor end one.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.selfcheck.places import lines_of_cells
from grader.selfcheck.report import Finding, Item, Level, Place, Report, Stage, facts, score_line, title

MOST = 10
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_ORDER = tuple(Level)
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


@dataclass(frozen=True, slots=True)
class _Annotation:
    level: Level
    title: str
    message: str
    place: Place


def render(report: Report, source: str = "") -> str:
    """The notebook is named by its path as it was given: in a job, that from the repository's root."""
    noted = sorted(_annotations(report), key=lambda one: _ORDER.index(one.level))
    kept, rest = noted[:MOST], len(noted) - MOST
    if rest > 0:
        kept, rest = noted[: MOST - 1], len(noted) - MOST + 1
    cells = lines_of_cells(source) if source else ()
    lines = [_command(one, report.path, _line(cells, one.place)) for one in kept]
    if rest > 0:
        more = _Annotation(Level.WARNING, "More", f"{rest} more findings are in the job's summary", Place())
        lines.append(_command(more, report.path, 0))
    ended = f"{report.notebook}: {score_line(report)}"
    return "\n".join([*lines, _plain(ended)]) + "\n"


def _annotations(report: Report) -> list[_Annotation]:
    trouble = _Annotation(Level.ERROR, "The grader itself failed", report.reason or "no score", Place())
    found = [_of_finding(one) for one in report.findings if one.level is Level.ERROR]
    return [
        *([trouble] if report.troubled else []),
        *found,
        *(_of_item(one) for one in report.failed),
        *(_of_finding(one) for one in report.findings if one.level is not Level.ERROR),
        *(_Annotation(Level.WARNING, "To look at", flag, Place()) for flag in report.flags),
        *(_unjudged(one) for one in report.not_judged if report.stage is Stage.RUN),
    ]


def _unjudged(item: Item) -> _Annotation:
    return _Annotation(Level.NOTE, "Not judged", f"{title(item)}: {item.why}", Place())


def _of_finding(finding: Finding) -> _Annotation:
    message = f"{finding.what}\nnext: {finding.next_step}" if finding.next_step else finding.what
    return _Annotation(finding.level, _named("Before the run", finding.place), message, finding.place)


def _of_item(item: Item) -> _Annotation:
    told = [f"{name}: {text}" for name, text in facts(item)]
    head = f"{item.points or 0:g} of {item.max_points:g} points"
    return _Annotation(Level.ERROR, _named(title(item), item.place), "\n".join([head, *told]), item.place)


def _named(what: str, place: Place) -> str:
    return f"{what} ({place})" if place.cell else what


def _line(cells: tuple[tuple[int, tuple[int, ...]], ...], place: Place) -> int:
    """Of the file, where the cell's own line stands, or the cell begins."""
    if not 0 < place.cell <= len(cells):
        return 0
    first, lines = cells[place.cell - 1]
    return lines[place.line - 1] if 0 < place.line <= len(lines) else first


def _command(one: _Annotation, file: str, line: int) -> str:
    properties = {"file": file, **({"line": str(line)} if line else {}), "title": one.title}
    told = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{_COMMANDS[one.level]} {told}::{_escaped(one.message, _DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    valid = text.encode("utf-8", "replace").decode("utf-8")
    kept = (
        table.get(one) or (one if one.isprintable() or one == " " else "\N{REPLACEMENT CHARACTER}") for one in valid
    )
    return "".join(kept)


def _plain(text: str) -> str:
    """A line that is no command, whatever it says: commands begin with two colons, or hold `##[`."""
    return " ".join(_escaped(text, {}).replace("::", ": :").replace("##[", "# #[").split())
