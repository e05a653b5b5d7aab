"""A rubric's pattern, and where it matches.

`$NAME` stands for one expression, `$$$` (or `$$$NAME`) for any number of arguments, elements or statements. What
`$NAME` found is bound only where it is a name (`model`, `self.model`, `models[0]`): names are what students choose.
A pattern is brought into the same canonical form as the students' statements, with placeholders for what starts
with `$`, and ast-grep looks for it in their text. ast-grep's strictest mode is used: both sides are written by
`ast.unparse`, so nothing has to be overlooked. It has no notion of an optional comma, so a `$$$` next to one also
stands for nothing by a second spelling of the pattern without it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from grader.checks.canonical import Canonical
from grader.checks.parsing import parse
from grader.checks.wording import shown
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ast_grep_py import Config, SgNode
    from ast_grep_py import Pattern as PatternRule

    from grader.checks.syntax import Block, Code, Statement

MAX_MATCHES = 2_000
"""Matches kept per pattern and cell, half of them from each end: rules ask for the first and the last."""
MAX_OPTIONAL = 4

_ONE, _MANY = "meta_one_", "meta_many_"
_META = re.compile(r"(?:\*\*)?\$\$\$([A-Z_][A-Z0-9_]*)?|\$([A-Z_][A-Z0-9_]*)")
_HELD = re.compile(rf"(?:\*\*)?{_MANY}(\w*)|{_ONE}(\w+)")
_OPTIONAL = re.compile(r"\$\$\$\w*, |, \$\$\$\w*")
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+|\[[^\[\]()]{1,40}\])*")
_WORD = re.compile(r"(?<![$\w])[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """`texts` are the canonical spellings, of which any may match; `names` what `$NAME`s it binds."""

    source: str
    texts: tuple[str, ...]
    names: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """`start` and `end` order matches: the number of the block, line and column in its canonical text."""

    start: tuple[int, int, int]
    end: tuple[int, int, int]
    statement: Statement
    last_rank: int
    bindings: Mapping[str, str]


def pattern_fault(pattern: str) -> str:
    """Why a rubric's pattern cannot be looked for; empty where it can."""
    try:
        compile_pattern(pattern)
    except UsageError as fault:
        return str(fault)
    return ""


@lru_cache(maxsize=256)
def compile_pattern(source: str) -> Pattern:
    """Raises UsageError, saying what is wrong, where the pattern is not one statement of Python."""
    held = _hold(source)
    tree = parse(held)
    if isinstance(tree, str):
        raise UsageError(f"the pattern {shown(source)!r} is not Python: {tree}{_capitals(source)}")
    if len(tree.body) != 1:
        raise UsageError(f"the pattern {shown(source)!r} holds {len(tree.body)} statements; write one")
    try:
        text = _release(ast.unparse(Canonical().statements(tree.body[0])[0]))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the pattern {shown(source)!r} cannot be written in canonical form: {error}") from error
    words = frozenset(_WORD.findall(text))
    if not words and not re.search(r"\d|['\"]", text):
        raise UsageError(f"the pattern {shown(source)!r} names nothing to look for; write out a part of the code")
    texts = _spellings(text)
    try:
        SgRoot("pass", "python").root().find(_rule(texts))
    except RuntimeError as error:
        reason = str(error).partition("Stack backtrace")[0].strip().splitlines()[-1].strip()
        raise UsageError(f"the pattern {shown(source)!r} cannot be looked for: {reason}") from error
    return Pattern(source, texts, frozenset(_captures(text)), words)


def find_all(patterns: Iterable[Pattern], code: Code) -> dict[Pattern, list[Match]]:
    """All matches of each pattern, in reading order. One block's tree is held at a time."""
    found: dict[Pattern, list[Match]] = {pattern: [] for pattern in patterns}
    for number, block in enumerate(code.blocks):
        text = block.text.encode("utf-8", "replace").decode()  # ast-grep refuses lone surrogates
        root = SgRoot(text, "python").root()
        for pattern, matches in found.items():
            if all(word in text for word in pattern.words):
                matches.extend(_match(pattern, number, block, node) for node in _nodes(pattern, root))
    return found


def _nodes(pattern: Pattern, root: SgNode) -> list[SgNode]:
    nodes = root.find_all(_rule(pattern.texts))
    if len(nodes) <= MAX_MATCHES:
        return nodes
    return [*nodes[: MAX_MATCHES // 2], *nodes[-MAX_MATCHES // 2 :]]


def readable(source: str, names: Mapping[str, str]) -> str:
    """The pattern as a student reads it: `$$$` as "...", `$NAME` as the name found, or as NAME."""
    return _META.sub(lambda meta: "..." if meta[2] is None else names.get(meta[2], meta[2]), source)


def unresolved(sources: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """The `$NAME`s that nothing was found for, in order of appearance."""
    found = (meta[2] for source in sources for meta in _META.finditer(source))
    return [name for name in dict.fromkeys(found) if name is not None and name not in names]


def _rule(texts: tuple[str, ...]) -> Config:
    patterns: list[PatternRule] = [{"context": text, "selector": None, "strictness": "cst"} for text in texts]
    return {"rule": {"any": [{"pattern": each} for each in patterns]}}


def _match(pattern: Pattern, number: int, block: Block, node: SgNode) -> Match:
    place = node.range()
    values = ((name, node.get_match(name)) for name in sorted(pattern.names))
    return Match(
        start=(number, place.start.line, place.start.column),
        end=(number, place.end.line, place.end.column),
        statement=block.statement_at(place.start.line),
        last_rank=block.statement_at(place.end.line).rank,
        bindings={name: value.text() for name, value in values if value and _NAME.fullmatch(value.text())},
    )


def _captures(text: str) -> Iterable[str]:
    """`$_NAME` matches anything without binding it."""
    return (meta[2] for meta in _META.finditer(text) if meta[2] is not None and not meta[2].startswith("_"))


def _spellings(text: str) -> tuple[str, ...]:
    """The text with each `$$$` that has a comma, and without it."""
    optional = list(_OPTIONAL.finditer(text))[:MAX_OPTIONAL]
    spellings = []
    for kept in product((True, False), repeat=len(optional)):
        dropped = [each.span() for each, keep in zip(optional, kept, strict=True) if not keep]
        spellings.append(_without(text, dropped))
    return tuple(dict.fromkeys(spellings))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def _release(text: str) -> str:
    return _HELD.sub(lambda held: f"${held[2]}" if held[2] else f"$$${held[1]}", text)


def _hold(source: str) -> str:
    """Identifiers in place of what starts with `$`; `**identifier` where Python takes nothing else.

    After a keyword argument, and in a dictionary after its first entry, only that can follow.
    """
    text, at = "", 0
    for meta in _META.finditer(source):
        text += source[at : meta.start()]
        at = meta.end()
        if meta[2] is not None:
            text += _ONE + meta[2]
        else:
            text += ("**" if _after_keyword(text) else "") + _MANY + (meta[1] or "")
    return text + source[at:]


def _after_keyword(text: str) -> bool:
    """Whether the innermost bracket open at the end of the text already holds `name=` or `key:`."""
    seen = [False]
    for token in re.finditer(r"""'[^']*'|"[^"]*"|[(\[{]|[)\]}]|[=!<>:]=|\*\*|=|:""", text):
        if token[0] in "([{":
            seen.append(False)
        elif token[0] in ")]}":
            seen[-1:] = [] if len(seen) > 1 else seen
        elif token[0] in ("=", "**") or (token[0] == ":" and len(seen) > 1):
            seen[-1] = True
    return len(seen) > 1 and seen[-1]


def _capitals(source: str) -> str:
    lower = re.search(r"\$+[a-z]\w*", source)
    return f"; write {shown(lower[0]).upper()!r} in capitals" if lower else ""
