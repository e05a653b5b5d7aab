"""Criterion `code`: a pattern that the student's code must match, and where.

The sources are read into canonical statements (`syntax`), the patterns are looked for in them (`patterns`), the
names that the student chose are settled over all criteria together (`binding`), each criterion is judged under
these (`placing`), and the verdict is put into words (`findings`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checks.binding import bind, linked_names
from grader.checks.findings import Search, explain
from grader.checks.patterns import Pattern, compile_pattern, find_all, pattern_fault
from grader.checks.placing import Sought, grouped, judge
from grader.checks.syntax import Fate, read_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.checks.patterns import Match
    from grader.checks.placing import Group
    from grader.checks.syntax import Code, Statement
    from grader.model import Cell, Check, CodeCriterion

__all__ = ["check_all", "pattern_fault"]


@dataclass(frozen=True, slots=True)
class _Patterns:
    pattern: tuple[Pattern, ...]
    after: tuple[Pattern, ...]
    before: tuple[Pattern, ...]

    @property
    def all(self) -> tuple[Pattern, ...]:
        return (*self.pattern, *self.after, *self.before)


def check_all(criteria: Sequence[CodeCriterion], cells: Sequence[Cell]) -> tuple[Check, ...]:
    """One check for each of a part's criteria, in their order: all points or none.

    Never raises for any source. Raises UsageError where a pattern is at fault: `pattern_fault` tells before.
    """
    compiled = [_compile(criterion) for criterion in criteria]
    code = read_code(cells)
    found = find_all((pattern for each in compiled for pattern in each.all), code)
    linked = linked_names(
        (is_landmark, patterns)
        for each in compiled
        for is_landmark, patterns in ((False, each.pattern), (True, each.after), (True, each.before))
    )
    first = _first_statement(code)
    all_sought = [
        Sought(
            criterion,
            _groups(each.pattern, found, linked),
            _groups(each.after, found, linked),
            _groups(each.before, found, linked),
            first,
        )
        for criterion, each in zip(criteria, compiled, strict=True)
    ]
    searches = [Search(each.pattern, code, _not_run(each.pattern, found)) for each in compiled]
    return tuple(
        explain(sought.criterion, judge(sought, names), names, search)
        for sought, names, search in zip(all_sought, bind(all_sought), searches, strict=True)
    )


def _compile(criterion: CodeCriterion) -> _Patterns:
    return _Patterns(
        *(tuple(map(compile_pattern, each)) for each in (criterion.pattern, criterion.after, criterion.before))
    )


def _groups(
    patterns: Sequence[Pattern], found: dict[Pattern, list[Match]], linked: frozenset[str]
) -> tuple[Group, ...]:
    matches = (match for pattern in patterns for match in found[pattern] if match.statement.fate is Fate.RAN)
    return grouped(sorted(matches, key=lambda match: match.start), linked)


def _not_run(patterns: Sequence[Pattern], found: dict[Pattern, list[Match]]) -> Match | None:
    matches = (match for pattern in patterns for match in found[pattern] if match.statement.fate is not Fate.RAN)
    return min(matches, key=lambda match: match.start, default=None)


def _first_statement(code: Code) -> Statement | None:
    """The last of those with rank 0: docstrings and magics before it share its rank."""
    first = [each for each in code.statements() if each.fate is Fate.RAN and each.rank == 0]
    return first[-1] if first else None
