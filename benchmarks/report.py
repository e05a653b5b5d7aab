"""Figures in words: a table for each part of the benchmark, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    figure: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    told: str
    rows: tuple[Row, ...]


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 100 else f"{value:.0f} s"  # noqa: PLR2004 - three digits say enough


def times(value: float) -> str:
    return f"{value:.1f} x"


def at_most(what: str, measured: float, bound: float, how: str) -> Row:
    """A figure to reach, in seconds or whatever `how` says the bound is made of."""
    verdict = "reached" if measured <= bound else "MISSED"
    return Row(f"to reach: {what}", f"{seconds(measured)} of {seconds(bound)}", f"{verdict} ({how})")


def at_most_kb(what: str, measured: float, bound: float, how: str) -> Row:
    """Bytes against a bound in kB of 1,000."""
    verdict = "reached" if measured < bound * 1000 else "MISSED"
    return Row(f"to reach: {what}", f"{measured / 1000:.0f} kB of {bound:.0f} kB", f"{verdict} ({how})")


def at_least(what: str, measured: float, bound: float) -> Row:
    verdict = "reached" if measured >= bound else "MISSED"
    return Row(f"to reach: {what}", f"{times(measured)}, wanted {times(bound)}", verdict)


def page(head: Mapping[str, str], sections: Iterable[Section], told: str) -> str:
    facts = _table(("this machine", ""), [(name, value) for name, value in head.items()])
    return "\n\n".join(["# Benchmarks", told, facts, *(_section(one) for one in sections)]) + "\n"


def _section(section: Section) -> str:
    rows = [(row.what, row.figure, row.note) for row in section.rows]
    table = f"\n\n{_table(('what', 'measured', 'meaning'), rows)}" if rows else ""
    return f"## {section.title}\n\n{section.told}{table}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
