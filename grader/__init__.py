"""Autograder for notebooks in which students train neural networks.

In a notebook: `import grader; grader.check("nb.ipynb")`, or `%load_ext grader` and `%grader check`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__version__ = "0.1.0"


def check(notebook: str | Path, **options: Any) -> Any:
    """Check a notebook's file; returns what was found, which a notebook shows as a table.

    `part`, `rubric`, `isolation` and `static` are the options of `grader check`. The result has `score`, `checks`
    and `passed`.
    """
    return import_module("grader.selfcheck.notebook").check(notebook, **options)  # nothing is loaded before


def load_ipython_extension(shell: Any) -> None:
    """What IPython calls at `%load_ext grader`."""
    import_module("grader.selfcheck.magic").load(shell)
