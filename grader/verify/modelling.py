"""The same model in another form: by a list, by `add`, by tensors; with `keras.Input` or with `input_shape`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.verify.layering import LAYERS, SEQUENTIAL
from grader.verify.program import Edit, argument, arguments
from grader.verify.renaming import taken_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.verify.dress import Asked
    from grader.verify.notebook import Notebook
    from grader.verify.program import Program

INPUT = "keras.Input"
NO_ADDS = "it has no empty Sequential to which layers are added, one right after the other"
NO_LIST = "it has no Sequential that is given a list of layers"
NO_MODEL = "it has no Sequential of layers that stand in its code"
NO_INPUT = "its Sequential does not begin with `keras.Input`"
NO_SHAPE = "no `input_shape` is given to its first layer"
INPUTS, TENSOR = "model_inputs", "tensor"


@dataclass(frozen=True, slots=True)
class Sequential:
    """`statements` make the model called `name`, by `maker`; `elements` are its layers, in order."""

    name: str
    maker: ast.Call
    statements: tuple[ast.stmt, ...]
    elements: tuple[ast.expr, ...]


def as_list(program: Program, _: Asked) -> Notebook | str:
    found = _by_adds(program)
    return NO_ADDS if found is None else _written(program, found, _list(program, found))


def _list(program: Program, found: Sequential) -> str:
    maker = program.text(found.maker.func)
    listed = "".join(f"    {program.text(each)},\n" for each in found.elements)
    return f"{found.name} = {maker}([\n{listed}])"


def as_adds(program: Program, _: Asked) -> Notebook | str:
    found = _by_list(program)
    if found is None:
        return NO_LIST
    maker = program.text(found.maker.func)
    added = [f"{found.name}.add({program.text(each)})" for each in found.elements]
    return _written(program, found, "\n".join([f"{found.name} = {maker}()", *added]))


def as_tensors(program: Program, _: Asked) -> Notebook | str:
    found = _by_adds(program) or _by_list(program)
    if found is None or not all(_is_layer(program, each) for each in found.elements[1:]):
        return NO_MODEL
    if not _is_input(program, found.elements[0]):
        return NO_INPUT
    if {INPUTS, TENSOR} & taken_names(program):
        return f"the name '{INPUTS}' or '{TENSOR}' is taken"
    given = [INPUTS, *(TENSOR for _ in found.elements[2:])]
    applied = [
        f"{TENSOR} = {program.text(each)}({tensor})" for each, tensor in zip(found.elements[1:], given, strict=True)
    ]
    maker, imported = _sibling(program, found, "Model")
    lines = [
        f"{INPUTS} = {program.text(found.elements[0])}",
        *applied,
        f"{found.name} = {maker}({INPUTS}, {TENSOR})",
    ]
    return _written(program, found, "\n".join([*imported, *lines]))


def input_shape(program: Program, _: Asked) -> Notebook | str:
    """The first layer is told the shape that `keras.Input` was given."""
    found = _by_adds(program) or _by_list(program)
    if found is None or len(found.elements) < 2 or not _is_input(program, found.elements[0]):  # noqa: PLR2004 - and a layer
        return NO_INPUT
    first, layer = found.elements[:2]
    shape = argument(first, "shape", 0) if isinstance(first, ast.Call) and len(arguments(first)) == 1 else None
    if shape is None or not isinstance(layer, ast.Call) or not _is_layer(program, layer):
        return NO_INPUT
    told = program.with_argument(layer, f"input_shape={program.text(shape)}")
    return program.apply([_taken_out(program, found, first), told])


def _taken_out(program: Program, found: Sequential, element: ast.expr) -> Edit:
    statement = program.statement(element)
    if statement is found.statements[0]:
        return program.without(found.elements, element)
    return program.removed(statement)


def input_layer(program: Program, _: Asked) -> Notebook | str:
    """`keras.Input` tells the shape that the first layer was given."""
    found = _by_adds(program) or _by_list(program)
    first = found.elements[0] if found else None
    keyword = _keyword(first, "input_shape")
    if found is None or not isinstance(first, ast.Call) or keyword is None:
        return NO_SHAPE
    maker, imported = _sibling(program, found, "Input")
    text = f"{maker}(shape={program.text(keyword.value)})"
    edits = [program.without(arguments(first), keyword)]
    statement = program.statement(first)
    if statement is found.statements[0]:
        edits.append(Edit(program.start(first), program.start(first), f"{text}, "))
    else:
        edits.append(program.before(statement, f"{found.name}.add({text})"))
    edits += [program.before(found.statements[0], line) for line in imported]
    return program.apply(edits)


def _keyword(call: ast.expr | None, name: str) -> ast.keyword | None:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    return next((keyword for keyword in keywords if keyword.arg == name), None)


# --- finding one -------------------------------------------------------------------------------------------


def _by_adds(program: Program) -> Sequential | None:
    """An empty Sequential, and behind it at once all that is added to it."""
    for at, statement in enumerate(program.tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[], keywords=[]) as maker):
                adds = _adds(program, program.tree.body[at + 1 :], name)
                if program.name(maker.func) == SEQUENTIAL and adds and _whole(program, [statement, *adds]):
                    elements = tuple(each.value.args[0] for each in adds)  # type: ignore[attr-defined]  # matched there
                    return Sequential(name, maker, (statement, *adds), elements)
            case _:
                pass
    return None


def _adds(program: Program, statements: Sequence[ast.stmt], name: str) -> list[ast.Expr]:
    """Those at the beginning; none where the model is added to later, too."""
    found: list[ast.Expr] = []
    for statement in statements:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=model), attr="add"), args=[_])) if (
                model == name
            ):
                found.append(statement)
            case _:
                break
    called = [
        node for node in program.all(ast.Attribute) if node.attr == "add" and program.text(node.value) == name
    ]
    return found if len(called) == len(found) else []


def _by_list(program: Program) -> Sequential | None:
    for statement in program.tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(args=[ast.List(elts=elements)], keywords=[]) as maker,
            ):
                starred = any(isinstance(each, ast.Starred) for each in elements)
                if (
                    program.name(maker.func) == SEQUENTIAL
                    and elements
                    and not starred
                    and _whole(program, [statement])
                ):
                    return Sequential(name, maker, (statement,), tuple(elements))
            case _:
                pass
    return None


def _whole(program: Program, statements: Sequence[ast.stmt]) -> bool:
    """Whether they can give way to others as one piece of one cell."""
    cells = {program.cell_of(each.lineno) for each in statements}
    return len(cells) == 1 and all(program.alone(each) and program.editable(each) for each in statements)


def _is_layer(program: Program, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and program.name(node.func).startswith(LAYERS)


def _is_input(program: Program, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and program.name(node.func) == INPUT


def _sibling(program: Program, found: Sequential, name: str) -> tuple[str, list[str]]:
    """How something that stands beside Sequential is called, and what must be imported for it."""
    maker = program.text(found.maker.func)
    prefix, dot, last = maker.rpartition(".")
    if dot and last == "Sequential" and (name == "Model" or not prefix.endswith("models")):
        return f"{prefix}.{name}", []
    return name, [] if name in taken_names(program) else [f"from keras import {name}"]


def _written(program: Program, found: Sequential, text: str) -> Notebook:
    """`text` in place of all the statements, and of the comments between them."""
    first, last = found.statements[0], found.statements[-1]
    return program.apply([Edit(program.start(first), program.end(last), text)])
