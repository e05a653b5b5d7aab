"""HTML, for a notebook's output: a fragment without script, link or picture, in which all told text is escaped."""

from __future__ import annotations

from html import escape

from grader.selfcheck.report import Finding, Item, Report, Verdict, facts, points, score_line, title

MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_JUDGED: "·"}
COLOURS = {Verdict.PASSED: "#1a7f37", Verdict.FAILED: "#cf222e", Verdict.NOT_JUDGED: "#6e7781"}


def render(report: Report, source: str = "") -> str:  # noqa: ARG001 - each form is called alike
    reason = f"<p><b>{_text(report.status)}</b>: {_text(report.reason)}</p>" if report.reason else ""
    told = [_finding(one) for one in report.findings]
    findings = f"<ul>{''.join(told)}</ul>" if told else ""
    notes = "".join(f"<p>{_text(note)}</p>" for note in (*report.flags, *report.notes))
    saved = f", saved {_text(report.saved)}" if report.saved else ""
    rows = "".join(map(_row, report.items))
    return (
        f'<div class="tex2jax_ignore mathjax_ignore">'
        f"<p><b>{_text(report.assignment)} {_text(report.part)}: {_text(score_line(report))}</b><br>"
        f"{_text(report.notebook)}{saved}</p>{reason}{findings}"
        f"<table><thead><tr><th></th><th>criterion</th><th>points</th><th>what to look at</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{notes}</div>\n"
    )


def _finding(one: Finding) -> str:
    where = f"{one.place}: " if one.place.cell else ""
    step = f"<br>next: {_text(one.next_step)}" if one.next_step else ""
    return f"<li><b>{one.level}</b> {where}{_text(one.what)}{step}</li>"


def _row(item: Item) -> str:
    earned = "not judged" if item.points is None else points(item.points)
    told = "<br>".join(f"<b>{name}</b>: {_text(text)}" for name, text in facts(item))
    mark = f'<td style="color:{COLOURS[item.verdict]}" title="{item.verdict}">{MARKS[item.verdict]}</td>'
    left = 'style="text-align:left"'
    head = f"<td {left}>{_text(title(item))}</td><td>{earned} of {points(item.max_points)}</td>"
    return f"<tr>{mark}{head}<td {left}>{told}</td></tr>"


def _text(text: str) -> str:
    shown = "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text)
    return escape(shown, quote=True).replace("\n", "<br>")
