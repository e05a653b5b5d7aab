"""Mistakes in what surrounds the training: seeds, and the summary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.verify.change import Change, short
from grader.verify.claims import Aspect
from grader.verify.layering import Added, Layer, Listed, layers
from grader.verify.program import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.verify.program import Edit, Program

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
FUNCTIONAL = "no layer is added by a change of one place after its summary"


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


def summaries(program: Program) -> list[ast.Expr]:
    """Statements that do nothing but show a summary."""
    statements = (each for each in program.all(ast.Expr) if program.editable(each))
    return [each for each in statements if next(_receivers(each), None) is not None]


def no_summary(program: Program) -> list[Change] | str:
    found = summaries(program)
    edits = tuple(map(program.removed, found))
    return [Change("no summary is shown", program.where(found[0]), edits, (Aspect.TABLE,))] if found else NO_SUMMARY


def summary_too_early(program: Program) -> list[Change] | str:
    """Before the last layer is added; a list loses its last layer, which is added after the summary."""
    found = summaries(program)
    if not found:
        return NO_SUMMARY
    shown = min(map(program.start, found))
    built = [layer for layer in layers(program) if program.start(layer.call) < shown]
    edits = _too_early(program, found, built[-1]) if built else ()
    change = Change("the summary is shown before the last layer", program.where(found[0]), edits, (Aspect.TABLE,))
    return [change] if edits else FUNCTIONAL


def _too_early(program: Program, found: list[ast.Expr], last: Layer) -> tuple[Edit, ...]:
    match last:
        case Added(statement=statement, model=model):
            text = "; ".join(_told(program, each, model) for each in found)
            return (program.before(statement, text), *map(program.removed, found))
        case Listed(call, elements) if call is elements[-1] and len(found) == 1:
            model = _shown_model(program, found[0])
            if not model or not _means_the_same(program, call, found[0], model):
                return ()
            later = f"{program.text(found[0])}; {model}.add({program.text(call)})"
            return (program.without(elements, call), program.replaced(found[0], later))
        case _:
            return ()


def _told(program: Program, summary: ast.Expr, model: str) -> str:
    """The statement with the name that the model has where its layers are added."""
    receiver = next(_receivers(summary))
    text, begin = program.text(summary).encode(), program.start(summary)
    told = text[: program.start(receiver) - begin] + model.encode() + text[program.end(receiver) - begin :]
    return told.decode()


def _receivers(summary: ast.Expr) -> Iterator[ast.expr]:
    """What is summarised."""
    for node in ast.walk(summary):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "summary":
            yield node.func.value


def _shown_model(program: Program, summary: ast.Expr) -> str:
    receiver = next(_receivers(summary))
    return program.text(receiver) if isinstance(receiver, ast.Name | ast.Attribute) else ""


def _means_the_same(program: Program, layer: ast.Call, summary: ast.Expr, model: str) -> bool:
    """Whether the layer can be made where the summary is shown, and added to what is shown there."""
    made, shown = _scope(program, layer), _scope(program, summary)
    if made is shown:
        return _bound_by(program, layer) == model
    local = {node.id for node in ast.walk(made) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    local |= {node.arg for node in ast.walk(made) if isinstance(node, ast.arg)}
    return isinstance(made, ast.FunctionDef) and not local & names_in(layer)


def _scope(program: Program, node: ast.AST) -> ast.AST:
    while not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Module):
        node = program.parents[node]
    return node


def _bound_by(program: Program, node: ast.AST) -> str:
    match program.statement(node):
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""
