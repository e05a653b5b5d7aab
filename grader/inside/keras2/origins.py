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


class Origins:
    """It sees what IPython has parsed before that runs, cells behind `%%time` too."""

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
        """Not as one of IPython's transformers: beside those, its own walk over a deep expression can fail."""
        transform = shell.transform_ast

        def transform_ast(node: ast.AST) -> ast.AST:
            transformed: ast.AST = transform(self.visit(node))
            return transformed

        shell.transform_ast = transform_ast

    def visit(self, tree: ast.AST) -> ast.AST:
        """The same tree, with other modules' names in some of its imports."""
        for node in ast.walk(tree):
            match node:
                case ast.Import():
                    self._import(node)
                case ast.ImportFrom(module=str(), level=0):
                    self._import_from(node)
                case ast.Attribute(attr="keras"):  # `tf.keras`, whatever `tf` is called
                    self._imported.add("tensorflow")
                case _:
                    pass
        return tree

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name.startswith(f"{OWN}.") and alias.asname:
                alias.name = self._today(alias.name)
            self._note(alias.name, "")

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = str(node.module)
        if module == OWN or module.startswith(f"{OWN}."):
            module = self._today(module)
        elif module == "tensorflow.python" and any(alias.name == "keras" for alias in node.names):
            module = self._today(OWN).removesuffix(".keras")
        node.module = module
        for alias in node.names:
            self._note(module if alias.name != "keras" else f"{module}.keras", alias.name)

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
