"""One change of the reference, and what all makers of mistakes need for theirs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.verify.claims import Aspect
    from grader.verify.program import Edit, Program

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Change:
    """`what` is wrong now, and where; `aspects` are what criteria may look at, any of which tells it."""

    what: str
    where: str
    edits: tuple[Edit, ...]
    aspects: tuple[Aspect, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """An expression that is given to a call, as one of its arguments."""

    call: ast.Call
    given: ast.expr


Make = Callable[["Program"], "list[Change] | str"]
"""All changes of one sort that the program allows, or why it allows none."""


def short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def halved(program: Program, given: ast.expr) -> str:
    """Half of a number; 1 becomes 2. Of an expression one more, since half of it may be nothing."""
    value = program.value(given)
    if isinstance(value, int):
        return str(value // 2 if value > 1 else value + 1)
    return f"({program.text(given)}) + 1"


def another(program: Program, given: ast.expr | None, choices: Mapping[str, str]) -> str | None:
    """The first choice that `given` cannot be; None where it may be any of them.

    `choices` are texts of code, each with a pattern of how it may be spelled, in lower case. Where `given` does not
    tell what it stands for, the whole program may say it.
    """
    told = "" if given is None else program.said(given) or program.content.decode()
    return next((text for text, spelled in choices.items() if not re.search(spelled, told.lower())), None)
