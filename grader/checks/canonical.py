"""One form for statements that mean the same.

`Dense(10)` after `from keras.layers import Dense` becomes `keras.layers.Dense(10)`, and so does
`tf.keras.layers.Dense(10)`. Only names are resolved, in reading order and at the level of the notebook: an import
gives a name its meaning, any other binding takes it away. Parameters and local variables shadow within their
function. What a name means by the time a function is called is not followed, nor are `global`, `exec` and
attributes that are set. Import statements stay as they are written. Where one statement binds several names, its
parts are added behind it, so that `import os, numpy as np` also reads `import numpy as np`.
"""

from __future__ import annotations

import ast
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.checks.names import CONVENTIONAL, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_RESOLVED = 20_000
"""Names that are resolved in one notebook, so that short names for long modules cannot multiply its text."""
MAX_NAME_PARTS = 8
MAX_NAME_LENGTH = 100
MAX_TARGETS = 4

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Canonical(ast.NodeTransformer):
    """Rewrites statements in the order given, keeping what the names mean so far. It changes the tree in place."""

    def __init__(self) -> None:
        self.meaning = dict(CONVENTIONAL)
        self.shadowed: Counter[str] = Counter()
        self.resolved = 0

    def statements(self, node: ast.stmt) -> list[ast.stmt]:
        """The statement in canonical form, and behind it the parts of one that does several things."""
        result = self.visit(node)
        return result if isinstance(result, list) else [result]

    # --- what binds names

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        for name in node.names:
            self._learn(
                name.asname or name.name.split(".")[0], name.name if name.asname else name.name.split(".")[0]
            )
        return [node, *_import_parts(node)]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        for name in node.names:
            if node.level == 0 and name.name != "*":
                self._learn(name.asname or name.name, f"{node.module}.{name.name}")
            else:
                self._forget(name.asname or name.name)
        return [node, *_import_parts(node)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | list[ast.stmt]:
        if node.value is None:
            return self.generic_visit(node)
        return self.visit_Assign(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        node.value = self.visit(node.value)
        node.targets = [self.visit(target) for target in node.targets]
        meaning = _dotted(node.value)
        target = node.targets[0]
        if meaning.startswith("keras.") and isinstance(target, ast.Name):
            self._learn(target.id, meaning)  # layers = tf.keras.layers
        return [node, *_assignment_parts(node)]

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self._forget(node.name or "")
        return self.generic_visit(node)

    # --- what has names of its own

    def _visit_definition(self, node: Definition) -> ast.AST:
        self._forget(node.name)
        return self._visit_in_scope(node, _own_names(node))

    def _visit_lambda(self, node: ast.Lambda) -> ast.AST:
        return self._visit_in_scope(node, _own_names(node))

    def _visit_comprehension(self, node: Comprehension) -> ast.AST:
        return self._visit_in_scope(node, _comprehension_names(node))

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _visit_definition  # noqa: N815 - ast's own naming
    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension  # noqa: N815 - same
    visit_Lambda = _visit_lambda  # noqa: N815 - ast's own naming

    def _visit_in_scope(self, node: ast.AST, names: frozenset[str]) -> ast.AST:
        with self._shadowing(names):
            return self.generic_visit(node)

    @contextmanager
    def _shadowing(self, names: frozenset[str]) -> Iterator[None]:
        self.shadowed.update(names)
        try:
            yield
        finally:
            self.shadowed.subtract(names)

    # --- what names mean

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            self._forget(node.id)
            return node
        meaning = self._meaning(node.id)
        return node if meaning is None else _named(canonical_name(meaning), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        dotted = _dotted(node)
        root, _, rest = dotted.partition(".")
        meaning = self._meaning(root) if dotted else None
        if meaning is None:
            self.generic_visit(node)
            return node
        return _named(canonical_name(f"{meaning}.{rest}"), node)

    def _meaning(self, name: str) -> str | None:
        if self.shadowed[name] or self.resolved >= MAX_RESOLVED:
            return None
        meaning = self.meaning.get(name)
        self.resolved += meaning is not None
        return meaning

    def _learn(self, name: str, meaning: str) -> None:
        self._forget(name)
        if meaning.count(".") < MAX_NAME_PARTS and len(meaning) <= MAX_NAME_LENGTH:
            self.meaning[name] = canonical_name(meaning)

    def _forget(self, name: str) -> None:
        if not self.shadowed[name]:
            self.meaning.pop(name, None)


def _dotted(node: ast.expr) -> str:
    """`a.b.c`, or empty where the expression is anything else or too long."""
    parts: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute) and len(parts) < 2 * MAX_NAME_PARTS:
        parts.append(inner.attr)
        inner = inner.value
    return ".".join((inner.id, *reversed(parts))) if isinstance(inner, ast.Name) else ""


def _named(dotted: str, like: ast.Name | ast.Attribute) -> ast.expr:
    root, *attributes = dotted.split(".")
    node: ast.expr = ast.Name(root, ast.Load())
    for attribute in attributes:
        node = ast.Attribute(node, attribute, ast.Load())
    return ast.copy_location(node, like)


def _import_parts(node: ast.Import | ast.ImportFrom) -> Iterable[ast.stmt]:
    if len(node.names) == 1:
        return
    for name in node.names:
        part = (
            ast.Import([name]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [name], node.level)
        )
        yield ast.copy_location(part, node)


def _assignment_parts(node: ast.Assign) -> Iterable[ast.stmt]:
    """`a = b = 12` does `a = 12` and `b = 12`; `a, b = 1, 2` does `a = 1` and `b = 2`."""
    pairs: Iterable[tuple[ast.expr, ast.expr]] = ()
    first = node.targets[0]
    if 1 < len(node.targets) <= MAX_TARGETS:
        pairs = ((target, node.value) for target in node.targets)
    elif isinstance(first, ast.Tuple | ast.List) and isinstance(node.value, ast.Tuple | ast.List):
        both = (*first.elts, *node.value.elts)
        if len(first.elts) == len(node.value.elts) and not any(isinstance(each, ast.Starred) for each in both):
            pairs = zip(first.elts, node.value.elts, strict=True)
    for target, value in pairs:
        yield ast.copy_location(ast.Assign([target], value), node)


def _own_names(scope: Definition | ast.Lambda) -> frozenset[str]:
    """Parameters and what the body binds; the bodies of scopes inside it are not looked into."""
    names: set[str] = set()
    body = scope.body if isinstance(scope.body, list) else [scope.body]
    todo: list[ast.AST] = [*body, *([] if isinstance(scope, ast.ClassDef) else [scope.args])]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        if not isinstance(node, Definition | ast.Lambda):
            todo.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def _comprehension_names(node: Comprehension) -> frozenset[str]:
    targets = (each for generator in node.generators for each in ast.walk(generator.target))
    return frozenset(each.id for each in targets if isinstance(each, ast.Name))
