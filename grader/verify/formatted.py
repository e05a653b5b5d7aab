"""Changes of what stands in formatted strings too, `f"{history}"`, which are written anew as a whole.

Python 3.11 does not say where in the text the expressions of a formatted string are.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.verify.program import Edit, Program


def rewritten(program: Program, texts: Mapping[ast.expr, str]) -> tuple[Edit, ...]:
    """Edits that put these texts in the expressions' places; none is part of another, all can be written."""
    held: dict[ast.JoinedStr, dict[ast.AST, str]] = {}
    plain = []
    for node, text in texts.items():
        holder = outermost(program, node)
        if holder is None:
            plain.append(program.replaced(node, text))
        else:
            held.setdefault(holder, {})[node] = text
    return (*plain, *(program.replaced(holder, _told(holder, each)) for holder, each in held.items()))


def outermost(program: Program, node: ast.AST) -> ast.JoinedStr | None:
    """The formatted string that holds it, and is held by no other."""
    found = None
    while (parent := program.parents.get(node)) is not None:
        node = parent
        found = node if isinstance(node, ast.JoinedStr) else found
    return found


def can_be_written(holder: ast.JoinedStr) -> bool:
    """Not all of Python 3.12 has a form that is written for every version."""
    try:
        ast.parse(ast.unparse(holder))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _told(holder: ast.JoinedStr, texts: Mapping[ast.AST, str]) -> str:
    copied = copy.deepcopy(holder)
    pairs = zip(ast.walk(holder), ast.walk(copied), strict=True)
    new = {twin: ast.parse(texts[node], mode="eval").body for node, twin in pairs if node in texts}
    return ast.unparse(_Exchange(new).visit(copied))


class _Exchange(ast.NodeTransformer):
    def __init__(self, new: Mapping[ast.AST, ast.expr]) -> None:
        self.new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new.get(node) or self.generic_visit(node)
