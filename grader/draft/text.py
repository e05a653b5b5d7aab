"""The rubric as a text, with comments for the person who goes on from it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import yaml

from grader.draft.criteria import TOTAL, Draft, first_epoch_only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def rubric(title: str, assignment: str, reference: str, drafts: Sequence[Draft], data: Mapping[str, str]) -> str:
    """`reference` and the values of `data` are paths from the rubric's folder."""
    execution = ONE_EPOCH if first_epoch_only(tuple(drafts)) else ALL_EPOCHS
    head = HEAD.format(
        notebook=_value(reference),
        assignment=_value(assignment),
        title=_value(title),
        total=TOTAL,
        execution=execution.strip(),
    )
    listed = [f"  {_value(name)}: {_value(path)}" for name, path in data.items()]
    datasets = "\n".join(["", "datasets:", *listed, ""]) if listed else ""
    return "".join([head, datasets, PARTS.format(reference=_value(reference)), *map(_criterion, drafts)])


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
