"""A class whose report the tests read: a ledger with evidence in it, and nothing that had to be run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

from mnist_facts import ENVIRONMENT, HISTORY, LAYERS, OBSERVED, RECORDING

from grader import evidence, reference
from grader.ledger import Ledger, entry_of
from grader.model import (
    Attempt,
    Cell,
    Check,
    Evidence,
    ExecutesCriterion,
    Execution,
    Grade,
    HistoryCriterion,
    Outcome,
    Part,
    Rubric,
    Status,
    SummaryCriterion,
    Tolerance,
)
from grader.outputs.notebooks import path_for

HOSTILE = (
    "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\">' onclick='x' \u202e}}{{7*7}} `$(id)`"
)
CRITERIA = (
    ExecutesCriterion("runs", 15, "It runs"),
    SummaryCriterion("architecture", 35, "The network"),
    HistoryCriterion("history", 50, "The figures", tolerance=Tolerance(atol=0.01)),
)


def rubric(folder: Path, *parts: str, hidden: bool = False) -> Rubric:
    """In a course whose reference is recorded; `hidden` hides all but the first criterion."""
    criteria = (CRITERIA[0], *(replace(one, hidden=hidden) for one in CRITERIA[1:]))
    each = tuple(
        Part(one, (f"*{one}*",), folder / "reference" / f"{one}.ipynb", criteria) for one in parts or ("part1",)
    )
    for part in each:
        reference.store(reference.path_for(part), replace(RECORDING, part=part.id))
    return Rubric(folder / "rubric.yaml", "a0", "MNIST with Keras", 100.0 * len(each), Execution(), {}, each)


def graded(student: str, part: str = "part1", *, text: str = "0.5 is too low", flags: Sequence[str] = ()) -> Grade:
    checks = (
        Check("runs", "It runs", 15, 15, "every code cell runs", "3 of 3 ran"),
        Check("architecture", "The network", 17.5, 35, "8 layers", "7 layers", "a layer is missing", "add it"),
        Check("history", "The figures", 0, 50, "0.92 to 0.93", "0.5", text, "look at x", evidence="observed: x"),
    )
    return Grade(
        student=student,
        part=part,
        notebook=f"{student}.ipynb",
        status=Status.GRADED,
        score=32.5,
        max_score=100,
        checks=checks,
        flags=tuple(flags),
        message=text,
        seconds=12.3,
        trained="kernel",
        device="cpu",
        isolation="landlock",
        sha256="ab" * 32,
        environment=ENVIRONMENT,
    )


def attempt(cell: str = "print(1)") -> Attempt:
    """A training whose loss left its band, with a layer of the reference's missing."""
    fit = replace(OBSERVED.fits[0], history=HISTORY | {"loss": (0.5, float("nan"), 0.3), "<b>made up</b>": (1.0,)})
    snapshot = replace(OBSERVED.snapshots[0], layers=(*LAYERS[:3], *LAYERS[4:]))
    observed = replace(OBSERVED, snapshots=(snapshot,), fits=(fit,))
    found = Evidence(Status.GRADED, "", (Cell(1, cell, Outcome.RAN, "1"),), observed, ENVIRONMENT, 12.3)
    raw = json.dumps(asdict(found)).encode()
    evidence.decode(raw)  # what could not be read would be left out of the pages without a word
    return Attempt(Status.GRADED, "", found, None, 12.3, "landlock", "ab" * 32, raw=raw)


def ended(student: str, status: Status, part: str = "part1") -> Grade:
    score = None if status is Status.GRADER_ERROR else 0.0
    return Grade(student, part, "", status, score, 100.0, reason=f"it is {status.value}")


def run(out: Path, grades: Sequence[Grade], page: str = "") -> None:
    """What `grader grade` leaves, as far as reports read it; `page` is every executed notebook's."""
    out.mkdir(parents=True, exist_ok=True)
    with closing(Ledger.open(out / "ledger.sqlite")) as ledger:
        for grade in grades:
            ledger.put(entry_of(grade, attempt() if grade.sha256 else None, "run", "judging"))
            if page and grade.sha256:
                path = path_for(out, grade).with_suffix(".html")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(page, "utf-8")
    remarks = ["isolation 'none': the notebooks ran with your rights"]
    (out / "run.json").write_text(json.dumps({"remarks": remarks}), "utf-8")
