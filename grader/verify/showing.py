"""Mistakes in what surrounds the training: seeds, the summary, the history, and the figures that are printed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.verify.change import Change, short
from grader.verify.claims import Aspect
from grader.verify.layering import Added, Listed, layers
from grader.verify.program import Edit, names_in
from grader.verify.training_calls import fits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.verify.program import Program

SEEDINGS = frozenset(
    {
        "numpy.random.seed",
        "random.seed",
        "tensorflow.random.set_seed",
        "tensorflow.set_random_seed",
        "keras.utils.set_random_seed",
        "torch.manual_seed",
    }
)
NO_SUMMARY = "it shows no summary of a model by a statement of its own"
NO_HISTORY = "it keeps no history of a training"
NO_PRINT = "it prints nothing of a history by a statement of its own"
FUNCTIONAL = "its model has no layers before it has all of them"


def unseeded(program: Program) -> list[Change] | str:
    """Each seed that is set left out, and all of them."""
    found = [program.statement(call) for name, call in program.calls() if name in SEEDINGS]
    found = [each for each in dict.fromkeys(found) if isinstance(each, ast.Expr) and program.editable(each)]
    changes = [
        Change(f"no {short(program.text(each))}", program.where(each), (program.removed(each),)) for each in found
    ]
    if len(changes) > 1:
        edits = tuple(edit for change in changes for edit in change.edits)
        changes.insert(0, Change("no seed at all", changes[0].where, edits))
    return changes or "it sets no seed"


# --- the summary -------------------------------------------------------------------------------------------


def _summaries(program: Program) -> list[ast.Expr]:
    """Statements that do nothing but show a summary."""
    calls = (call for call in program.all(ast.Call) if _method(call) == "summary")
    found = dict.fromkeys(program.statement(call) for call in calls)
    return [each for each in found if isinstance(each, ast.Expr) and program.editable(each)]


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def no_summary(program: Program) -> list[Change] | str:
    found = _summaries(program)
    edits = tuple(map(program.removed, found))
    return [Change("no summary is shown", program.where(found[0]), edits, (Aspect.TABLE,))] if found else NO_SUMMARY


def summary_too_early(program: Program) -> list[Change] | str:
    """Before the last layer is added; a list loses its last layer, which is added after the summary."""
    found = _summaries(program)
    if not found:
        return NO_SUMMARY
    shown = min(map(program.start, found))
    built = [layer for layer in layers(program) if program.start(layer.call) < shown]
    match built[-1] if built else None:
        case Added(statement=statement):
            text = "; ".join(map(program.text, found))
            edits = (program.before(statement, text), *map(program.removed, found))
        case Listed(call, elements) if call is elements[-1] and len(found) == 1:
            model = _bound_by(program, call)
            later = f"{program.text(found[0])}; {model}.add({program.text(call)})"
            edits = (program.without(elements, call), program.replaced(found[0], later)) if model else ()
        case _:
            edits = ()
    change = Change("the summary is shown before the last layer", program.where(found[0]), edits, (Aspect.TABLE,))
    return [change] if edits else FUNCTIONAL


def _bound_by(program: Program, node: ast.AST) -> str:
    match program.statement(node):
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return ""


# --- the history -------------------------------------------------------------------------------------------


def history_not_kept(program: Program) -> list[Change] | str:
    return [
        Change(
            f"what fit returns is not kept as {short(program.text(statement.targets[0]))}",
            program.where(statement),
            (program.replaced(statement, program.text(method.call)),),
            _missed(program, statement),
        )
        for method in fits(program)
        if isinstance(statement := program.statement(method.call), ast.Assign) and statement.value is method.call
    ] or NO_HISTORY


def _missed(program: Program, kept: ast.Assign) -> tuple[Aspect, ...]:
    """An error follows where the name is bound nowhere else, and used."""
    bound = {name for target in kept.targets for name in names_in(target)}
    others = [node for node in program.all(ast.Name) if node.id in bound and program.statement(node) is not kept]
    stored = any(not isinstance(node.ctx, ast.Load) for node in others)
    return (Aspect.ERROR,) if others and not stored else ()


def _prints(program: Program) -> list[ast.stmt]:
    """Statements at the notebook's own level that print something of a history."""
    return [
        statement
        for statement in program.tree.body
        if program.editable(statement)
        and any(isinstance(node, ast.Attribute) and node.attr == "history" for node in ast.walk(statement))
        and any(isinstance(node, ast.Name) and node.id == "print" for node in ast.walk(statement))
    ]


def last_value(program: Program) -> list[Change] | str:
    for statement in reversed(_prints(program)):
        first = [
            node
            for node in program.all(ast.Subscript)
            if program.statement(node) is statement
            or program.start(statement) <= program.start(node) < program.end(statement)
            if isinstance(node.slice, ast.Constant) and node.slice.value == 0
        ]
        if first:
            edits = tuple(program.replaced(node.slice, "-1") for node in first)
            what = "the last value of each figure instead of the first"
            return [Change(what, program.where(statement), edits, (Aspect.LATER,))]
    return "it prints no first value of a history, `[0]`"


def typed_figures(program: Program, histories: Sequence[Mapping[str, Sequence[float]]]) -> list[Change] | str:
    """Those of two recorded seeds; the first seed's may well be what the training gives here."""
    found = _prints(program)
    if not found:
        return NO_PRINT
    if len(histories) < 2:  # noqa: PLR2004 - two seeds
        return "no figures are recorded that could be typed in"
    told = (("of another run", histories[1], (Aspect.FIGURES,)), ("of this very run", histories[0], ()))
    return [
        Change(f"figures typed in, {whose}", program.where(found[-1]), (_typed(program, found[-1], each),), aspects)
        for whose, each, aspects in told
    ]


def _typed(program: Program, statement: ast.stmt, history: Mapping[str, Sequence[float]]) -> Edit:
    pairs = [(metric, round(values[0], 4)) for metric, values in history.items() if values]
    return program.replaced(statement, f"print({pairs!r})")
