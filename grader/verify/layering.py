"""Mistakes in the layers of a model, however it is written: added one by one, as a list, or applied to tensors."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from grader.verify.change import Change, Site, another, halved, short
from grader.verify.claims import Aspect
from grader.verify.program import Edit, argument, arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.verify.program import Program

LAYERS = "keras.layers."
NO_LAYERS = "no layer of Keras stands in its code that can be taken by itself"
SEQUENTIAL = "keras.Sequential"
OTHER_ACTIVATION = {"relu": "tanh", "softmax": "sigmoid", "sigmoid": "tanh"}
UNSAID_ACTIVATIONS = {f'"{name}"': name for name in ("tanh", "softsign", "elu", "relu6")}
LEAST_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Added:
    """By `model.add(Layer(...))`."""

    call: ast.Call
    statement: ast.Expr
    model: str


@dataclass(frozen=True, slots=True)
class Listed:
    """By `Sequential([..., Layer(...), ...])`."""

    call: ast.Call
    elements: tuple[ast.expr, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """By `Layer(...)(tensor)`."""

    call: ast.Call
    outer: ast.Call


Layer = Added | Listed | Applied


def layer_calls(program: Program) -> list[ast.Call]:
    """All that make a layer, those in wrappers too; inputs compute nothing and are left out."""
    return [call for name, call in program.calls() if name.startswith(LAYERS) and name != f"{LAYERS}InputLayer"]


def layers(program: Program) -> list[Layer]:
    """Those that can be dropped and doubled."""
    found = (_layer(program, call) for call in layer_calls(program) if program.editable(program.statement(call)))
    return [layer for layer in found if layer is not None]


def _layer(program: Program, call: ast.Call) -> Layer | None:
    outer = program.parents[call]
    match outer:
        case ast.Call(func=func, args=[given], keywords=[]) if func is call:
            return Applied(call, outer) if not isinstance(given, ast.List | ast.Tuple | ast.Starred) else None
        case ast.Call(func=ast.Attribute(value=model, attr="add"), args=[given]) if given is call:
            statement = program.parents[outer]
            return Added(call, statement, program.text(model)) if isinstance(statement, ast.Expr) else None
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            stays_tuple = isinstance(outer, ast.List) or len(elements) > 2  # noqa: PLR2004 - `(a)` is none
            return Listed(call, tuple(elements)) if stays_tuple and _makes_model(program, outer) else None
        case _:
            return None


def _makes_model(program: Program, elements: ast.expr) -> bool:
    """Whether they are given to a Sequential: as they stand, by a name, or as a part of another list."""
    named = _bound_by(program, elements)
    uses = [node for node in program.all(ast.Name) if node.id == named and isinstance(node.ctx, ast.Load)]
    return any(_is_given_to_sequential(program, node) for node in (elements, *uses))


def _bound_by(program: Program, node: ast.expr) -> str | None:
    match program.parents[node]:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return None


def _is_given_to_sequential(program: Program, node: ast.AST) -> bool:
    holder = program.parents[node]
    while isinstance(holder, ast.Starred | ast.List | ast.Tuple | ast.keyword | ast.BinOp):
        holder = program.parents[holder]
    return isinstance(holder, ast.Call) and program.name(holder.func) == SEQUENTIAL


def drop(program: Program) -> list[Change] | str:
    def edits(layer: Layer) -> tuple[Edit, ...]:
        match layer:
            case Added(statement=statement):
                return (program.removed(statement),)
            case Listed(call, elements):
                return (program.without(elements, call),)
            case Applied(outer=outer):
                return (program.replaced(outer, program.text(outer.args[0])),)
            case _:
                assert_never(layer)

    return _of_each_layer(program, "left out", edits)


def double(program: Program) -> list[Change] | str:
    def edits(layer: Layer) -> tuple[Edit, ...]:
        copy = _unnamed(program, layer.call)
        match layer:
            case Added(statement=statement, model=model):
                return (program.after(statement, f"{model}.add({copy})"),)
            case Listed(call=call):
                return (Edit(program.end(call), program.end(call), f", {copy}"),)
            case Applied(outer=outer):
                at = program.start(outer)
                return (Edit(at, at, f"{copy}("), Edit(program.end(outer), program.end(outer), ")"))
            case _:
                assert_never(layer)

    return _of_each_layer(program, "twice in a row", edits)


def _of_each_layer(program: Program, what: str, edits: Callable[[Layer], tuple[Edit, ...]]) -> list[Change] | str:
    return [
        Change(f"{kind(program, layer.call)} {what}", program.where(layer.call), edits(layer), (Aspect.LAYERS,))
        for layer in layers(program)
    ] or NO_LAYERS


def kind(program: Program, call: ast.Call) -> str:
    return program.name(call.func).rpartition(".")[2]


def _unnamed(program: Program, call: ast.Call) -> str:
    """Without its name, of which a model takes each only once."""
    text, begin = program.text(call), program.start(call)
    named = [keyword for keyword in call.keywords if keyword.arg == "name"]
    if not named:
        return text
    cut = program.without(arguments(call), named[0])
    content = text.encode()
    return (content[: cut.start - begin] + content[cut.end - begin :]).decode()


# --- settings of layers ------------------------------------------------------------------------------------


def filters(program: Program) -> list[Change] | str:
    return _of_setting(program, "filters", ("Conv",), 0, halved)


def units(program: Program) -> list[Change] | str:
    return _of_setting(program, "units", ("Dense", "LSTM", "GRU", "SimpleRNN"), 0, halved)


def kernel_size(program: Program) -> list[Change] | str:
    return _of_setting(program, "kernel_size", ("Conv", "DepthwiseConv", "SeparableConv"), 1, _other_size)


def activation(program: Program) -> list[Change] | str:
    places = {"Activation": 0, "Dense": 1}
    sites = (
        Site(call, given)
        for call in layer_calls(program)
        if (given := argument(call, "activation", places.get(kind(program, call)))) is not None
    )
    return _changes(program, "activation", sites, _other_activation)


def dropout_rate(program: Program) -> list[Change] | str:
    kinds = ("Dropout", "SpatialDropout", "GaussianDropout", "AlphaDropout")
    return _of_setting(program, "rate", kinds, 0, _other_rate)


def _of_setting(
    program: Program,
    name: str,
    kinds: tuple[str, ...],
    position: int,
    other: Callable[[Program, ast.expr], str | None],
) -> list[Change] | str:
    calls = (call for call in layer_calls(program) if kind(program, call).startswith(kinds))
    sites = (Site(call, given) for call in calls if (given := argument(call, name, position)) is not None)
    return _changes(program, name, sites, other)


def _changes(
    program: Program, name: str, sites: Iterator[Site], other: Callable[[Program, ast.expr], str | None]
) -> list[Change] | str:
    editable = (site for site in sites if program.editable(site.given))
    told = ((site, other(program, site.given)) for site in editable)
    return [
        Change(
            f"{kind(program, site.call)}: {name} {short(text)} instead of {short(program.text(site.given))}",
            program.where(site.given),
            (program.replaced(site.given, text),),
            (Aspect.LAYERS,),
        )
        for site, text in told
        if text is not None
    ] or f"no layer is given `{name}` in a form that can be changed"


def _other_size(program: Program, given: ast.expr) -> str | None:
    match program.value(given):
        case int(size):
            return str(_size(size))
        case tuple(sizes) if sizes and all(isinstance(size, int) for size in sizes):
            return repr(tuple(map(_size, sizes)))
        case _:
            return None


def _size(size: int) -> int:
    return size - 1 if size > 1 else size + 1


def _other_rate(program: Program, given: ast.expr) -> str | None:
    match program.value(given):
        case int(rate) | float(rate):
            return repr(rate / 2) if rate > LEAST_RATE else "0.5"
        case _:
            return None


def _other_activation(program: Program, given: ast.expr) -> str | None:
    if isinstance(program.value(given), str) or program.said(given):
        name = program.said(given).rpartition(".")[2]
        return f'"{OTHER_ACTIVATION.get(name, "relu")}"'
    return None if isinstance(given, ast.Constant) else another(program, given, UNSAID_ACTIVATIONS)
