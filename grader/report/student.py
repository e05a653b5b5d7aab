"""A student's page: the score card, the model beside the reference's, the curves, and how it was run.

One page for two readers. The TA's names flags and links the executed notebook; the student's, the feedback, leaves
out what is hidden and what only the TA can use, and needs no other file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from grader import bands
from grader.model import (
    Check,
    Environment,
    Evidence,
    Grade,
    HistoryCriterion,
    Interval,
    Layer,
    Part,
    Recording,
    Result,
    Rubric,
    Status,
    SummaryCriterion,
    canonical_metric,
)
from grader.report import curves, layers, shell
from grader.report.curves import Curve

MOST_CHECK = 800  # characters of each of a check's texts
MOST_FLAGS = 40


class Reader(Enum):
    TA = "ta"
    STUDENT = "student"


@dataclass(frozen=True, slots=True)
class Judged:
    """A part's result with what it was made of: the model and the history that were judged, where there were any.

    `evidence` is None where nothing ran. `part` and `recording` are those of the reference that judged. `notebook`
    is the address of the executed notebook's page, from the student's page; empty where there is none.
    """

    result: Result
    part: Part
    recording: Recording | None = None
    evidence: Evidence | None = None
    snapshot: tuple[Layer, ...] | None = None
    history: Mapping[str, tuple[float, ...]] | None = None
    notebook: str = ""
    graded_at: str = ""


def page(rubric: Rubric, student: str, parts: Sequence[Judged], reader: Reader) -> str:
    """At most a few hundred kB, whatever the notebook held: every text and every list is cut at a stated length."""
    shown = [for_student(one) if reader is Reader.STUDENT else one for one in parts]
    results = [one.result for one in shown]
    values = {
        "title": rubric.title,
        "student": student,
        "identity": results[0].identity,
        "totals": _totals(rubric, results),
        "parts": [_section(one, reader) for one in shown],
        "several": len(rubric.parts) > 1,
        "whole": [one for each in results for one in each.adjustments],
        "for_ta": reader is Reader.TA,
    }
    return shell.render("student.html", values)


def for_student(judged: Judged) -> Judged:
    """Without what is hidden, and without flags, which are for a person to judge."""
    hidden = {criterion.id for criterion in judged.part.criteria if criterion.hidden}
    checks = tuple(
        _veiled(one) if one.hidden or one.criterion in hidden else one for one in judged.result.grade.checks
    )
    grade = replace(judged.result.grade, checks=checks, flags=(), message="")
    return replace(judged, result=replace(judged.result, grade=grade), notebook="")


def _veiled(check: Check) -> Check:
    return Check(check.criterion, check.title, check.points, check.max_points, hidden=True)


def _totals(rubric: Rubric, results: Sequence[Result]) -> dict[str, str]:
    finals = [one.final for one in results]
    scores = [one.grade.score for one in results]
    known = None not in finals and None not in scores
    return {
        "score": shell.points(sum(one or 0 for one in scores)) if known else shell.NONE,
        "final": shell.points(sum(one or 0 for one in finals)) if known else shell.NONE,
        "max": shell.points(rubric.points),
        "penalty": shell.points(sum(one.penalty for one in results)) if any(one.penalty for one in results) else "",
    }


def _section(judged: Judged, reader: Reader) -> dict[str, object]:
    grade = judged.result.grade
    table, more = _layers(judged, reader)
    return {
        "judged": judged,
        "grade": grade,
        "result": judged.result,
        "reason": shell.lines(grade.reason, MOST_CHECK),
        "checks": [_card(one) for one in grade.checks] if grade.status is not Status.GRADER_ERROR else [],
        "flags": [shell.shown(flag) for flag in grade.flags[:MOST_FLAGS]],
        "more_flags": max(0, len(grade.flags) - MOST_FLAGS),
        "layers": table,
        "more_layers": more,
        "curves": list(_curves(judged, reader)),
        "facts": list(_facts(grade, judged)),
    }


def _card(check: Check) -> dict[str, object]:
    facts: tuple[tuple[str, str], ...] = (
        ("expected", check.expected),
        ("found", check.found),
        ("why", check.why),
        ("next", check.next_step),
        ("evidence", check.evidence),
    )
    if check.passed:
        facts = tuple(pair for pair in facts if pair[0] in ("found", "evidence"))
    kind = "full" if check.passed else "part" if check.points > 0 else "none"
    return {
        "check": check,
        "kind": kind,
        "word": {"full": "all points", "part": "some points", "none": "no points"}[kind],
        "facts": [(name, shell.lines(text, MOST_CHECK)) for name, text in facts if text],
    }


# --- the model and the training ----------------------------------------------------------------------------


def _shows(judged: Judged, kind: type[object], reader: Reader) -> bool:
    """Whether this reader may see what criteria of this kind are compared with."""
    asked = [criterion for criterion in judged.part.criteria if isinstance(criterion, kind)]
    return reader is Reader.TA or (bool(asked) and not any(criterion.hidden for criterion in asked))


def _layers(judged: Judged, reader: Reader) -> tuple[tuple[layers.Row, ...], int]:
    if judged.recording is None or judged.snapshot is None or not _shows(judged, SummaryCriterion, reader):
        return (), 0
    return layers.rows(judged.recording.layers, judged.snapshot)


def _curves(judged: Judged, reader: Reader) -> Iterator[Curve]:
    """The recorded metrics first, then what else the notebook measured."""
    if judged.history is None or judged.recording is None or not _shows(judged, HistoryCriterion, reader):
        return
    found = {canonical_metric(name): values for name, values in judged.history.items()}
    recorded = _recorded(judged.recording)
    limits = _limits(judged)
    names = [*sorted(recorded), *sorted(set(found) - set(recorded))]
    for name in names[: curves.MOST_METRICS]:
        yield Curve(name, found.get(name, ()), limits.get(name, {}), recorded.get(name, {}))


def _limits(judged: Judged) -> dict[str, dict[int, Interval]]:
    """Metric -> epoch -> interval, of the criteria that judge figures."""
    limits: dict[str, dict[int, Interval]] = {}
    for criterion in judged.part.criteria:
        if isinstance(criterion, HistoryCriterion) and judged.recording:
            for epoch, each in bands.intervals(judged.recording, criterion).items():
                for metric, interval in each.items():
                    limits.setdefault(metric, {})[epoch] = interval
    return limits


def _recorded(recording: Recording) -> dict[str, dict[int, tuple[float, float]]]:
    """Metric -> epoch -> the least and the greatest value of all seeds."""
    ranges: dict[str, dict[int, tuple[float, float]]] = {}
    for run in recording.runs:
        for name, values in run.history.items():
            each = ranges.setdefault(canonical_metric(name), {})
            for epoch, value in enumerate(values[: curves.MOST_EPOCHS], 1):
                low, high = each.get(epoch, (value, value))
                each[epoch] = (min(low, value), max(high, value))
    return ranges


# --- how it was run ----------------------------------------------------------------------------------------


def _facts(grade: Grade, judged: Judged) -> Iterator[tuple[str, str]]:
    environment = grade.environment
    pairs = (
        ("notebook", grade.notebook),
        ("SHA-256", grade.sha256),
        ("graded", judged.graded_at),
        ("ran for", f"{grade.seconds:.1f} s" if grade.seconds else ""),
        ("compared with", grade.reference),
        ("trained", grade.trained if judged.evidence else ""),
        ("device", _device(grade, environment)),
        ("isolation", grade.isolation),
        ("seed", str(environment.seed) if environment else ""),
        ("threads", str(environment.threads) if environment else ""),
        ("versions", _versions(environment)),
        ("platform", environment.platform if environment else ""),
    )
    for name, text in pairs:
        if text:
            yield name, shell.shown(text, 300)


def _device(grade: Grade, environment: Environment | None) -> str:
    what = (environment.gpu or environment.cpu) if environment else ""
    return f"{grade.device} ({what})" if what else grade.device


def _versions(environment: Environment | None) -> str:
    if environment is None:
        return ""
    return ", ".join(f"{name} {version}" for name, version in sorted(environment.versions.items()))
