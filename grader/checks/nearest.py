"""What in the student's code comes nearest to a pattern that was not found.

Words of the pattern that a statement holds count by their length; `difflib`, whose cost grows with the product
of two lengths, only orders the few statements that share most.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from heapq import nlargest
from keyword import iskeyword
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.checks.patterns import Pattern
    from grader.checks.syntax import Statement

MAX_COMPARED = 20
MAX_COMPARED_TEXT = 200
ALIKE = 0.45
"""Below this, what is found reads like nonsense beside what was looked for."""

_WORD = re.compile(r"(?<![$\w])\w+")
_META = re.compile(r"\$+")


def nearest(patterns: Sequence[Pattern], statements: Iterable[Statement]) -> Statement | None:
    """The first of the most similar statements; None where none is similar."""
    texts = [text for pattern in patterns for text in pattern.texts[:1]]
    words = [frozenset(word for word in _WORD.findall(text) if not iskeyword(word)) for text in texts]
    shares = ((max(_share(each, statement) for each in words), statement) for statement in statements)
    candidates = nlargest(MAX_COMPARED, shares, key=lambda pair: pair[0])
    scored = [((share + _ratio(texts, statement)) / 2, statement) for share, statement in candidates]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= ALIKE else None


def _share(words: frozenset[str], statement: Statement) -> float:
    """How much of the pattern's words the statement holds, by length."""
    total = sum(map(len, words))
    held = words.intersection(_WORD.findall(statement.text))
    return sum(map(len, held)) / total if total else 0.0


def _ratio(texts: Sequence[str], statement: Statement) -> float:
    text = statement.text[:MAX_COMPARED_TEXT]
    plain = (_META.sub("", each)[:MAX_COMPARED_TEXT] for each in texts)
    return max(SequenceMatcher(None, each, text, autojunk=False).ratio() for each in plain)
