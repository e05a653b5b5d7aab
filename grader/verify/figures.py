"""Mistakes in the figures that are kept and printed: no history, another epoch's value, figures typed in."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING

from grader.verify.change import Change, short
from grader.verify.claims import Aspect
from grader.verify.formatted import can_be_written, outermost, rewritten
from grader.verify.program import names_in
from grader.verify.training_calls import fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.verify.program import Edit, Program

NO_HISTORY = "it keeps no history of a training"
NO_PRINT = "it prints nothing of a history by a statement of its own"
NO_FIRST = "it prints no first value of a history, `[0]`"
DIGITS = 4
HOLDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.With, ast.AsyncWith, ast.Try)


# --- the history is not kept -------------------------------------------------------------------------------


def history_not_kept(program: Program) -> list[Change] | str:
    return [
        Change(
            f"what fit returns is not kept as {short(program.text(targets[0]))}",
            program.where(statement),
            (program.replaced(statement, program.text(method.call)),),
            _missed(program, statement, targets),
        )
        for method in fits(program)
        if (targets := targets_of(statement := program.statement(method.call), method.call))
    ] or NO_HISTORY


def targets_of(statement: ast.stmt, call: ast.Call) -> list[ast.expr]:
    match statement:
        case ast.Assign(targets=targets, value=value) if value is call:
            return targets
        case ast.AnnAssign(target=target, value=value) if value is call:
            return [target]
        case _:
            return []


def _missed(program: Program, kept: ast.stmt, targets: Sequence[ast.expr]) -> tuple[Aspect, ...]:
    """An error follows where the name is bound nowhere else, and used."""
    bound = {name for target in targets for name in names_in(target)}
    names = (node for node in ast.walk(program.tree) if isinstance(node, ast.Name) and node.id in bound)
    others = [node for node in names if program.statement(node) is not kept]
    stored = any(not isinstance(node.ctx, ast.Load) for node in others)
    return (Aspect.ERROR,) if others and not stored else ()


# --- what is printed of it ---------------------------------------------------------------------------------


def prints(program: Program, body: Sequence[ast.stmt] | None = None) -> Iterator[ast.stmt]:
    """Statements that print something of a history: loops as a whole, in blocks and functions too."""
    for statement in program.tree.body if body is None else body:
        if not (_reads_history(statement) and _names(statement, "print")):
            continue
        if isinstance(statement, HOLDERS) or _trains(program, statement):
            inner = [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.stmt)]
            yield from prints(program, inner)
        elif program.editable(statement):
            yield statement


def _reads_history(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "history" for node in ast.walk(statement))


def _names(statement: ast.stmt, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement))


def _trains(program: Program, statement: ast.stmt) -> bool:
    inside = set(ast.walk(statement))
    return any(method.call in inside for method in fits(program))


def shows(program: Program) -> Iterator[ast.stmt]:
    """Expressions that a cell shows for being its last line, such as `history.history`."""
    for statement in program.tree.body:
        shown = isinstance(statement, ast.Expr) and _reads_history(statement) and not _names(statement, "print")
        if shown and program.editable(statement) and not _trains(program, statement):
            yield statement


def last_value(program: Program) -> list[Change] | str:
    """Where something else shows the history too, the figures that are asked for may still be there."""
    telling = list(prints(program))
    alone = len(telling) + len(list(shows(program))) == 1
    for statement in reversed(telling):
        first = [node.slice for node in subscripts(program, statement) if constant(node) == 0]
        if first:
            edits = rewritten(program, dict.fromkeys(first, "-1"))
            what = "the last value of each figure instead of the first"
            return [Change(what, program.where(statement), edits, (Aspect.LATER,) if alone else ())]
    return NO_FIRST


def subscripts(program: Program, statement: ast.stmt) -> list[ast.Subscript]:
    """Those that can be changed; not `shape[0]`, which is no figure."""
    every = [node for node in ast.walk(statement) if isinstance(node, ast.Subscript) and not _is_shape(node.value)]
    holders = {node: outermost(program, node) for node in every}
    return [node for node in every if (holder := holders[node]) is None or can_be_written(holder)]


def _is_shape(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def constant(node: ast.Subscript) -> object:
    """The number that is asked for; -1 is none in syntax, but an expression."""
    try:
        return ast.literal_eval(node.slice)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


# --- figures typed in --------------------------------------------------------------------------------------


def typed_figures(program: Program, histories: Sequence[Mapping[str, Sequence[float]]]) -> list[Change] | str:
    """Those of two recorded seeds; the first seed's may well be what the training gives here."""
    found = list(prints(program))
    if not found:
        return NO_PRINT
    if len(histories) < 2:  # noqa: PLR2004 - two seeds
        return "no figures are recorded that could be typed in"
    others = tuple(map(program.removed, (*found[:-1], *shows(program))))
    told = (("of another run", histories[1], (Aspect.FIGURES,)), ("of this very run", histories[0], ()))
    return [
        Change(
            f"figures typed in, {whose}",
            program.where(found[-1]),
            (_typed(program, found[-1], each), *others),
            aspects,
        )
        for whose, each, aspects in told
    ]


def _typed(program: Program, statement: ast.stmt, history: Mapping[str, Sequence[float]]) -> Edit:
    """Of the epoch that the statement prints, or of all."""
    asked = {constant(node) for node in subscripts(program, statement)}
    epoch = next((number for number in (0, -1) if number in asked), None)
    rounded = {
        metric: [round(value, DIGITS) for value in values]
        for metric, values in history.items()
        if values and all(map(math.isfinite, values))
    }
    shown = rounded if epoch is None else [(metric, values[epoch]) for metric, values in rounded.items()]
    return program.replaced(statement, f"print({shown!r})")
