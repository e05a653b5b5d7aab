"""`index.html`: the class at a glance, and a table of its students."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from grader.model import Result, Rubric, Status
from grader.outputs.notebooks import folder_name
from grader.report import shell
from grader.report.bars import Bar, Chart

BINS = 10
HARDEST = 8  # criteria that are shown
NAME = 48  # characters of a name, a criterion or a label that are shown
LOST = 90


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One student. `classes` are the words that the table is filtered by; `numbers` the points, as shown."""

    name: str
    href: str
    classes: str
    status: str
    flags: int
    numbers: tuple[str, ...]
    late: str
    lost: str
    final: float | None


COLUMNS = (
    Column("student"),
    Column("status"),
    Column("flags", number=True),
    Column("score", number=True),
    Column("final", number=True),
    Column("late"),
    Column("points lost on"),
)


def page(rubric: Rubric, students: Mapping[str, Sequence[Result]], remarks: Sequence[str]) -> str:
    """`students` holds each student's results, in the order of the rubric's parts."""
    rows = [_row(rubric, student, theirs) for student, theirs in students.items()]
    results = [one for theirs in students.values() for one in theirs]
    values = {
        "title": rubric.title,
        "glance": _glance(rubric, rows),
        "charts": (_scores(rubric, rows), _statuses(results), _hardest(rubric, results)),
        "remarks": remarks,
        "columns": COLUMNS,
        "choices": _choices(rows),
        "several": len(rubric.parts) > 1,
        "rows": sorted(rows, key=lambda row: (row.flags == 0, row.name.casefold(), row.name)),
    }
    return shell.render("index.html", values, "index.js")


def address(student: str) -> str:
    """Of the student's page, from the index; plain characters only, as `folder_name` makes them."""
    return f"students/{folder_name(student)}.html"


def _row(rubric: Rubric, student: str, results: Sequence[Result]) -> Row:
    several = len(rubric.parts) > 1
    others = [one.grade for one in results if one.grade.status is not Status.GRADED]
    scores = [one.grade.score for one in results]
    finals = [one.final for one in results]
    late = dict.fromkeys(one.lateness.why for one in results if one.lateness and one.lateness.late)
    lost = [
        f"{one.grade.part}.{check.criterion}" if several else check.criterion
        for one in results
        for check in one.grade.checks
        if not check.passed and one.grade.status not in (Status.MISSING, Status.GRADER_ERROR)
    ]
    status = dict.fromkeys(f"{one.part}: {one.status.value}" if several else one.status.value for one in others)
    flags = sum(len(one.grade.flags) for one in results)
    words = {one.grade.status.value for one in results} | ({"flagged"} if flags else set())
    total = _total(finals)
    return Row(
        name=shell.shown(student, NAME) or "(no name)",
        href=address(student),
        classes=" ".join(sorted(words | ({"late"} if late else set()))),
        status="; ".join(status) or Status.GRADED.value,
        flags=flags,
        numbers=("" if _total(scores) is None else shell.points(_total(scores)), _blank(total)),
        late=shell.shown("; ".join(late), NAME),
        lost=shell.shown(", ".join(lost), LOST),
        final=total,
    )


def _blank(value: float | None) -> str:
    return "" if value is None else shell.points(value)


def _total(values: Iterable[float | None]) -> float | None:
    """Nothing where one is missing: trouble of ours must not look like a 0."""
    known = list(values)
    return None if None in known else sum(one for one in known if one is not None)


def _glance(rubric: Rubric, rows: Sequence[Row]) -> str:
    known = [row.final for row in rows if row.final is not None]
    flagged = sum(row.flags > 0 for row in rows)
    figures = f"; of {rubric.points:g} points, mean {fmean(known):.1f}, median {median(known):.1f}" if known else ""
    blank = len(rows) - len(known)
    open_ones = f"; {blank} without a score yet" if blank else ""
    looks = f"; {flagged} with something to look at" if flagged else ""
    return f"{_students(len(rows))}{figures}{open_ones}{looks}"


def _students(count: int) -> str:
    return "1 student" if count == 1 else f"{count} students"


def _choices(rows: Sequence[Row]) -> list[tuple[str, str]]:
    found = Counter(word for row in rows for word in row.classes.split())
    first = [word for word in ("flagged", "late") if word in found]
    others = [status.value for status in Status if status.value in found]
    return [(word, f"{word} ({found[word]})") for word in (*first, *others)]


# --- at a glance -------------------------------------------------------------------------------------------


def _scores(rubric: Rubric, rows: Sequence[Row]) -> Chart:
    """How many have how much of all points; the last bin has its upper end, too."""
    known = [row.final for row in rows if row.final is not None]
    counts = Counter(min(int(one / rubric.points * BINS), BINS - 1) for one in known)
    width = rubric.points / BINS
    bars = [
        Bar(
            f"{number * width:g}",
            counts[number],
            f"from {number * width:g} to {(number + 1) * width:g} points: {_students(counts[number])}",
            str(counts[number] or ""),
        )
        for number in range(BINS)
    ]
    return Chart("Scores", tuple(bars) if known else (), "Nobody has a score yet.", upright=True)


def _statuses(results: Sequence[Result]) -> Chart:
    counts = Counter(one.grade.status for one in results)
    bars = [
        Bar(
            status.value, counts[status], f"{status.value}: {counts[status]} of {len(results)}", str(counts[status])
        )
        for status in Status
        if counts[status]
    ]
    return Chart("How the notebooks ended", tuple(bars), "There are no submissions.")


def _hardest(rubric: Rubric, results: Sequence[Result]) -> Chart:
    """The criteria of which the class lost the largest share, over all that were judged."""
    shares: dict[str, list[float]] = {}
    for one in results:
        if one.grade.status in (Status.MISSING, Status.GRADER_ERROR):
            continue
        for check in one.grade.checks:
            if check.max_points > 0:
                name = f"{one.grade.part}.{check.criterion}" if len(rubric.parts) > 1 else check.criterion
                shares.setdefault(name, []).append(1 - check.points / check.max_points)
    means = sorted(((fmean(each), name) for name, each in shares.items()), key=lambda pair: (-pair[0], pair[1]))
    bars = [
        Bar(shell.shown(name, 24), lost, f"{shell.shown(name, NAME)}: {lost:.0%} of its points lost", f"{lost:.0%}")
        for lost, name in means[:HARDEST]
        if lost > 0
    ]
    return Chart("Hardest criteria: points lost", tuple(bars), "Nobody lost a point.")
