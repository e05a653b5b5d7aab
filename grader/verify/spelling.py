"""Other ways to name what Keras holds: `from X import Y` against `X.Y`, `tf.keras` against `keras`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.verify.program import Edit
from grader.verify.renaming import defined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.verify.dress import Asked
    from grader.verify.notebook import Notebook
    from grader.verify.program import Program

KERAS = "keras."
ROOTS = frozenset({"keras", "tensorflow", "tf_keras"})
MODULE_OF = {"Sequential": "models", "Model": "models", "Input": "layers"}
NO_IMPORT = "it imports nothing of Keras at the notebook's own level"
SAME = "it is written like that already"


@dataclass(frozen=True, slots=True)
class Spelled:
    """How something is imported, and how it is called then."""

    imported: str
    called: str


Style = Callable[[tuple[str, ...]], Spelled]
"""`("layers", "Dense")` -> how to write it."""


def by_name(root: str) -> Style:
    """`from keras.layers import Dense`; of what lies deeper, its module: `from keras.datasets import mnist`."""

    def spelled(parts: tuple[str, ...]) -> Spelled:
        module = parts[0] if len(parts) > 1 else MODULE_OF.get(parts[0], "")
        held, *rest = parts[1:] or parts
        source = f"{root}.{module}" if module else root
        return Spelled(f"from {source} import {held}", ".".join((held, *rest)))

    return spelled


def by_module(root: str) -> Style:
    """As in `from keras import layers`."""
    return lambda parts: Spelled(f"from {root} import {parts[0]}", ".".join(parts))


def in_full(imported: str, root: str) -> Style:
    """`import keras`, and everything from there."""
    return lambda parts: Spelled(imported, ".".join((root, *parts)))


def spell(program: Program, asked: Asked, style: Style) -> Notebook | str:
    """Write all that comes from Keras in this style, and import it so."""
    first = next((each for each in program.tree.body if _keras_names(each)), None)
    if first is None or not program.editable(first):
        return NO_IMPORT
    places = {node: style(parts) for node, parts in _uses(program)}
    known = {text for each in program.tree.body for text in _imports_singly(each)}
    bound = {_bound(each.imported) for each in places.values() if each.imported not in known}
    left = _left(program, places)
    clash = bound & ((left | defined(program)) - _imported(program))
    if clash:
        return f"the name '{min(clash)}' is taken"
    old = [each for each in program.tree.body if (names := _keras_names(each)) and names == _aliases(each)]
    free = (each for each in old if program.editable(each) and not asked.asks(program, each))
    gone = [each for each in free if not set(map(_bound_by, _aliases(each))) & (left | {"*"})]
    kept = {program.text(each) for each in old if each not in gone}
    lines = "\n".join(sorted({each.imported for each in places.values()} - kept))
    edits = [program.replaced(node, each.called) for node, each in places.items()]
    told = program.apply([*edits, *_imports(program, first, gone, lines)])
    return SAME if told == program.notebook else told


def _imports(program: Program, first: ast.stmt, gone: list[ast.stmt], lines: str) -> Iterator[Edit]:
    """The new ones in place of the first, or behind it where it must stay."""
    in_place = first in gone and program.alone(first) and bool(lines)
    if in_place:
        yield program.replaced(first, lines)
    elif lines:
        yield program.after(first, lines.replace("\n", "; "))
    yield from (program.removed(each) for each in gone if each is not first or not in_place)


def _uses(program: Program) -> Iterator[tuple[ast.expr, tuple[str, ...]]]:
    for node in program.all(ast.expr):
        meaning = program.name(node)
        outer = program.parents[node]
        part_of_longer = isinstance(outer, ast.Attribute) and program.name(outer).startswith(KERAS)
        stored = isinstance(getattr(node, "ctx", None), ast.Store)
        if not meaning.startswith(KERAS) or part_of_longer or stored or not program.editable(node):
            continue
        parts = tuple(meaning.removeprefix(KERAS).split("."))
        if len(parts) > 1 or parts[0][0].isupper():
            yield node, parts


def _keras_names(statement: ast.stmt) -> list[ast.alias]:
    """What it imports from Keras, beside anything else."""
    match statement:
        case ast.Import(names=names):
            return [name for name in names if name.name.partition(".")[0] in ROOTS]
        case ast.ImportFrom(module=str(module), names=names, level=0) if module.partition(".")[0] in ROOTS:
            return names
        case _:
            return []


def _left(program: Program, rewritten: Iterable[ast.expr]) -> frozenset[str]:
    """Names that still stand in the program when these expressions are written anew."""
    inside = {inner for node in rewritten for inner in ast.walk(node)}
    return frozenset(
        node.id for node in ast.walk(program.tree) if isinstance(node, ast.Name) and node not in inside
    )


def _imports_singly(statement: ast.stmt) -> list[str]:
    """As `Spelled.imported` writes them, whatever else the statement imports."""
    match statement:
        case ast.Import(names=names):
            return [f"import {ast.unparse(name)}" for name in names]
        case ast.ImportFrom(module=str(module), names=names, level=0):
            return [f"from {module} import {ast.unparse(name)}" for name in names]
        case _:
            return []


def _aliases(statement: ast.stmt) -> list[ast.alias]:
    return statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else []


def _bound_by(name: ast.alias) -> str:
    return name.asname or name.name.partition(".")[0]


def _imported(program: Program) -> frozenset[str]:
    """Names of Keras' own imports, which give way to the new ones."""
    found = (name for each in program.tree.body for name in _keras_names(each))
    return frozenset(map(_bound_by, found))


def _bound(imported: str) -> str:
    return imported.rsplit(maxsplit=1)[-1]


def style(wanted: Style) -> Callable[[Program, Asked], Notebook | str]:
    return lambda program, asked: spell(program, asked, wanted)
