"""Markdown, for the summary of a job: a table of criteria. What a notebook told stands there as text and no more.

Every character that Markdown, GitHub's mentions, references and links, or HTML give a meaning is written as a
character reference, which no Markdown reader takes for markup.
"""

from __future__ import annotations

from grader.selfcheck.report import Finding, Item, Report, Verdict, facts, points, score_line, title

MARKS = {Verdict.PASSED: "✅", Verdict.FAILED: "❌", Verdict.NOT_JUDGED: "·"}
MAX_TEXT = 1_500  # characters of a fact; a summary may hold 1 MiB in all
_SAFE = frozenset(" ',/()=+;?")
_REFERRING = frozenset("@#")  # GitHub looks for mentions once more in what was rendered: these stand apart


def render(report: Report, source: str = "") -> str:  # noqa: ARG001 - each form is called alike
    part = f", {escaped(report.part)}" if report.part else ""
    lines = [
        f"### {escaped(report.assignment)}{part}: {escaped(score_line(report))}",
        "",
        f"{escaped(report.notebook)}" + (f", saved {escaped(report.saved)}" if report.saved else ""),
        *(["", f"**{escaped(report.status)}**: {escaped(report.reason)}"] if report.reason else []),
        *(_findings(report.findings) if report.findings else []),
        "",
        "| | criterion | points | what to look at |",
        "| --- | --- | ---: | --- |",
        *map(_row, report.items),
        *(line for flag in report.flags for line in ("", f"To look at: {escaped(flag)}")),
        *(line for note in report.notes for line in ("", f"Note: {escaped(note)}")),
    ]
    return "\n".join(lines) + "\n"


def _findings(findings: tuple[Finding, ...]) -> list[str]:
    told = []
    for one in findings:
        where = f"{one.place}: " if one.place.cell else ""
        step = f" Next: {escaped(one.next_step)}" if one.next_step else ""
        told.append(f"- **{one.level}** {where}{escaped(one.what)}.{step}")
    return ["", *told]


def _row(item: Item) -> str:
    earned = "not judged" if item.points is None else points(item.points)
    told = "<br>".join(f"**{name}** {escaped(text)}" for name, text in facts(item))
    return f"| {MARKS[item.verdict]} | {escaped(title(item))} | {earned} of {points(item.max_points)} | {told} |"


def escaped(text: str) -> str:
    """On one line, or with breaks where it has several, for a table's cell too."""
    cut = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
    return "<br>".join("".join(map(_reference, line)) for line in cut.splitlines())


def _reference(character: str) -> str:
    """`.` and `:` too: GitHub makes links of addresses that are written out."""
    if character.isalnum() or character in _SAFE:
        return character
    if character in _REFERRING:
        return f"&#{ord(character)};&#8203;"
    if character.isprintable():
        return f"&#{ord(character)};"
    return "\N{REPLACEMENT CHARACTER}"
