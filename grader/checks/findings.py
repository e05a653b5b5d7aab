"""A verdict on a code criterion, in words: what was looked for, what was found and where, and what to do.

Every quotation of a student's code was cut and cleaned when the statement was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from grader.checks.nearest import nearest
from grader.checks.patterns import readable, unresolved
from grader.checks.placing import Misplaced, Missing, NoLandmark, NotFirst, OtherNames, Placed, Rule
from grader.checks.syntax import Fate
from grader.checks.wording import shown
from grader.model import Check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.checks.patterns import Match, Pattern
    from grader.checks.placing import Verdict
    from grader.checks.syntax import Code
    from grader.model import CodeCriterion

MAX_NAME = 40
MAX_PATTERN = 120
MAX_UNREAD = 3

PLACES = {
    Rule.AFTER: "below it",
    Rule.RIGHT_AFTER: "right below it",
    Rule.BEFORE: "above it",
}
REPAIR = "correct the error that stopped the notebook, then run all cells from top to bottom"


@dataclass(frozen=True, slots=True)
class Search:
    """Where else to look when nothing that ran matches: all code, and the first match in code that did not run."""

    patterns: tuple[Pattern, ...]
    code: Code
    not_run: Match | None


@dataclass(frozen=True, slots=True)
class _Finding:
    found: str
    why: str = ""
    next_step: str = ""


def explain(criterion: CodeCriterion, verdict: Verdict, names: Mapping[str, str], search: Search) -> Check:
    """The check that a verdict comes to; `names` are those that it was judged under."""
    passed = isinstance(verdict, Placed)
    words = _Words(criterion, _shown_names(verdict, names))
    finding = _finding(verdict, words, search)
    return Check(
        criterion=criterion.id,
        title=criterion.title,
        points=criterion.points if passed else 0.0,
        max_points=criterion.points,
        expected=words.expected(),
        found=finding.found,
        why=finding.why,
        next_step=finding.next_step,
    )


def _finding(verdict: Verdict, words: _Words, search: Search) -> _Finding:
    match verdict:
        case Placed(match):
            return _Finding(match.statement.place)
        case NotFirst(match, first):
            before = "" if first is None else f": that is {first.place}"
            return _Finding(
                match.statement.place,
                f"it is not the notebook's first statement{before}",
                f"move {words.pattern} to the top of the first code cell, above every other statement",
            )
        case NoLandmark(match, rule):
            return _Finding(
                match.statement.place,
                f"it belongs {words.position(rule)}, which was not found in code that ran{_unread(search.code)}",
                f"write {words.landmark(rule)} as the assignment shows it, with {words.pattern} {PLACES[rule]}",
            )
        case Misplaced(match, rule, landmark):
            return _Finding(
                f"{match.statement.place}, but not {words.position(rule)}",
                f"{words.landmark(rule)} is found at {landmark.statement.place}",
                f"move {words.pattern} {PLACES[rule]}",
            )
        case OtherNames(match):
            return _Finding(
                match.statement.place,
                f"with the names that the other steps use, it would be {words.pattern}",
                "use the same name for the same thing in every step",
            )
        case Missing():
            return _missing(words, search)
        case unknown:
            assert_never(unknown)


def _missing(words: _Words, search: Search) -> _Finding:
    if search.not_run is not None:
        statement = search.not_run.statement
        return _Finding(f"{statement.place}, {statement.fate}", "only code that ran counts", REPAIR)
    unread = _unread(search.code)
    near = nearest(search.patterns, search.code.statements())
    if near is None:
        first = f"look at cell {search.code.unread[0].cell} first; if it is not there, " if unread else ""
        return _Finding(
            "nothing like it", f"no statement that ran matches{unread}", f"{first}add {words.expected()}"
        )
    fate = "" if near.fate is Fate.RAN else f", {near.fate}"
    return _Finding(
        f"the nearest is {near.place}{fate}",
        f"no statement that ran matches{unread}",
        f"compare that line with {words.pattern} and change what differs",
    )


def _unread(code: Code) -> str:
    """Cells that were not looked into, and why: what is missing may be there."""
    notes = [f"cell {each.cell} could not be read ({each.reason})" for each in code.unread[:MAX_UNREAD]]
    return "".join(f"; {note}" for note in notes)


@dataclass(frozen=True, slots=True)
class _Words:
    """A criterion as a student reads it, with the names that stand in the notebook."""

    criterion: CodeCriterion
    names: Mapping[str, str]

    @property
    def pattern(self) -> str:
        return self._either(self.criterion.pattern)

    def landmark(self, rule: Rule) -> str:
        return self._either(self.criterion.before if rule is Rule.BEFORE else self.criterion.after)

    def position(self, rule: Rule) -> str:
        return f"{rule} {self.landmark(rule)}"

    def expected(self) -> str:
        """The pattern, its place, and what the capitals in it stand for."""
        criterion = self.criterion
        places = ["as the notebook's first statement"] if criterion.first else []
        if criterion.after:
            places.append(self.position(Rule.RIGHT_AFTER if criterion.adjacent else Rule.AFTER))
        if criterion.before:
            places.append(self.position(Rule.BEFORE))
        return f"{self.pattern} {' and '.join(places)}".rstrip() + self._legend()

    def _either(self, patterns: Sequence[str]) -> str:
        return " or ".join(f"`{shown(readable(each, self.names), MAX_PATTERN)}`" for each in patterns)

    def _legend(self) -> str:
        criterion = self.criterion
        free = unresolved((*criterion.pattern, *criterion.after, *criterion.before), self.names)
        if not free:
            return ""
        stands = "stands for a name" if len(free) == 1 else "stand for names"
        return f" ({', '.join(free)} {stands} of your choice)"


def _shown_names(verdict: Verdict, names: Mapping[str, str]) -> dict[str, str]:
    match verdict:
        case Placed(match) | NotFirst(match) | NoLandmark(match) | Misplaced(match) | OtherNames(match):
            found = {**match.bindings, **names}
        case Missing():
            found = dict(names)
        case unknown:
            assert_never(unknown)
    return {name: shown(value, MAX_NAME) for name, value in found.items()}
