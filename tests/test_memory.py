"""The grader's own process stays small, whatever a sandbox leaves it to read; a class of it, too."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from mnist_facts import ENVIRONMENT, OBSERVED

from grader.evidence import MAX_BYTES
from grader.model import Cell, Evidence, Outcome, Status

ROOT = Path(__file__).parents[1]
MIB = 1024**2
PROMISED = 300 * MIB
MOST_FOR_ONE = 200 * MIB  # what is left is for the rows of the others
STUDENTS = 3_000

# Run in a process of its own: grades each file named, as if a sandbox had left it, and tells its peak after each;
# then a class of which everybody has left the first, in tables; then the next three beside all these grades.
GRADES = """
import json, pickle, sys, tempfile
from pathlib import Path
from grader import batch, grade, reference, rubric, sandbox
from grader.model import Device, Isolation, Submission
from grader.outputs import scores

root, students, *files = sys.argv[1:]
shipped = rubric.load(Path(root, "rubric.yaml"))
part = shipped.parts[0]
recording = reference.load(reference.path_for(part))
layer = sandbox.Layer(Isolation.NONE)
assignment = grade.Assignment(shipped, part, recording, Device.CPU, 2, layer)
peaks = {}

def tell(name):
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    peaks[name] = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

def graded(file):
    sandbox.run = lambda task: sandbox.Exit(evidence=Path(file).read_bytes())
    return grade.grade(Submission("ada", part.id, (Path("notebook.ipynb"),)), assignment).grade

tell("nothing")
for file in files:
    graded(file)
    tell(Path(file).name)
row = pickle.dumps(graded(files[0]))
rows = [pickle.loads(row) for _ in range(int(students))]
with tempfile.TemporaryDirectory() as folder:
    scores.write_scores(Path(folder), shipped, rows)
    scores.write_totals(Path(folder), shipped, rows)
tell("a class")
for file in files[1:4]:
    graded(file)
tell("a class and one more")
print(json.dumps(peaks))
"""

WIDE = "\N{GRINNING FACE}"  # a single such character makes a text take four bytes for each
HEADING = "┏━┳━┳━┓\n┃ Layer (type) ┃ Output Shape ┃ Param # ┃\n┡━╇━╇━┩\n"
WHOLE = asdict(Evidence(Status.GRADED, "", (), OBSERVED, ENVIRONMENT, 1.0))
LAYER = WHOLE["observed"]["snapshots"][0]["layers"][0]
FIT = WHOLE["observed"]["fits"][0]


def filled(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def cells(*texts: str, source: str = "pass") -> dict[str, Any]:
    shown = [asdict(Cell(number, source, Outcome.RAN, text)) for number, text in enumerate(texts, 1)]
    return WHOLE | {"cells": shown}


def observations(**changes: Any) -> dict[str, Any]:
    return WHOLE | {"observed": WHOLE["observed"] | changes}


def long_row() -> dict[str, Any]:
    """All that goes into a row and stays with the grade, of the widest characters."""
    long = WIDE * 3_000
    array = FIT["arrays"]["x"] | {"unknown": long}
    fit = FIT | {
        "compiled": {"optimizer": long, "learning_rate": 7.0, "loss": long, "metrics": []},
        "arrays": {"x": array, "y": array, "validation x": array, "validation y": array},
        "history": {metric: [7.0] for metric in FIT["history"]},
    }
    layers = [LAYER | {"kind": long, "output_shape": long, "settings": {"activation": long}}] * 50
    whole = cells("{'loss': [1], 'val_loss': [" + "9" * 300 + "]}", source=f"import os; x = '{long}'")
    return whole | {
        "ended": "notebook_error",
        "reason": long,
        "observed": {
            **whole["observed"],
            "snapshots": [{"model": 0, "name": long, "layers": layers}],
            "fits": [fit],
        },
        "environment": WHOLE["environment"] | {"versions": {f"{n}{long}": long for n in range(50)}, "gpu": long},
    }


# Each fills what there is room for: bytes, values, or characters of printed text.
ROOM = MAX_BYTES - 64 * 1024
LINES = 3 * MIB
FORGED: Mapping[str, Callable[[], dict[str, Any]]] = {
    "a row of the longest": long_row,
    "a text of the widest": lambda: cells(WIDE + "x" * ROOM),
    "rows of tables": lambda: cells(filled(HEADING + "│éa(éa│éa│22│\n├\n" * 9_999, LINES)),
    "code": lambda: cells("", "", source=filled("f'{a}{b}{c}'\n", 190_000)),
    "short wide lines": lambda: cells(filled(f"{WIDE}\n", LINES)),
    "lines drawn again": lambda: cells(filled(f"a\r{WIDE}\n", LINES)),
    "metrics": lambda: cells(filled(str({f"{n:02}": 22 for n in range(400)} | {"loss": 1}) + "\n", LINES)),
    "epochs": lambda: cells(filled("{'loss': [" + "22," * 1_000 + "]}\n", LINES)),
    "bars": lambda: cells(*[filled("1s - val_loss: 22\n", 2_000)] * 2_000),
    "values": lambda: observations(fits=[FIT | {"history": {f"m{n}": [0.5] for n in range(70_000)}}]),
    "wrong values": lambda: observations(
        snapshots=[
            {"model": 0, "name": "", "layers": [LAYER | {"settings": {f"s{n}": [[]] for n in range(49_000)}}]}
        ]
    ),
    "too many values": lambda: WHOLE | {"x": [1.5] * (3 * MIB)},
    "too many bytes": lambda: WHOLE | {"x": "x" * (2 * MAX_BYTES)},
}


@pytest.fixture(scope="module")
def peaks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """In bytes, by what was graded last."""
    folder = tmp_path_factory.mktemp("forged")
    for name, forged in FORGED.items():
        (folder / name).write_bytes(json.dumps(forged(), ensure_ascii=False).encode())
    files = [str(folder / name) for name in FORGED]
    command = [sys.executable, "-c", GRADES, str(ROOT), str(STUDENTS), *files]
    found: dict[str, int] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


@pytest.mark.slow
def test_no_evidence_takes_much_memory(peaks: dict[str, int]) -> None:
    assert {name: peak // MIB for name, peak in peaks.items() if name in FORGED and peak > MOST_FOR_ONE} == {}


@pytest.mark.slow
def test_a_class_of_hostile_rows_and_the_worst_evidence_fit_in_together(peaks: dict[str, int]) -> None:
    assert peaks["a class"] < peaks["a class and one more"] < PROMISED
