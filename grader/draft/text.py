"""The rubric as a text, with comments for the person who goes on from it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from grader.checks.wording import shown
from grader.draft.criteria import TOTAL, Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LONGEST_REMARK: Final = 500

HEAD = """\
# Drafted from {notebook}. Read every line: only a person knows what the assignment asks for.
# All keys and their meaning: `grader rubric schema`. What this rubric catches: `grader verify --quick`.
assignment: {assignment}
title: {title}
points: {total}
{execution}
"""
ONE_EPOCH = """
# The first epoch's figures are compared, so no more is trained; the number asked for is still seen.
execution: {seed: 0, max_epochs: 1, timeout: 20 min, memory: 4 GiB}
"""
ALL_EPOCHS = """
# Notebooks train as long as they ask for. Where the first epoch is enough, `max_epochs: 1` saves most of the time.
execution: {seed: 0, timeout: 20 min, memory: 4 GiB}
"""
PARTS = """
# In patterns `$NAME` is what the student calls it, the same throughout; `$$$` stands for any number of arguments.
parts:
  part1:
    reference: {reference}
    criteria:
"""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the criteria. `reference` and the values of `data` are paths from the rubric's folder."""

    title: str
    assignment: str
    reference: str
    data: Mapping[str, str]
    one_epoch: bool


def rubric(head: Head, drafts: Sequence[Draft], remarks: Iterable[str] = ()) -> str:
    reference = _value(head.reference)
    told = HEAD.format(
        notebook=reference,
        assignment=_value(head.assignment),
        title=_value(head.title),
        total=TOTAL,
        execution=(ONE_EPOCH if head.one_epoch else ALL_EPOCHS).strip(),
    )
    listed = [f"  {_value(name)}: {_value(path)}" for name, path in head.data.items()]
    datasets = "\n".join(["", "datasets:", *listed, ""]) if listed else ""
    parts = PARTS.format(reference=reference)
    return "".join([told, datasets, parts, *map(_comment, remarks), *map(_criterion, drafts)])


def _comment(remark: str) -> str:
    """On one line, since what a notebook said may be in it."""
    return f"      # {shown(remark, LONGEST_REMARK)}\n"


def _criterion(draft: Draft) -> str:
    facts = {"id": draft.id, "points": draft.points, "check": draft.check, "title": draft.title, **draft.more}
    lines = [f"{key}: {_value(value)}" for key, value in facts.items()]
    return "\n".join([f"      - {lines[0]}", *(f"        {line}" for line in lines[1:]), "", ""])


def _value(value: object) -> str:
    """On one line, quoted where YAML could take it for something else."""
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_./]*", value) and yaml.safe_load(value) == value:
        return value
    style = None if isinstance(value, int) else '"'
    written = yaml.safe_dump(
        value, default_flow_style=True, default_style=style, allow_unicode=True, width=math.inf
    )
    return written.removesuffix("...\n").strip()
