"""Entry point of both processes inside: `python -P start.py harness JOB` and `... kernel JOB CONNECTION`.

The package is loaded under a name of its own and from its own path, so that neither this folder nor any of
its module names comes into the way of what a notebook imports.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

PACKAGE = "_grader_inside"


def load_package() -> None:
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"{folder}: the inside package cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    load_package()
    importlib.import_module(f"{PACKAGE}.{sys.argv[1]}").main(*sys.argv[2:])
