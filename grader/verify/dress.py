"""What all rewritings have in common: one program in, the same program in another dress out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.checks.patterns import compile_pattern, find_all
from grader.checks.syntax import read_code
from grader.model import CodeCriterion
from grader.verify.notebook import run_cells

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from grader.model import Part
    from grader.verify.notebook import Notebook
    from grader.verify.program import Program


@dataclass(frozen=True, slots=True)
class Asked:
    """The statements that the assignment asks for, which stay where they are: (code cell from 1, its line)."""

    lines: frozenset[tuple[int, int]]

    def asks(self, program: Program, statement: ast.stmt) -> bool:
        return program.code_line(statement.lineno) in self.lines


Rewrite = Callable[["Program", Asked], "Notebook | str"]
"""The notebook in another dress, or why it cannot have it."""


def asked(part: Part, program: Program) -> Asked:
    """What any `code` criterion's patterns match, landmarks among them."""
    criteria = [one for one in part.criteria if isinstance(one, CodeCriterion)]
    texts: Sequence[str] = [text for one in criteria for text in (*one.pattern, *one.after, *one.before)]
    found = find_all(map(compile_pattern, texts), read_code(run_cells(program.notebook)))
    return Asked(
        frozenset((match.statement.cell, match.statement.line) for matches in found.values() for match in matches)
    )
