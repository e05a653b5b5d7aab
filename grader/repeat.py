"""Whether a run says something about the student's notebook, or about the conditions it was run under.

The cap on epochs and deterministic operations are the grader's doing. Where one of them can have changed
how the notebook ended, the notebook is run again without it before anything is judged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache

from grader.checks.parsing import parse
from grader.checks.syntax import MAX_NOTEBOOK
from grader.model import Cell, CellError, Device, Evidence, Outcome, Status

# Errors that no longer training could have avoided: they come from the text of the code alone.
OF_THE_TEXT = {
    *("SyntaxError", "IndentationError", "TabError", "ImportError", "ModuleNotFoundError"),
    *("DataNotProvidedError", "StdinNotImplementedError"),  # nor do data and answers come with more epochs
}
UNDEFINED = re.compile(r"name '(\w{1,200})' is not defined")
BINDING_BY_NAME = {"exec", "globals", "locals", "vars", "setattr", "get_ipython"}


def cap_in_the_way(evidence: Evidence) -> bool:
    """Whether `max_epochs` may explain how the run ended, or left a call of `fit` with nothing to train."""
    capped = [fit for fit in evidence.observed.fits if fit.cap is not None]
    if any(fit.cap == 0 for fit in capped):
        return True
    if not capped or evidence.ended is not Status.NOTEBOOK_ERROR:
        return False
    begun = tuple(cell for cell in evidence.cells if cell.outcome is not Outcome.NOT_RUN)  # others bind nothing
    bound = cache(lambda: _bound_names(begun))
    return not any(_of_the_text(cell.error, bound) for cell in evidence.cells if cell.error)


def determinism_in_the_way(evidence: Evidence) -> bool:
    """Whether an operation has no deterministic form on the GPU; TensorFlow then raises and says so."""
    if evidence.environment is None or evidence.environment.device is not Device.GPU:
        return False
    return any(
        cell.outcome is Outcome.RAISED and cell.error is not None and "determini" in cell.error.message.lower()
        for cell in evidence.cells
    )


def _of_the_text(error: CellError, bound: Callable[[], frozenset[str] | None]) -> bool:
    if error.name in OF_THE_TEXT:
        return True
    undefined = UNDEFINED.match(error.message) if error.name == "NameError" else None
    if undefined is None:
        return False
    names = bound()
    return names is not None and undefined[1] not in names


def _bound_names(cells: tuple[Cell, ...]) -> frozenset[str] | None:
    """The names that code of the notebook gives a value to; None where that cannot be told."""
    if sum(len(cell.source) for cell in cells) > MAX_NOTEBOOK:
        return None
    names: set[str] = set()
    for cell in cells:
        tree = parse(cell.source)
        if isinstance(tree, str):
            return None
        names.update(_bound_or_used(tree))
    return frozenset(names) if names.isdisjoint({"*", *BINDING_BY_NAME}) else None


def _bound_or_used(tree: ast.Module) -> Iterator[str]:
    """Names that are bound, and the loaded ones by which names can be bound in roundabout ways."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Name(id=name) if name in BINDING_BY_NAME:
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case _:
                pass
