"""What parsers should not be given: source that nests too deeply or holds too much, told before they see it.

CPython's parser, `ast` and tree matchers recurse with the nesting of what they read, and syntax trees take a
hundred times the memory of their text. This looks at tokens only: it is linear, it never recurses far, and its
estimate of the nesting may be too high.
"""

from __future__ import annotations

import ast
import re

TOO_DEEP = "its code is nested too deeply"
MAX_TOKENS = 50_000
DEEPEST = 200
"""Levels that are still read. CPython itself refuses 200 brackets; people write fewer than 50."""

_TOKEN = re.compile(
    r"""
    (?P<skip>\#[^\n]* | \\\n | \d\w*(?:\.\d*)? | \.\.\.)
  | (?P<text>[A-Za-z]{0,2}(?:
        \"{3}(?:\\.|(?!\"{3})[^\\])*(?:\"{3}|\\?\Z)
      | '{3}(?:\\.|(?!'{3})[^\\])*(?:'{3}|\\?\Z)
      | "(?:\\.|[^"\\\n])*"?
      | '(?:\\.|[^'\\\n])*'?))
  | (?P<word>[^\W\d]\w*)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<comma>[,;])
  | (?P<newline>\n)
  | (?P<operator>\*\*|//|<<|>>|[-+~*/%@&|^.])
    """,
    re.VERBOSE | re.DOTALL,
)
_NESTING_WORDS = frozenset({"not", "await", "if", "yield"})
_HIDING = str.maketrans("", "", "'\"#")


def refusal(source: str) -> str:
    """Why the source is not to be parsed; empty where it may be."""
    levels = _Levels()
    for count, token in enumerate(_TOKEN.finditer(source)):
        levels.take(token.lastgroup or "", token[0])
        if levels.total > DEEPEST or levels.elifs > DEEPEST:
            return TOO_DEEP
        if count > MAX_TOKENS:
            return f"it has over {MAX_TOKENS:,} words and signs"
    return ""


def tree_too_deep(tree: ast.AST) -> bool:
    """The same of a parsed tree, where it can be counted. One level of text is up to two of the tree."""
    level: list[ast.AST] = [tree]
    for _ in range(2 * DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


class _Levels:
    """Levels open now: brackets, and per bracket the operators that may nest, with lambdas counted apart.

    A comma ends what operators have built up, but not a lambda, whose parameters hold commas themselves.
    """

    def __init__(self) -> None:
        self.stack = [(0, 0)]
        self.total = 0
        self.elifs = 0

    def take(self, kind: str, token: str) -> None:
        match kind:
            case "operator":
                self._add(1, 0)
            case "open":
                self.stack.append((0, 0))
                self.total += 1
            case "close":
                self._close()
            case "comma":
                self._add(-self.stack[-1][0], 0)
            case "newline" if len(self.stack) == 1:
                self._add(-self.stack[-1][0], -self.stack[-1][1])
            case "word":
                self._take_word(token)
            case "text" if "f" in token[:2].lower() and refusal(token[2:].translate(_HIDING)):
                self.total += DEEPEST + 1  # a formatted string nests like the code inside it
            case _:
                pass

    def _take_word(self, word: str) -> None:
        if word == "lambda":
            self._add(0, 1)
        elif word in _NESTING_WORDS:
            self._add(1, 0)
        elif word == "elif":
            self.elifs += 1  # each is an `if` inside the `else` of the one before

    def _close(self) -> None:
        if len(self.stack) > 1:
            self.total -= 1 + sum(self.stack.pop())
        self._add(1, 0)  # a call or a subscript may follow another

    def _add(self, operators: int, lambdas: int) -> None:
        before = self.stack[-1]
        self.stack[-1] = (before[0] + operators, before[1] + lambdas)
        self.total += operators + lambdas
