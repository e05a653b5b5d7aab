"""Where a program compiles its models and trains them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.verify.program import argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.verify.program import Program

COMPILE_WORDS = frozenset({"optimizer", "loss", "metrics"})
FIT_WORDS = frozenset({"epochs", "batch_size", "validation_data", "validation_split", "verbose", "callbacks"})


@dataclass(frozen=True, slots=True)
class Method:
    """A call of a model's method; `model` is how the program calls the model."""

    call: ast.Call
    model: str


def compiles(program: Program) -> list[Method]:
    trained = {method.model for method in _methods(program, "fit")}
    return [one for one in _methods(program, "compile") if one.model in trained or _words(one) & COMPILE_WORDS]


def fits(program: Program) -> list[Method]:
    compiled = {method.model for method in _methods(program, "compile")}
    return [one for one in _methods(program, "fit") if one.model in compiled or _words(one) & FIT_WORDS]


def _methods(program: Program, name: str) -> Iterator[Method]:
    for call in program.all(ast.Call):
        match call.func:
            case ast.Attribute(value=model, attr=attr) if attr == name and program.editable(call):
                yield Method(call, program.text(model))
            case _:
                pass


def _words(method: Method) -> frozenset[str]:
    return frozenset(keyword.arg for keyword in method.call.keywords if keyword.arg)


def images(fit: ast.Call) -> ast.expr | None:
    return argument(fit, "x", 0)


def labels(fit: ast.Call) -> ast.expr | None:
    return argument(fit, "y", 1)


def validation(fit: ast.Call) -> ast.expr | None:
    return argument(fit, "validation_data", 7)
