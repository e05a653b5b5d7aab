"""Whether what a statement shows of a history can be read back: figures need their names."""

from __future__ import annotations

import ast


def prints_names(statement: ast.stmt) -> bool:
    """A print of a history as a whole, whose keys are names, or of words beside the figures."""
    nodes = list(ast.walk(statement))
    subscripts = [node for node in nodes if isinstance(node, ast.Subscript)]
    keys = {part for node in subscripts for part in ast.walk(node.slice)}
    taken_apart = {node.value for node in subscripts}
    return any(is_history(node) and node not in taken_apart for node in nodes) or any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and any(map(str.isalpha, node.value))
        for node in nodes
        if node not in keys
    )


def shows_names(statement: ast.stmt) -> bool:
    """The history itself as a cell's last line. Plots, which read it too, show no text."""
    return isinstance(statement, ast.Expr) and is_history(statement.value)


def is_history(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "history"
