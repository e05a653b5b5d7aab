"""An outcome as tables for people, and as JSON for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.verify.form import FURTHER_MUTANTS, MUTANTS
from grader.verify.outcome import MutantResult, Outcome, Told, VariantResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

QUICK = (
    "the quick form: the first {samples} samples of each array, bands of a recording made on them, and at most "
    "{mutants} mutants of each mistake ({further} where a part has a further reference); the full form takes all, "
    "and the bands and tolerances that grade students"
)
FULL_FORM = "the bands of all the data may tell it; run without --quick"
NO_CRITERION = "no criterion of the rubric compares it"


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a title; a section without rows is not shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(outcome: Outcome) -> tuple[Section, ...]:
    """What asks for something to be done comes first."""
    told = (
        Section("Mutants that survived", ("mutant", "what was changed", "what would catch it"), _survived(outcome)),
        Section("Variants that lost something", ("variant", "what differs", "lost, and why"), _lost(outcome)),
        Section("Not graded", ("notebook", "why"), _troubled(outcome)),
        Section(
            "Mutants that only the full form can tell", ("mutant", "what was changed", "why"), _full_form(outcome)
        ),
        Section(
            "Mutants beyond the rubric's criteria",
            ("mutant", "what was changed", "why, and what would catch it"),
            _beyond(outcome),
        ),
        Section("Mutants that were caught", ("mutant", "what was changed", "caught by", "lost"), _caught(outcome)),
        Section("What this reference leaves no room for", ("mutants and variants", "why"), _no_room(outcome)),
    )
    return tuple(section for section in told if section.rows)


def conclusion(outcome: Outcome) -> str:
    """One line: how many of each."""
    if outcome.fault:
        return f"{outcome.part}: no mutant and no variant was tried, since the reference itself loses points"
    count = {verdict: sum(one.verdict is verdict for one in outcome.mutants) for verdict in Verdict}
    parts = [f"{count[Verdict.CAUGHT]} of {len(outcome.mutants)} mutants were caught"]
    parts += [
        f"{number} {verdict.value}" for verdict, number in count.items() if number and verdict is not Verdict.CAUGHT
    ]
    kept = sum(one.told.clean for one in outcome.variants)
    return (
        f"{outcome.part}: {', '.join(parts)}; {kept} of {len(outcome.variants)} variants kept all points, unflagged"
    )


def remarks(outcome: Outcome) -> tuple[str, ...]:
    quick = (
        ()
        if outcome.samples is None
        else (QUICK.format(samples=outcome.samples, mutants=MUTANTS, further=FURTHER_MUTANTS),)
    )
    return (*quick, *outcome.remarks)


def _of(outcome: Outcome, verdict: Verdict) -> Iterator[MutantResult]:
    return (one for one in outcome.mutants if one.verdict is verdict)


def _changed(one: MutantResult) -> tuple[str, str]:
    return one.mutant.id, f"{one.mutant.change.what} ({one.mutant.change.where})"


def _survived(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (*_changed(one), f"{_claimants(one)} should have; {one.mutant.mistake.catches}")
        for one in _of(outcome, Verdict.SURVIVED)
    )


def _claimants(one: MutantResult) -> str:
    return ", ".join(sorted(one.claims.certain | one.claims.figures))


def _full_form(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    return tuple((*_changed(one), FULL_FORM) for one in _of(outcome, Verdict.FULL_FORM))


def _beyond(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    return tuple((*_changed(one), _reason(one)) for one in _of(outcome, Verdict.BEYOND))


def _reason(one: MutantResult) -> str:
    return one.why or f"{one.mutant.mistake.beyond or NO_CRITERION}; {one.mutant.mistake.catches}"


def _caught(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (*_changed(one), _catchers(one.told), f"{one.told.points:g}") for one in _of(outcome, Verdict.CAUGHT)
    )


def _catchers(told: Told) -> str:
    flags = [f"flag: {flag}" for flag in told.flags] if not told.lost else ["a flag"] if told.flags else []
    return ", ".join([*(one.criterion for one in told.lost), *flags])


def _lost(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    losers = (one for one in outcome.variants if one.told.lost or one.told.flags)
    return tuple((one.variant.id, one.variant.words, _reasons(one)) for one in losers)


def _reasons(one: VariantResult) -> str:
    lost = (f"{each.criterion}: {each.points:g}: {each.why}" for each in one.told.lost)
    return "; ".join([*lost, *(f"flag: {flag}" for flag in one.told.flags)])


def _troubled(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    mutants = ((one.mutant.id, one.told.trouble) for one in outcome.mutants)
    variants = ((one.variant.id, one.told.trouble) for one in outcome.variants)
    return tuple(row for row in (*mutants, *variants) if row[1])


def _no_room(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    """One row a reason."""
    reasons: dict[str, list[str]] = {}
    for one in outcome.not_applicable:
        reasons.setdefault(one.why, []).append(one.id)
    return tuple((", ".join(ids), why) for why, ids in reasons.items())


# --- for programs ------------------------------------------------------------------------------------------


def as_json(outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "failed": any(one.failed for one in outcomes),
        "troubled": any(one.troubled for one in outcomes),
        "parts": [_part(one) for one in outcomes],
    }


def _part(outcome: Outcome) -> dict[str, object]:
    return {
        "part": outcome.part,
        "failed": outcome.failed,
        "conclusion": conclusion(outcome),
        "fault": outcome.fault,
        "quick": outcome.samples is not None,
        "samples": outcome.samples,
        "mutants": [_mutant(one) for one in outcome.mutants],
        "variants": [
            {"id": one.variant.id, "words": one.variant.words} | _told(one.told) for one in outcome.variants
        ],
        "not_applicable": [{"id": one.id, "words": one.words, "why": one.why} for one in outcome.not_applicable],
        "remarks": list(remarks(outcome)),
    }


def _mutant(one: MutantResult) -> dict[str, object]:
    mistake, change = one.mutant.mistake, one.mutant.change
    facts: dict[str, object] = {
        "id": one.mutant.id,
        "mistake": mistake.id,
        "what": change.what,
        "where": change.where,
    }
    claimed = sorted(one.claims.certain | one.claims.figures)
    judged = {
        "verdict": one.verdict.value,
        "why": _reason(one) if one.verdict is Verdict.BEYOND else "",
        "claimed_by": claimed,
        "would_catch": mistake.catches,
    }
    return facts | judged | _told(one.told)


def _told(told: Told) -> dict[str, object]:
    lost = [{"criterion": one.criterion, "points": one.points, "why": one.why} for one in told.lost]
    return {"points_lost": told.points, "lost": lost, "flags": list(told.flags), "trouble": told.trouble}
