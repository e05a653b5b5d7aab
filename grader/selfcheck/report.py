"""What a self-check found, before anybody words or draws it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from grader.model import Check


class Stage(StrEnum):
    STATIC = "static"
    RUN = "run"


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


class Level(StrEnum):
    """`ERROR`: the notebook cannot run like this; `WARNING`: it is likely to fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """A code cell, counted from 1, and a line of it; 0 where it is not known."""

    cell: int = 0
    line: int = 0

    def __str__(self) -> str:
        if not self.cell:
            return ""
        return f"cell {self.cell}, line {self.line}" if self.line else f"cell {self.cell}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the source tells beside the criteria."""

    level: Level
    what: str
    next_step: str = ""
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Item:
    """One criterion. `points` is None where it was not judged; `at_most` is what it may still be worth.

    Of what is `hidden` there are points alone: all texts but the title are empty.
    """

    id: str
    title: str
    verdict: Verdict
    points: float | None
    max_points: float
    at_most: float
    expected: str = ""
    found: str = ""
    why: str = ""
    next_step: str = ""
    evidence: str = ""
    place: Place = Place()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """`score` is None where nothing was run, or where the trouble was ours; what was not judged is not in it.

    `path` is the notebook's as it was given, `saved` when it was saved, ISO 8601 with a zone. `status` is that of a
    grade, empty where nothing was run. `program` names the accepted reference that it was compared with, where
    there are several.
    """

    notebook: str
    path: str
    assignment: str
    part: str
    stage: Stage
    max_score: float
    score: float | None = None
    at_most: float = 0.0
    status: str = ""
    reason: str = ""
    program: str = ""
    items: tuple[Item, ...] = ()
    findings: tuple[Finding, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    saved: str = ""
    sha256: str = ""
    seconds: float = 0.0
    device: str = ""
    isolation: str = ""

    @property
    def failed(self) -> tuple[Item, ...]:
        """Those worth most first."""
        items = [item for item in self.items if item.verdict is Verdict.FAILED]
        return tuple(sorted(items, key=lambda item: (item.points or 0) - item.max_points))

    @property
    def not_judged(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.verdict is Verdict.NOT_JUDGED)

    @property
    def troubled(self) -> bool:
        """Whether the grader itself failed."""
        return self.status == "grader_error"

    @property
    def passed(self) -> bool:
        """Nothing that was judged has failed, and something was judged or nothing had to be."""
        errors = any(one.level is Level.ERROR for one in self.findings) and self.stage is Stage.STATIC
        return not self.failed and not errors and not self.troubled


def title(item: Item) -> str:
    return item.title or item.id


def points(value: float) -> str:
    return f"{round(value, 4):g}"


def score_line(report: Report) -> str:
    """The score, and what it may still be, in words."""
    most = points(report.max_score)
    if report.stage is Stage.STATIC:
        return f"at most {points(report.at_most)} of {most} points; nothing was run"
    if report.score is None:
        return f"no score of {most}: {report.status.replace('_', ' ') or 'nothing was judged'}"
    if report.at_most > report.score:
        return f"{points(report.score)} of {most} points, at most {points(report.at_most)}"
    return f"{points(report.score)} of {most} points"


def facts(item: Item) -> tuple[tuple[str, str], ...]:
    """What a person is told of a criterion that has not passed, by name; empty texts are left out."""
    if item.hidden:
        return (("note", HIDDEN),)
    if item.verdict is Verdict.PASSED:
        return ()
    told = (("expected", item.expected), ("found", item.found), ("why", item.why), ("next", item.next_step))
    return tuple((name, text) for name, text in told if text)


HIDDEN = "what it looks for is not shown before the hand-in"


def of_check(check: Check, verdict: Verdict, place: Place) -> Item:
    """All that a student may know of it."""
    judged = verdict is not Verdict.NOT_JUDGED
    item = Item(
        id=check.criterion,
        title=check.title,
        verdict=verdict,
        points=check.points if judged else None,
        max_points=check.max_points,
        at_most=check.points if judged else check.max_points,
        hidden=check.hidden,
    )
    if check.hidden:
        return item
    return replace(
        item,
        expected=check.expected,
        found=check.found,
        why=check.why,
        next_step=check.next_step,
        evidence=check.evidence,
        place=place,
    )
