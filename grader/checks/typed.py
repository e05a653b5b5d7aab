"""History figures that stand as literals in code, printed by a statement that reads no training's history.

A statement reads a history where it mentions `.history`, calls `fit`, or loads a name that was given such a value,
at any remove. Names are taken for the whole notebook, whatever the order of its cells: what is asked is where a
figure can have come from, not whether it did. Two figures that are printed as metrics of a history, and stand in
the code too, are no coincidence of two numbers; one may be.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.checks.digits import read
from grader.checks.parsing import parse_cell, walk
from grader.checks.wording import listed
from grader.model import HistoryForm, Outcome

if TYPE_CHECKING:
    from grader.model import Cell, PrintedHistory

TYPED = "printed history figures stand in the code"
MIN_FIGURES = 2
MIN_DIGITS = 3  # significant ones: shorter figures stand in code for many reasons
MAX_FIGURES = 100  # that are looked at
MAX_STATEMENTS = 20_000
MAX_NUMBERS = 50_000  # different ones in the code
MAX_ROUNDS = 10  # of names that are given the values of other names
MAX_SHOWN = 3
READING = frozenset({"history", "fit", "fit_generator"})
SHOWING = frozenset({"print", "display", "pprint"})

_NUMBER = re.compile(r"(?<![\w.])[0-9]*\.?[0-9]+(?![\w.])")


@dataclass(slots=True)
class _Source:
    """Where a value can come from: `figures` has a bit for each figure that stands there, `names` are loaded."""

    figures: int = 0
    names: set[str] = field(default_factory=set)
    history: bool = False


def flag(cells: Sequence[Cell], printed: Sequence[PrintedHistory], metrics: Collection[str]) -> str:
    """Empty where no statement prints such figures."""
    figures = _figures(printed, metrics)
    if len(figures) < MIN_FIGURES:
        return ""
    statements = list(_statements(cells))
    marks = _marks(figures, statements)
    given = _settled(_given(statements, marks))
    for statement in statements:
        source = _whole(_source(statement, marks), given)
        if _shows(statement) and not source.history and source.figures.bit_count() >= MIN_FIGURES:
            typed = [text for place, text in enumerate(figures) if source.figures >> place & 1]
            more = ", ..." if len(typed) > MAX_SHOWN else ""
            return f"{TYPED}, printed by a statement that reads no history: {listed(typed[:MAX_SHOWN])}{more}"
    return ""


def _figures(printed: Sequence[PrintedHistory], metrics: Collection[str]) -> list[str]:
    """Printed texts with digits enough, each once, in the order of printing."""
    explicit = [each for each in printed if each.form is not HistoryForm.PROGRESS]
    texts = (text for each in explicit for metric in metrics for text in each.metrics.get(metric, ()))
    return list(dict.fromkeys(text for text in texts if _digits(text) >= MIN_DIGITS))[:MAX_FIGURES]


def _digits(text: str) -> int:
    mantissa = text.lower().partition("e")[0]
    return len(re.sub(r"[^0-9]", "", mantissa).lstrip("0"))


def _marks(figures: Sequence[str], statements: Iterable[ast.stmt]) -> dict[float, int]:
    """For the numbers in the code that a figure stands for, the bits of those figures."""
    constants = (node.value for each in statements for node in _own(each) if isinstance(node, ast.Constant))
    numbers = sorted({number for constant in constants for number in _values(constant)})[:MAX_NUMBERS]
    marks: dict[float, int] = {}
    for place, text in enumerate(figures):
        number = read(text)
        low, high = (1.0, 0.0) if number is None else number.bounds()
        for value in numbers[bisect_left(numbers, low) : bisect_right(numbers, high)]:
            marks[value] = marks.get(value, 0) | 1 << place
    return marks


# --- code --------------------------------------------------------------------------------------------------


def _statements(cells: Sequence[Cell]) -> Iterator[ast.stmt]:
    """Of the cells that began to run."""
    count = 0
    for cell in cells:
        source = parse_cell(cell) if cell.outcome is not Outcome.NOT_RUN else ""
        if not isinstance(source, str):
            for statement in walk(source.tree.body):
                count += 1
                if count > MAX_STATEMENTS:
                    return
                yield statement


def _own(statement: ast.AST) -> Iterator[ast.AST]:
    """The expressions of a statement, without the statements inside it."""
    todo = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))


def _source(statement: ast.stmt, marks: Mapping[float, int]) -> _Source:
    source = _Source()
    for node in _own(statement):
        if isinstance(node, ast.Constant):
            for number in _values(node.value):
                source.figures |= marks.get(number, 0)
        elif isinstance(node, ast.Name) and not _is_target(node):
            source.names.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in READING:
            source.history = True
    return source


def _values(constant: object) -> Iterable[float]:
    if isinstance(constant, str):
        return (number.value for text in _NUMBER.findall(constant) if (number := read(text)) is not None)
    if isinstance(constant, int | float) and not isinstance(constant, bool):
        number = read(repr(constant))
        return () if number is None else (number.value,)
    return ()


def _shows(statement: ast.stmt) -> bool:
    """A call of `print`, or an expression that IPython shows where it ends a cell."""
    if isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Call):
        return True
    calls = (node for node in _own(statement) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id in SHOWING for call in calls)


def _given(statements: Iterable[ast.stmt], marks: Mapping[float, int]) -> dict[str, _Source]:
    """Names that assignments, loops and the like give values to, whichever of them does."""
    given: dict[str, _Source] = {}
    for statement in statements:
        targets = {node.id for node in _own(statement) if isinstance(node, ast.Name) and _is_target(node)}
        source = _source(statement, marks) if targets else _Source()
        for target in targets:
            name = given.setdefault(target, _Source())
            name.figures |= source.figures
            name.names |= source.names
            name.history |= source.history
    return given


def _is_target(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _settled(given: dict[str, _Source]) -> dict[str, _Source]:
    """With what the names get from other names, which may get it from others yet."""
    for _ in range(MAX_ROUNDS):
        settled = {name: _whole(source, given) for name, source in given.items()}
        if settled == given:
            break
        given = settled
    return given


def _whole(source: _Source, given: Mapping[str, _Source]) -> _Source:
    """With what the names that it loads were given."""
    figures, history = source.figures, source.history
    for name in source.names:
        if name in given:
            figures |= given[name].figures
            history |= given[name].history
    return _Source(figures, source.names, history)
