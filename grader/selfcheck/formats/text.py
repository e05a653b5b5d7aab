"""For a terminal, in rich's markup; everything that a notebook has told is cleaned first."""

from __future__ import annotations

from grader.console import clean
from grader.selfcheck.report import (
    Finding,
    Item,
    Level,
    Report,
    Verdict,
    facts,
    points,
    score_line,
    title,
)
from grader.selfcheck.static import ONLY_SOURCE

MARKS = {Verdict.PASSED: "[green]✓[/green]", Verdict.FAILED: "[red]✗[/red]", Verdict.NOT_JUDGED: "·"}
COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "cyan"}
_MARGIN = "\n" + " " * 9


def before(report: Report) -> list[str]:
    """What the source tells before the run, which tells of the rest: what fails alone."""
    judged = [item for item in report.items if item.verdict is not Verdict.NOT_JUDGED]
    passed = sum(item.verdict is Verdict.PASSED for item in judged)
    failed = [line for item in judged if item.verdict is Verdict.FAILED for line in _item(item)]
    return [
        _head(report),
        *_findings(report),
        *([f"{passed} of {len(judged)} patterns found, {ONLY_SOURCE}"] if judged else []),
        *failed,
    ]


def _head(report: Report) -> str:
    part = f", {clean(report.part)}" if report.part else ""
    program = f" ({clean(report.program)})" if report.program else ""
    saved = f", saved {clean(report.saved)}" if report.saved else ""
    return f"{clean(report.notebook)}{saved}: {clean(report.assignment)}{part}{program}"


def _findings(report: Report) -> list[str]:
    return [line for finding in report.findings for line in _finding(finding)]


def static(report: Report) -> list[str]:
    """All that the source tells, where nothing is to be run."""
    told = [line for item in report.items if item.verdict is not Verdict.NOT_JUDGED for line in _item(item)]
    open_ = ", ".join(clean(title(item)) for item in report.not_judged)
    return [
        _head(report),
        *_findings(report),
        *([f"{ONLY_SOURCE}:", *told] if told else []),
        *([f"not judged, needs a run: {open_}"] if open_ else []),
        score_line(report),
    ]


def after(report: Report) -> list[str]:
    """What the run has told."""
    reason = [f"[yellow]{clean(report.status)}[/yellow]: {clean(report.reason)}"] if report.reason else []
    layer = f"isolation {report.isolation}" if report.isolation else ""
    device = f"on {report.device}" if report.device else ""
    where = ", ".join(filter(None, (f"{score_line(report)} in {report.seconds:.0f} s", device, layer)))
    compared = f", compared with {clean(report.program)}" if report.program else ""
    return [
        *reason,
        *(line for item in report.items for line in _item(item)),
        *(f"[yellow]to look at:[/yellow] {clean(flag)}" for flag in report.flags),
        *(f"note: {clean(note)}" for note in report.notes),
        f"{clean(where)}{compared}",
    ]


def _finding(finding: Finding) -> list[str]:
    where = f"{finding.place}: " if finding.place.cell else ""
    head = f"[{COLOURS[finding.level]}]{finding.level}:[/] {where}{_indented(finding.what)}"
    return [head, *([f"    next: {_indented(finding.next_step)}"] if finding.next_step else [])]


def _item(item: Item) -> list[str]:
    earned = "not judged" if item.points is None else points(item.points)
    slash = " of " if item.points is None else "/"
    head = f"{MARKS[item.verdict]} {clean(title(item))}  {earned}{slash}{points(item.max_points)}"
    told = [
        f"    {_indented(text)}" if item.hidden else f"    {name}: {_indented(text)}" for name, text in facts(item)
    ]
    behind = [f"    evidence: {clean(item.evidence)}"] if item.evidence and item.evidence != ONLY_SOURCE else []
    return [head, *told, *behind]


def _indented(text: str) -> str:
    return _MARGIN.join(clean(line) for line in text.splitlines())
