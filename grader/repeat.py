"""Whether a run says something about the student's notebook, or about the conditions it was run under.

The cap on epochs and deterministic operations are the grader's doing. Where one of them can have changed
how the notebook ended, the notebook is run again without it before anything is judged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.checks.parsing import parse
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
    return not any(_of_the_text(cell.error, evidence.cells) for cell in evidence.cells if cell.error)


def determinism_in_the_way(evidence: Evidence) -> bool:
    """Whether an operation has no deterministic form on the GPU; TensorFlow then raises and says so."""
    if evidence.environment is None or evidence.environment.device is not Device.GPU:
        return False
    return any(
        cell.outcome is Outcome.RAISED and cell.error is not None and "determini" in cell.error.message.lower()
        for cell in evidence.cells
    )


def _of_the_text(error: CellError, cells: tuple[Cell, ...]) -> bool:
    if error.name in OF_THE_TEXT:
        return True
    undefined = UNDEFINED.match(error.message) if error.name == "NameError" else None
    return undefined is not None and not _may_bind(undefined[1], cells)


def _may_bind(name: str, cells: tuple[Cell, ...]) -> bool:
    """Whether any code of the notebook could give `name` a value; in doubt, yes."""
    for cell in cells:
        tree = parse(cell.source)
        if isinstance(tree, str) or not {name, "*", *BINDING_BY_NAME}.isdisjoint(_bound_or_used(tree)):
            return True
    return False


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
