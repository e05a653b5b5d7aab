"""Which Keras a notebook's cells import: `keras` itself, or TensorFlow's.

Both are the same classes today, so only the notebook's own words tell which of the two its defaults are. What
stands in `tensorflow.python.keras` is an old Keras still, in part and out of order: cells that import from
there import `tensorflow.keras` instead. The cell's text, by which it is judged, stays as it is.
"""

from __future__ import annotations

import ast
from typing import Any

from .adapted import Adapted

OWN = "tensorflow.python.keras"
TODAY = "tensorflow.keras"
MODELS = {"Sequential", "Model", "models", "*"}


class Origins(ast.NodeTransformer):
    """An IPython transformer: it sees every cell before it runs, those behind `%%time` too."""

    def __init__(self, adapted: Adapted) -> None:
        self._adapted = adapted
        self._imported: set[str] = set()
        self._models: set[str] = set()

    @property
    def standalone(self) -> bool:
        """Where both are imported, it is the one that the models come from."""
        packages = self._models or self._imported
        return "keras" in packages

    def follow(self, shell: Any) -> None:
        shell.ast_transformers.append(self)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        for alias in node.names:
            if alias.name.startswith(f"{OWN}.") and alias.asname:
                alias.name = self._today(alias.name)
            self._note(alias.name, "")
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.level or node.module is None:
            return node
        if node.module == OWN or node.module.startswith(f"{OWN}."):
            node.module = self._today(node.module)
        if node.module == "tensorflow.python" and any(alias.name == "keras" for alias in node.names):
            node.module = self._today(OWN).removesuffix(".keras")
        for alias in node.names:
            whole = node.module if alias.name != "keras" else f"{node.module}.keras"
            self._note(whole, alias.name)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """`tf.keras`, whatever `tf` is called."""
        if node.attr == "keras":
            self._imported.add("tensorflow")
        self.generic_visit(node)
        return node

    def _today(self, module: str) -> str:
        self._adapted.tell(f"{OWN} is now {TODAY}")
        return TODAY + module.removeprefix(OWN)

    def _note(self, module: str, name: str) -> None:
        package = module.partition(".")[0]
        if package == "tensorflow" and ".keras" not in module:
            return
        if package in ("keras", "tensorflow"):
            self._imported.add(package)
            if name in MODELS:
                self._models.add(package)
