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
    from grader.checks.syntax import Code, Statement
    from grader.model import CodeCriterion

MAX_NAME = 40
MAX_UNREAD = 3


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
            return _Finding(
                match.statement.place,
                f"it is not the notebook's first statement: that is {_at(first)}",
                f"move {words.pattern} to the top of the first code cell, above every other statement",
            )
        case NoLandmark(match, rule):
            landmark = words.landmark(rule)
            return _Finding(
                match.statement.place,
                f"it has to stand {_side(rule)} {landmark}, which was not found in code that ran",
                f"put {landmark} back as the assignment shows it, with {words.pattern} {rule} of it"
                if rule is not Rule.RIGHT_AFTER
                else f"put {landmark} back as the assignment shows it, with {words.pattern} on the next line",
            )
        case Misplaced(match, rule, landmark):
            return _misplaced(match, rule, landmark, words)
        case OtherNames(match):
            return _Finding(
                match.statement.place,
                f"it uses other names than the other steps, which ask for {words.pattern} here",
                "use the same names for the same things in all steps",
            )
        case Missing():
            return _missing(words, search)
        case unknown:
            assert_never(unknown)
