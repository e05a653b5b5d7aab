"""Which of the drafted criteria stay: only those whose points the solved notebook itself gets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from grader.checks import code
from grader.checks.wording import shown
from grader.draft import criteria
from grader.model import CodeCriterion
from grader.verify.notebook import run_cells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.draft.criteria import Draft
    from grader.verify.program import Program

SHOWN: Final = frozenset({"model_summary", "history"})
"""What is read off the text that cells show; the model and the training themselves can be asked instead."""
OBSERVED: Final = {"evidence": "observed"}
LONGEST_WHY: Final = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """`remarks` say of criteria, by their ids, how they were drafted in another way, or left out, and why."""

    drafts: tuple[Draft, ...]
    remarks: Mapping[str, str] = field(default_factory=dict)


def first(program: Program) -> Choice:
    """What the code alone tells; whether its figures and tables can be read is known once it ran."""
    drafts = criteria.criteria(program)
    patterns = [_criterion(each) for each in drafts if each.check == "code"]
    checks = code.check_all(patterns, run_cells(program.notebook))
    return reconsidered(Choice(drafts), {each.criterion: each.why for each in checks if not each.passed})


def reconsidered(choice: Choice, lost: Mapping[str, str]) -> Choice:
    """`lost` maps criteria by which the notebook itself would lose points to the reason."""
    drafts = [(each, _instead(each) if each.id in lost else each) for each in choice.drafts]
    remarks = {one.id: _remark(one, instead, lost[one.id]) for one, instead in drafts if one.id in lost}
    kept = tuple(instead for _, instead in drafts if instead)
    return Choice(criteria.shared_out(kept), {**choice.remarks, **remarks})


def _instead(draft: Draft) -> Draft | None:
    if draft.check not in SHOWN or OBSERVED.items() <= draft.more.items():
        return None
    return replace(draft, more={**draft.more, **OBSERVED})


def _remark(draft: Draft, instead: Draft | None, why: str) -> str:
    reason = f"the notebook itself would lose it: {shown(why, LONGEST_WHY)}"
    if instead:
        return f"'{draft.id}' judges what is observed; by what is printed, {reason}"
    return f"'{draft.id}' ({draft.title}) was left out; {reason}"


def _criterion(draft: Draft) -> CodeCriterion:
    patterns: str | Sequence[str] = draft.more["pattern"]  # type: ignore[assignment]  # as `criteria` makes it
    return CodeCriterion(draft.id, draft.points, (patterns,) if isinstance(patterns, str) else tuple(patterns))
