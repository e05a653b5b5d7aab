"""What a solved notebook does that can be asked of others, each with a share of the points."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from grader.draft.naming import prints_names, shows_names
from grader.verify.figures import constant, prints, shows, subscripts, targets_of
from grader.verify.layering import layers
from grader.verify.showing import SEEDINGS, summaries
from grader.verify.training_calls import fits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.verify.program import Program

TOTAL: Final = 100
STEP: Final = 5
"""Points are whole multiples of this."""
SUMMARIES: Final = ("print($MODEL.summary())", "$MODEL.summary()")
OTHER_SUMMARIES: Final = ("print($MODEL.summary($$$))", "$MODEL.summary($$$)")
"""For a notebook that shows it in a form of its own."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One criterion; `more` are its further keys, and `points` its share until all are known."""

    id: str
    check: str
    points: int
    title: str
    more: Mapping[str, object] = field(default_factory=dict)


def criteria(program: Program) -> tuple[Draft, ...]:
    """In the order in which a notebook does these things; the points add up to TOTAL."""
    found = (_runs(), _seeded(program), _summary_printed(program), _architecture(program), *_trained(program))
    return shared_out(tuple(each for each in found if each is not None))


def first_epoch_only(drafts: tuple[Draft, ...]) -> bool:
    """Whether no criterion looks beyond the first epoch, so that no more need be trained."""
    return any(each.more.get("epoch") == 1 for each in drafts)


def _runs() -> Draft:
    return Draft("runs", "executes", 15, "The notebook runs from its first cell to its last")


def _seeded(program: Program) -> Draft | None:
    """The number itself is asked for where it stands in the call, else any."""
    calls = [(name, call) for name, call in program.calls() if name in SEEDINGS and program.editable(call)]
    if not calls:
        return None
    name, call = calls[0]
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    number = ", ".join(map(program.text, (*call.args, *call.keywords))) if all(map(_is_plain, given)) else "$$$"
    called = program.text(call.func) if isinstance(call.func, ast.Attribute) else name
    return Draft("seeded", "code", 5, "The seed is fixed", {"pattern": f"{called}({number})"})


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _summary_printed(program: Program) -> Draft | None:
    shown = summaries(program)
    if not shown:
        return None
    plain = any(_is_bare(node) for statement in shown for node in ast.walk(statement))
    pattern = {"pattern": list(SUMMARIES if plain else OTHER_SUMMARIES)}
    return Draft("summary_printed", "code", 5, "The model's summary is printed", pattern)


def _is_bare(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="summary"), args=[], keywords=[]):
            return True
        case _:
            return False


def _architecture(program: Program) -> Draft | None:
    if not (layers(program) or fits(program)):
        return None
    more = {} if summaries(program) else {"evidence": "observed"}
    return Draft("architecture", "model_summary", 35, "The network has the layers that are asked for", more)


def _trained(program: Program) -> tuple[Draft, ...]:
    calls = [method.call for method in fits(program)]
    if not calls:
        return ()
    training = Draft("training", "training", 20, "The network is trained with the settings that are asked for")
    history = Draft(
        "history", "history", 20, "The figures of the training are as good as expected", _looks(program)
    )
    if not any(targets_of(program.statement(call), call) for call in calls):
        return training, history
    pattern = {"pattern": "$HISTORY = $MODEL.fit($$$)"}
    return Draft("history_kept", "code", 5, "What model.fit returns is kept", pattern), training, history


def _looks(program: Program) -> dict[str, object]:
    """Which epoch is compared: the one whose figures are printed, else the last.

    A figure without its name cannot be read back, so that the training itself is asked for it.
    """
    printed, shown = list(prints(program)), list(shows(program))
    read_back = any(map(prints_names, printed)) or any(map(shows_names, shown))
    asked = {constant(node) for statement in (*printed, *shown) for node in subscripts(program, statement)}
    looks: dict[str, object] = {"epoch": 1} if 0 in asked and -1 not in asked else {"epochs": "last"}
    return looks | {"tolerance": "band"} | ({} if read_back else {"evidence": "observed"})


def shared_out(drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """In steps, in proportion to the shares; the largest makes up for what rounding changes."""
    if not drafts:
        return ()
    whole = sum(each.points for each in drafts)
    steps = [max(1, round(TOTAL / STEP * each.points / whole)) for each in drafts]
    largest = steps.index(max(steps))
    steps[largest] += TOTAL // STEP - sum(steps)
    return tuple(replace(each, points=STEP * count) for each, count in zip(drafts, steps, strict=True))
