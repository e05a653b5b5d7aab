"""Other names for what a program binds."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from grader.verify.formatted import can_be_written, rewritten
from grader.verify.program import names_in
from grader.verify.training_calls import compiles, fits, images, labels, validation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.verify.dress import Asked
    from grader.verify.notebook import Notebook
    from grader.verify.program import Program

NOTHING = "it binds no such name that can be changed safely"


def model(program: Program, _: Asked) -> Notebook | str:
    called = {name for one in (*fits(program), *compiles(program)) for name in names_in(one.call.func)}
    return _renamed(program, called)


def history(program: Program, _: Asked) -> Notebook | str:
    kept = (program.statement(one.call) for one in fits(program))
    names = {name for each in kept if isinstance(each, ast.Assign) for to in each.targets for name in names_in(to)}
    return _renamed(program, names)


def data(program: Program, _: Asked) -> Notebook | str:
    calls = [one.call for one in fits(program)]
    given = [each for call in calls for each in (images(call), labels(call), validation(call)) if each is not None]
    return _renamed(program, {name for each in given for name in names_in(each)})


def loops(program: Program, _: Asked) -> Notebook | str:
    targets = [node.target for node in ast.walk(program.tree) if isinstance(node, ast.comprehension | ast.For)]
    return _renamed(program, {name for target in targets for name in names_in(target)})


def everything(program: Program, _: Asked) -> Notebook | str:
    return _renamed(program, _bound(program))


def _renamed(program: Program, names: set[str]) -> Notebook | str:
    safe = names & _bound(program) - _unsafe(program)
    if not safe:
        return NOTHING
    taken = taken_names(program)
    other = {name: _other(name, taken) for name in safe}
    places = (node for node in ast.walk(program.tree) if isinstance(node, ast.Name) and node.id in other)
    return program.apply(rewritten(program, {node: other[node.id] for node in places}))


def taken_names(program: Program) -> frozenset[str]:
    """All that the program calls anything by."""
    return names_in(program.tree) | defined(program)


def _other(name: str, taken: frozenset[str]) -> str:
    new = f"my_{name.lower()}"
    while new in taken:
        new += "_"
    return new


def _bound(program: Program) -> set[str]:
    return {node.id for node in program.all(ast.Name) if isinstance(node.ctx, ast.Store)}


def defined(program: Program) -> frozenset[str]:
    """Names that stand in the tree as texts, not as nodes of their own."""
    return frozenset(_words(program))


def _words(program: Program) -> Iterator[str]:
    for node in ast.walk(program.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case _:
                pass


def _unsafe(program: Program) -> frozenset[str]:
    """What something else than a plain name may refer to: a parameter, a text, a magic, a class's attribute."""
    magics = b" ".join(program.lines[line - 1] for line in program.frozen).decode(errors="replace")
    nodes = list(ast.walk(program.tree))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    hidden = [
        node
        for node in nodes
        if isinstance(node, ast.ClassDef) or (isinstance(node, ast.JoinedStr) and not can_be_written(node))
    ]
    inside = {name for node in hidden for name in names_in(node)}
    return defined(program) | frozenset(re.findall(r"\w+", magics)) | texts | inside
