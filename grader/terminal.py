"""What people see in a terminal: progress, tables, checks. `cli` decides what, this module how."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from grader import bands, outliers, strata
from grader.batch import Run
from grader.console import clean, complain, output, say
from grader.doctor import Finding
from grader.model import Grade, HistoryCriterion, Part, Recording, Rubric, Status
from grader.progress import Progress
from grader.verify import summary
from grader.verify.outcome import Outcome

__all__ = [
    "BarProgress",
    "LineProgress",
    "clean",
    "complain",
    "duration",
    "progress",
    "say",
    "show_findings",
    "show_recording",
    "show_run",
    "show_verifications",
]

# --- progress ----------------------------------------------------------------------------------------------


def progress() -> Progress:
    """A bar on a terminal; plain lines elsewhere; both on standard error."""
    return BarProgress() if sys.stderr.isatty() else LineProgress()


class BarProgress(Progress):
    def __init__(self) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            TextColumn("{task.fields[item]}"),
            console=Console(stderr=True, highlight=False, emoji=False),
            speed_estimate_period=3600.0,  # items take a minute each
        )

    def begin(self, total: int, what: str) -> None:
        self._task = self._bar.add_task(clean(what), total=total, item="")
        self._bar.start()

    def running(self, item: str) -> None:
        self._bar.update(self._task, item=clean(item))

    def note(self, item: str, what: str) -> None:
        self._bar.console.print(f"{clean(item)}: {clean(what)}", soft_wrap=True)

    def done(self, item: str, outcome: str) -> None:
        self._bar.console.print(f"{clean(item)}: {clean(outcome)}", soft_wrap=True)
        self._bar.advance(self._task)

    def end(self) -> None:
        self._bar.stop()


class LineProgress(Progress):
    """One line an item: `[3/13] alex: graded, 100 of 100 (51 s; about 8 min left)`."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, emoji=False)

    def begin(self, total: int, what: str) -> None:
        self._total, self._count, self._began = total, 0, time.monotonic()
        self._since: dict[str, float] = {}
        self._console.print(f"{clean(what)}: {total} to run", soft_wrap=True)

    def running(self, item: str) -> None:
        self._since[item] = time.monotonic()

    def note(self, item: str, what: str) -> None:
        self._console.print(clean(f"{item}: {what}"), soft_wrap=True)

    def done(self, item: str, outcome: str) -> None:
        self._count += 1
        now = time.monotonic()
        left = (now - self._began) / self._count * (self._total - self._count)
        times = f"{now - self._since.get(item, now):.0f} s" + (f"; about {duration(left)} left" if left else "")
        line = f"[{self._count}/{self._total}] {item}: {outcome} ({times})"
        self._console.print(clean(line), soft_wrap=True)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 - from 1.5 minutes


# --- results -----------------------------------------------------------------------------------------------


def show_run(rubric: Rubric, run: Run, out: Path) -> None:
    several = len(rubric.parts) > 1
    table = Table("student", *(["part"] if several else []), "status", title=clean(rubric.title), box=box.SIMPLE)
    table.add_column("score", justify="right")
    table.add_column("points lost on", overflow="fold")
    table.add_column("flags", justify="right")
    for grade in run.grades:
        names = [clean(grade.student), *([clean(grade.part)] if several else [])]
        flags = str(len(grade.flags)) if grade.flags else ""
        table.add_row(*names, _status(grade.status), _score(grade), _lost(grade), flags)
    console = output()
    console.print(table)
    for remark in run.remarks:
        console.print(f"note: {clean(remark)}", soft_wrap=True)
    console.print(clean(f"{len(run.grades)} rows in {out / 'scores.csv'}"), soft_wrap=True)
    console.print(clean(f"report: {out / 'report' / 'index.html'}"), soft_wrap=True)


def _status(status: Status) -> str:
    match status:
        case Status.GRADED:
            return status.value
        case Status.GRADER_ERROR:
            return f"[red]{status.value}[/red]"
        case _:
            return f"[yellow]{status.value}[/yellow]"


def _score(grade: Grade) -> str:
    return "" if grade.score is None else f"{grade.score:g} / {grade.max_score:g}"


def _lost(grade: Grade) -> str:
    if grade.status is Status.GRADER_ERROR:
        return clean(grade.message[:200])
    return clean(", ".join(check.criterion for check in grade.checks if not check.passed))


def show_recording(part: Part, recording: Recording) -> None:
    """Each stratum, with its intervals."""
    for stratum in strata.each(recording):
        for line in _made(part, stratum):
            say(line)
        for criterion in part.criteria:
            if isinstance(criterion, HistoryCriterion):
                _show_intervals(criterion, stratum)


def _made(part: Part, stratum: Recording) -> list[str]:
    if stratum.published:
        return [f"{part.title}: imported from '{stratum.published.name}': one run, in an unknown environment"]
    environment = stratum.environment
    versions = ", ".join(f"{name} {version}" for name, version in sorted(environment.versions.items()))
    device = f"{environment.device.value} ({environment.gpu or environment.cpu})"
    return [f"{part.title}: {len(stratum.runs)} seeds on {device}", f"{environment.threads} threads; {versions}"]


def _show_intervals(criterion: HistoryCriterion, recording: Recording) -> None:
    found = [
        (epoch, metric, one)
        for epoch, each in bands.sharpness(recording, criterion).items()
        for metric, one in each.items()
    ]
    table = Table("epoch", "metric", title=clean(f"{criterion.id}: {found[0][2].interval.how}"), box=box.SIMPLE)
    names = ("low", "centre", "high", *(() if recording.published else ("shift down", "shift up")))
    for name in names:
        table.add_column(name, justify="right")
    for epoch, metric, one in found:
        figures = (one.interval.low, one.interval.centre, one.interval.high, one.down, one.up)[: len(names)]
        shown = ("none" if value is None else f"{value:.4g}" for value in figures)
        table.add_row(str(epoch), clean(metric), *shown)
    console = output()
    console.print(table)
    if recording.published:
        return  # one run shows no spread, so nothing is known of shifts
    console.print(
        f"A shift of the centre by so much leaves the interval in {bands.POWER:.0%} of runs; none: no shift does.",
        soft_wrap=True,
    )
    for note in filter(None, (bands.advice(recording, criterion), outliers.warning(recording, criterion))):
        console.print(f"[yellow]note:[/yellow] {clean(note)}", soft_wrap=True)


def show_verifications(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        _show_verification(outcome)


def _show_verification(outcome: Outcome) -> None:
    console = output()
    for line in outcome.fault.splitlines():
        console.print(clean(line), soft_wrap=True)
    for section in summary.sections(outcome):
        table = Table(title=clean(section.title), title_justify="left", box=box.SIMPLE)
        for name in section.columns:
            table.add_column(name, overflow="fold", justify="right" if name == "lost" else "left")
        for row in section.rows:
            table.add_row(*map(clean, row))
        console.print(table)
    for remark in summary.remarks(outcome):
        console.print(f"note: {clean(remark)}", soft_wrap=True)
    console.print(clean(summary.conclusion(outcome)), soft_wrap=True)


def show_findings(findings: Sequence[Finding]) -> None:
    table = Table("", "what", "found", box=box.SIMPLE)
    for finding in findings:
        mark = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "·"}[finding.well]
        table.add_row(mark, clean(finding.what), clean(finding.found))
    output().print(table)
