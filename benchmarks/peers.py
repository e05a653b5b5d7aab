"""What else runs a notebook from a command line: papermill, and nbconvert. They run it, and grade nothing."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clock import Timed, timed
from benchmarks.course import ROOT

HERE = Path(sys.executable).parent
MISSING = "not installed here, so there is no ratio; `make bench` installs it"
OWN = ROOT / ".venv-bench" / "bin"  # papermill's environment, which sees everything of the grader's


@dataclass(frozen=True, slots=True)
class Peer:
    """`program` is None where this machine has none."""

    name: str
    program: Path | None
    version: str

    def run(self, notebook: Path) -> Timed:
        """Execute it into a new file beside it."""
        if self.program is None:
            raise LookupError(f"{self.name} is missing")
        out = notebook.with_suffix(".out.ipynb")
        options: dict[str, list[str | Path]] = {
            "papermill": ["--no-progress-bar", notebook, out],
            "nbconvert": ["nbconvert", "--execute", "--to", "notebook", "--output", out.name, notebook],
        }
        return timed([self.program, *options[self.name]], notebook.parent)


def papermill() -> Peer:
    path = _found("papermill")
    return Peer("papermill", path, timed([path, "--version"], ROOT).output.split()[0] if path else "missing")


def nbconvert() -> Peer:
    path = _found("jupyter")
    return Peer("nbconvert", path, importlib.metadata.version("nbconvert") if path else "missing")


def _found(program: str) -> Path | None:
    found = shutil.which(program, path=f"{OWN}:{HERE}")
    return Path(found) if found else None


def with_data(notebook: Path, mnist: Path, to: Path) -> Path:
    """A copy with a cell in front that hands Keras its data, since peers do not and nothing may be downloaded."""
    whole = json.loads(notebook.read_text("utf-8"))
    source = f"import keras.src.datasets.mnist as module\nmodule.get_file = lambda *_, **__: {str(mnist)!r}"
    first = {"cell_type": "code", "id": "data", "metadata": {}, "source": source}
    whole["cells"].insert(0, first | {"execution_count": None, "outputs": []})
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(whole), "utf-8")
    return to
