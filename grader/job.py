"""A job of GitHub Actions: its summary, its outputs, its annotations, by the files and lines that its runner reads.

GitHub shows at most ten annotations of a kind for a step, and takes at most 1 MiB of summary. Values of outputs may
hold anything, line ends too: each stands between delimiters that nobody can guess.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model import Result, Rubric, Status
from grader.outputs import cells
from grader.outputs.exports.people import Person
from grader.selfcheck.formats.markdown import escaped

MOST_OF_A_KIND = 10
MOST_SUMMARY = 1_000_000  # bytes
MOST_ROWS = 500
KINDS = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True)
class Job:
    """The runner's files; None where there are none, as on a laptop: then nothing is written there."""

    output: Path | None
    summary: Path | None

    @staticmethod
    def of(environment: Mapping[str, str]) -> Job:
        def named(name: str) -> Path | None:
            return Path(environment[name]) if environment.get(name) else None

        return Job(named("GITHUB_OUTPUT"), named("GITHUB_STEP_SUMMARY"))

    def tell(self, **values: str) -> None:
        """Outputs of the step; a `_` in a name stands for `-`."""
        if self.output is None:
            return
        with self.output.open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            for name, value in values.items():
                mark = secrets.token_hex(16)
                file.write(f"{name.replace('_', '-')}<<{mark}\n{value}\n{mark}\n")

    def summarise(self, texts: Iterable[str]) -> None:
        """As many of the texts as fit, and a word about the rest."""
        if self.summary is None:
            return
        left = MOST_SUMMARY - (self.summary.stat().st_size if self.summary.exists() else 0)
        with self.summary.open("ab") as file:
            for text in texts:
                data = (text + "\n").encode("utf-8", "replace")
                if len(data) > left:
                    file.write(b"\nThe rest does not fit into a summary.\n"[: max(left, 0)])
                    return
                file.write(data)
                left -= len(data)


def most_important(lines: Iterable[str]) -> list[str]:
    """Of several files' workflow commands the first ten of each kind; other lines are not for the runner."""
    told, kept = list(lines), []
    counts = dict.fromkeys(KINDS, 0)
    for kind in KINDS:
        for line in told:
            if line.startswith(f"::{kind} ") and counts[kind] < MOST_OF_A_KIND:
                counts[kind] += 1
                kept.append(line)
    return kept


# --- a class -----------------------------------------------------------------------------------------------


def class_summary(rubric: Rubric, people: Sequence[Person], remarks: Sequence[str]) -> str:
    """A table with a row a student, those with something to look at first."""
    lines = [
        f"### {escaped(rubric.title)}: {len(people)} {'student' if len(people) == 1 else 'students'}",
        "",
        "| student | status | points | to look at |",
        "| --- | --- | ---: | --- |",
        *map(_row, sorted(people, key=lambda one: not _flags(one))[:MOST_ROWS]),
    ]
    if len(people) > MOST_ROWS:
        lines.append(f"\nand {len(people) - MOST_ROWS} more")
    lines += [f"\nNote: {escaped(remark)}" for remark in remarks]
    return "\n".join(lines) + "\n"


def _row(person: Person) -> str:
    final = "not graded" if person.final is None else cells.number(person.final)
    flags = "<br>".join(escaped(flag[:300]) for flag in _flags(person)[:5])
    return f"| {escaped(person.student[:120])} | {escaped(_status(person.results))} | {final} | {flags} |"


def _flags(person: Person) -> list[str]:
    return [flag for one in person.results for flag in one.grade.flags]


def _status(results: Sequence[Result]) -> str:
    several = len(results) > 1
    others = [one.grade for one in results if one.grade.status is not Status.GRADED]
    told = (f"{one.part}: {one.status.value}" if several else one.status.value for one in others)
    return "; ".join(told) or Status.GRADED.value


def class_annotations(people: Sequence[Person]) -> list[str]:
    """A line for who could not be graded, and for who has flags; the job's summary has everybody."""
    lines = [_command("error", one, "the grader itself failed") for one in people if one.final is None]
    lines += [_command("warning", one, "; ".join(_flags(one))[:500]) for one in people if _flags(one)]
    return most_important(lines)


def _command(kind: str, person: Person, message: str) -> str:
    name = _escaped(cells.one_line(person.student)[:100]).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} title={name}::{_escaped(cells.one_line(message))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").encode("utf-8", "replace").decode()


def environment() -> Job:
    return Job.of(os.environ)
