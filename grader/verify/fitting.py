"""Mistakes in how a model is trained: optimizer, loss, batches, epochs, and the data that it is given."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

from grader.verify.change import Change, another, halved, short
from grader.verify.claims import Aspect
from grader.verify.layering import LAYERS
from grader.verify.program import Edit, argument, names_in, unpacks
from grader.verify.training_calls import compiles, fits, images, labels, validation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.verify.program import Program

NO_COMPILE = "it calls no `compile` whose settings stand in its code"
NO_FIT = "it calls no `fit` whose settings stand in its code"
NO_LABELS = "`fit` is given no labels by themselves"
OPTIMIZERS = "keras.optimizers."
SCALES = (255, 256, 127.5)
SPREADS = frozenset({"std", "max", "ptp", "amax"})
NO_SCALING = "its code divides nothing by 255, nor by what the values reach or how they spread"
RATE_FACTOR = 1000
SMALL_RATE = 0.01
OTHER_RATE = "0.3"  # no optimizer's default
OTHER_OPTIMIZERS = {'"sgd"': "sgd", '"adam"': "adam", '"rmsprop"': "rmsprop", '"adagrad"': "adagrad"}
OTHER_LOSSES = {
    '"mean_squared_error"': r"squared_?error|(?<![a-z])mse(?![a-z])",
    '"mean_absolute_error"': r"absolute_?error|(?<![a-z])mae(?![a-z])",
    '"log_cosh"': "log_?cosh",
}


def optimizer(program: Program) -> list[Change] | str:
    def text(given: ast.expr | None) -> str | None:
        return another(program, given, OTHER_OPTIMIZERS)

    return _argument(program, _compiles(program), ("optimizer", 0), text, Aspect.OPTIMIZER) or NO_COMPILE


def loss(program: Program) -> list[Change] | str:
    def text(given: ast.expr | None) -> str | None:
        return another(program, given, OTHER_LOSSES)

    return _argument(program, _compiles(program), ("loss", 1), text, Aspect.LOSS) or NO_COMPILE


def batch_size(program: Program) -> list[Change] | str:
    """Where none is given, 32 is what Keras takes; a pipeline brings its own."""

    def text(given: ast.expr | None) -> str:
        return "16" if given is None or _is_none(given) else halved(program, given)

    calls = [call for call in _fits(program) if labels(call) is not None]
    return _argument(program, calls, ("batch_size", 2), text, Aspect.BATCH) or NO_LABELS


def epochs(program: Program) -> list[Change] | str:
    def text(given: ast.expr | None) -> str | None:
        if given is None:
            return "2"  # Keras trains one
        value = program.value(given)
        return str(value + 1) if isinstance(value, int) else f"({program.text(given)}) + 1"

    return _argument(program, _fits(program), ("epochs", 3), text, Aspect.EPOCHS) or NO_FIT


def _is_none(given: ast.expr) -> bool:
    return isinstance(given, ast.Constant) and given.value is None


def _compiles(program: Program) -> list[ast.Call]:
    return [method.call for method in compiles(program)]


def _fits(program: Program) -> list[ast.Call]:
    return [method.call for method in fits(program)]


def _argument(
    program: Program,
    calls: list[ast.Call],
    parameter: tuple[str, int],
    text: Callable[[ast.expr | None], str | None],
    aspect: Aspect,
) -> list[Change]:
    """Another value for one parameter, in each call; added where it is not given. `text` may know of none."""
    name, position = parameter
    changes = []
    for call in calls:
        given = argument(call, name, position)
        new = None if given is None and unpacks(call) else text(given)
        if new is None:
            continue
        edit = program.with_argument(call, f"{name}={new}") if given is None else program.replaced(given, new)
        instead = "" if given is None else f" instead of {short(program.text(given))}"
        changes.append(Change(f"{name} {short(new)}{instead}", program.where(given or call), (edit,), (aspect,)))
    return changes


# --- learning rate -----------------------------------------------------------------------------------------


def learning_rate(program: Program) -> list[Change] | str:
    """A thousandth, or a hundredfold where it is small already; another one where the default was taken."""
    return [*_rates(program), *_default_rates(program)] or "it makes no optimizer in its code"


def _rates(program: Program) -> Iterator[Change]:
    for name, call in program.calls():
        maker = name.startswith(OPTIMIZERS) and name.rpartition(".")[2][:1].isupper() and "schedules" not in name
        given = argument(call, "learning_rate", 0) or argument(call, "lr")
        if not maker or not program.editable(call) or (given is None and unpacks(call)):
            continue
        if given is None:
            edit = program.with_argument(call, f"learning_rate={OTHER_RATE}")
            what, where = f"learning rate {OTHER_RATE} instead of the default", program.where(call)
        else:
            text = _other_rate(program, given)
            what, where = f"learning rate {text} instead of {short(program.text(given))}", program.where(given)
            edit = program.replaced(given, text)
        yield Change(what, where, (edit,), (Aspect.RATE,))


def _default_rates(program: Program) -> Iterator[Change]:
    """Of optimizers that are only named, in the form that Keras takes for one with its settings."""
    for call in _compiles(program):
        given = argument(call, "optimizer", 0)
        name = None if given is None else program.value(given)
        if given is None or not isinstance(name, str):
            continue
        text = f'{{"class_name": {json.dumps(name)}, "config": {{"learning_rate": {OTHER_RATE}}}}}'
        what = f"learning rate {OTHER_RATE} instead of the default of {short(program.text(given))}"
        yield Change(what, program.where(given), (program.replaced(given, text),), (Aspect.RATE,))


def _other_rate(program: Program, given: ast.expr) -> str:
    """Of an expression that may be a schedule no part can be taken."""
    value = program.value(given)
    if not isinstance(value, int | float) or not value:
        return OTHER_RATE
    return f"{value * 100 if value < SMALL_RATE else value / RATE_FACTOR:g}"


# --- data --------------------------------------------------------------------------------------------------


def unscaled(program: Program) -> list[Change] | str:
    """Each division by 255, or by what the values reach or spread, left out; and all of them."""
    single = list(_scalings(program))
    if not single:
        return NO_SCALING
    if len(single) == 1:
        return single
    edits = tuple(edit for change in single for edit in change.edits)
    aspects = tuple(dict.fromkeys(aspect for change in single for aspect in change.aspects))
    return [Change("nothing is scaled", single[0].where, edits, aspects), *single]


def _scalings(program: Program) -> Iterator[Change]:
    for node in program.nodes:
        match node:
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                edit = program.replaced(node, _in_brackets(program, left))
            case ast.AugAssign(op=ast.Div(), value=right):
                edit = program.removed(node)
            case _:
                continue
        statement = program.statement(node)
        fed = tuple(_fed(program, statement))
        scale = program.value(right) in SCALES or (fed and _is_spread(program, right))
        if scale and program.editable(statement):
            yield Change(f"{_scaled(program, node)} is not scaled", program.where(node), (edit,), fed)


def _in_brackets(program: Program, node: ast.expr) -> str:
    """Where what stands around it could bind stronger than what is in it."""
    text = program.text(node)
    return f"({text})" if isinstance(node, ast.BinOp | ast.UnaryOp | ast.IfExp) else text


def _is_spread(program: Program, node: ast.expr) -> bool:
    """Such as `x.std(axis=0)` or `np.max(x)`, or a name for it."""
    call = program.stands_for(node)
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SPREADS


def _scaled(program: Program, node: ast.AST) -> str:
    """What is scaled there: by a layer, or by a statement."""
    statement = program.statement(node)
    while node is not statement:
        node = program.parents[node]
        if isinstance(node, ast.Call) and program.name(node.func).startswith(LAYERS):
            return f"what {program.name(node.func).rpartition('.')[2]} is given"
    return _target(program, statement)


def _targets(statement: ast.stmt) -> list[ast.expr]:
    match statement:
        case ast.Assign(targets=targets):
            return targets
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return [target]
        case _:
            return []


def _target(program: Program, statement: ast.stmt) -> str:
    targets = _targets(statement)
    return short(program.text(targets[0])) if targets else "what the statement makes"


def _fed(program: Program, statement: ast.stmt) -> Iterator[Aspect]:
    """What of `fit` the names come to that a statement at the notebook's own level binds."""
    targets = _targets(statement) if statement in program.tree.body else []
    bound = frozenset(name for target in targets for name in names_in(target))
    for method in fits(program):
        fed = ((Aspect.IMAGES, images(method.call)), (Aspect.VALIDATION, validation(method.call)))
        yield from (aspect for aspect, given in fed if given is not None and bound & names_in(given))


def shuffled_labels(program: Program) -> list[Change] | str:
    """In reverse: no label belongs to its image any more, and nothing else changes."""
    found = ((call, given) for call in _fits(program) if (given := labels(call)) is not None)
    return [
        Change(
            f"{short(program.text(given))} in reverse, so that the labels are those of other images",
            program.where(given),
            (Edit(program.end(given), program.end(given), "[::-1]"),)
            if isinstance(given, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
            else (program.replaced(given, f"({program.text(given)})[::-1]"),),
            (Aspect.LABELS, Aspect.LEARNING),
        )
        for call, given in found
    ] or NO_LABELS


def validated_on_training_data(program: Program) -> list[Change] | str:
    changes = [change for call in _fits(program) if (change := _validated(program, call)) is not None]
    return changes or "`fit` is given nothing to validate on, or no arrays that it could be validated on instead"


def _validated(program: Program, call: ast.Call) -> Change | None:
    given, split = validation(call), argument(call, "validation_split", 6)
    seen, known = images(call), labels(call)
    if seen is None or known is None or (given is None and split is None) or _are(given, (seen, known)):
        return None
    pair = f"({program.text(seen)}, {program.text(known)})"
    if given is not None:
        edit = program.replaced(given, pair)
    else:
        keyword = next((each for each in call.keywords if each.arg == "validation_split"), None)
        if keyword is None:
            return None
        edit = program.replaced(keyword, f"validation_data={pair}")
    return Change("validated on what it trains on", program.where(call), (edit,), (Aspect.VALIDATION,))


def _are(given: ast.expr | None, pair: tuple[ast.expr, ast.expr]) -> bool:
    """Whether it is validated on these already."""
    elements = given.elts if isinstance(given, ast.Tuple | ast.List) else []
    return [ast.dump(each) for each in elements] == [ast.dump(each) for each in pair]
