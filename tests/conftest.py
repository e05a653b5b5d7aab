"""Fixtures for tests that run real notebooks in real kernels.

`notebook(*sources)` writes an .ipynb file, `run_notebook(path, ...)` runs it as a submission is run and decodes
what came out, `mnist` is a small MNIST. A kernel costs 2 s, with Keras 6 s, so a module's tests share
their runs through fixtures of module scope; that is why these three have the scope of the session.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import nbformat
import numpy as np
import pytest
from hypothesis import settings
from nbformat.v4 import new_code_cell, new_notebook

from grader import evidence, record, rubric, sandbox
from grader.model import Device, Evidence, Execution, Isolation
from grader.progress import Progress
from grader.sandbox import Layer, layers

ROOT = Path(__file__).parents[1]
FULL_MNIST = ROOT / "reference" / "data" / "mnist.npz"
REDUCED = (600, 300)  # images of the reduced course
SEEDS = 5  # of its recording
TRAIN, TEST = 256, 64  # images of the small MNIST
EXECUTION = Execution(timeout=120.0, memory=2 * 1024**3)

# How long an example takes says what else the machine does.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@dataclass(frozen=True)
class Ran:
    """What `sandbox.run` returned; `evidence` is None where it left none, and is never replaced."""

    exit: sandbox.Exit
    evidence: Evidence | None

    @property
    def told(self) -> Evidence:
        """The evidence, where a test is not about its absence."""
        assert self.evidence is not None, self.exit
        return self.evidence


class RunNotebook(Protocol):
    """`conditions` are fields of `sandbox.Task`."""

    def __call__(self, path: Path, execution: Execution = ..., **conditions: Any) -> Ran: ...


@pytest.fixture(scope="session")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a notebook in a folder of its own: a string is the source of a code cell; cells go in as they are."""

    def write(*cells: Any, metadata: Mapping[str, Any] | None = None, name: str = "notebook.ipynb") -> Path:
        built = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        path = tmp_path_factory.mktemp("notebook") / name
        path.write_text(nbformat.writes(new_notebook(cells=built, metadata=dict(metadata or {}))), "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def layer() -> Layer:
    """The strongest that this machine offers."""
    return layers.choose(None, EXECUTION, trusted=True)


@pytest.fixture(scope="session")
def walls() -> list[Layer]:
    """All the layers that this machine offers without bwrap, as each is found to work."""
    more = (Layer(Isolation.LANDLOCK, drops=False), Layer(Isolation.NONE, drops=False))
    usual = [layer for _, layer in layers.ways() if layer.bwrap is None]
    chosen: dict[Isolation, Layer] = {}
    for layer in (*usual, *more):
        if layer.isolation not in chosen and not layers.fault(layer, EXECUTION):
            chosen[layer.isolation] = layer
    return list(chosen.values())


@pytest.fixture(scope="session")
def run_notebook(layer: Layer) -> RunNotebook:
    def run(path: Path, execution: Execution = EXECUTION, **conditions: Any) -> Ran:
        usual: dict[str, Any] = {"datasets": {}, "device": Device.CPU, "threads": 2, "seed": 0, "layer": layer}
        given = usual | conditions
        left = sandbox.run(sandbox.Task(path, execution=execution, **given))
        return Ran(left, None if left.evidence is None else evidence.decode(left.evidence))

    return run


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`mnist.npz` with the first 256 and 64 images of the real one."""
    path = tmp_path_factory.mktemp("data") / "mnist.npz"
    sizes = {"x_train": TRAIN, "y_train": TRAIN, "x_test": TEST, "y_test": TEST}
    with np.load(FULL_MNIST, allow_pickle=False) as full:
        np.savez_compressed(path, allow_pickle=False, **{name: full[name][:size] for name, size in sizes.items()})
    return path


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory, layer: Layer) -> Path:
    """The shipped course on a few hundred images, its references recorded on them."""
    folder = tmp_path_factory.mktemp("shipped")
    shutil.copytree(ROOT / "submissions", folder / "submissions")
    (folder / "reference" / "data").mkdir(parents=True)
    for notebook in (ROOT / "reference").glob("*.ipynb"):
        shutil.copy(notebook, folder / "reference")
    shutil.copy(ROOT / "rubric.yaml", folder)
    with np.load(FULL_MNIST) as full:
        reduced = {
            name: full[name][: REDUCED[0] if name.endswith("train") else REDUCED[1]]
            for name in ("x_train", "y_train", "x_test", "y_test")
        }
    np.savez_compressed(folder / "reference" / "data" / "mnist.npz", allow_pickle=False, **reduced)
    assignment = rubric.load(folder / "rubric.yaml")
    for part in (accepted for each in assignment.parts for accepted in each.accepted):
        record.record(record.Session(assignment, part, Device.CPU, threads=2, layer=layer), SEEDS, Progress())
    return folder


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Path:
    """Part 1 of it by itself: what is tested on one part need not run the others' references each time."""
    folder = tmp_path_factory.mktemp("course") / "course"
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("*part2*", "*Part II.ipynb"))
    text = (folder / "rubric.yaml").read_text("utf-8")
    part1 = text.partition("\n  part2:")[0].replace("points: 150", "points: 100", 1)
    (folder / "rubric.yaml").write_text(part1 + "\n", "utf-8")
    return folder
