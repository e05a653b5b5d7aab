"""What keeping 10,000 grades costs: each put into the ledger on its own, as in a run, then the tables from it.

`python -m benchmarks.ledger` prints seconds and peak memory. The grades are synthetic: what the reference would
leave behind, and what a notebook that prints nothing would, in turns, under 10,000 names. The time counts all that
is done for a grade once it is made, compressing its evidence among it; every put waits for the disk, so that the
figure is only as good as the disk is idle. The memory is the whole process's.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from grader import reference, rubric
from grader.grade import Assignment, decoded, score
from grader.ledger import Ledger, entry_of
from grader.model import (
    Attempt,
    Cell,
    Device,
    Evidence,
    Grade,
    Isolation,
    ModelSnapshot,
    Observations,
    Outcome,
    Recording,
    Status,
    Submission,
    SummaryCall,
)
from grader.outputs import scores
from grader.sandbox import Layer

ROOT = Path(__file__).parents[1]
GRADES = 10_000
MARK = "@student@"
Made = tuple[Grade, Attempt]


def main() -> None:
    found = measure()
    print(
        f"{GRADES} grades: {found['seconds']:.2f} s, of which {found['cpu_seconds']:.2f} s computing and the rest "
        f"waiting for the disk; peak {found['peak_mb']:.0f} MB"
    )


def measure() -> dict[str, float]:
    """`seconds`, `cpu_seconds` of them, and `peak_mb` in 10^6 bytes, of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.ledger", "here"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def measure_here() -> dict[str, float]:
    assignment = shipped()
    models = [made(assignment, print_it=print_it) for print_it in (True, False)]
    with TemporaryDirectory() as folder:
        began, computed = time.perf_counter(), time.process_time()
        with closing(Ledger.open(Path(folder, "ledger.sqlite"))) as ledger:
            for grade, attempt in everybody(models):
                ledger.put(entry_of(grade, attempt, "0" * 64, "1" * 64))
            scores.write_scores(Path(folder), assignment.rubric, ledger.grades())
            scores.write_totals(Path(folder), assignment.rubric, ledger.grades())
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - computed
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak / 1e6}


def shipped() -> Assignment:
    course = rubric.load(ROOT / "rubric.yaml")
    part, *_ = course.parts
    course = replace(course, parts=(part,), points=part.points)
    recording = reference.load(reference.path_for(part))
    return Assignment(course, part, recording, Device.CPU, threads=2, layer=Layer(Isolation.NONE))


def made(assignment: Assignment, *, print_it: bool) -> Made:
    """The grade of a notebook like the reference, and what it was made of."""
    if assignment.recording is None:
        raise SystemExit("the shipped rubric has no recording")
    text = (ROOT / "tests" / "printed" / "keras3_notebook.txt").read_text("utf-8") if print_it else ""
    run = evidence_like(assignment.part.reference, assignment.recording, text)
    raw = json.dumps(asdict(run), ensure_ascii=False).encode()
    found, _fault = decoded(raw, run.seconds)
    attempt = Attempt(run.ended, "", found, None, run.seconds, "landlock", "2" * 64, raw=raw)
    notebook = Path(f"{MARK}.ipynb")
    return score(Submission(MARK, assignment.part.id, (notebook,)), assignment, attempt), attempt


def evidence_like(notebook: Path, recording: Recording, text: str) -> Evidence:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    fit = recording.fit and replace(recording.fit, history=recording.runs[0].history)
    observed = Observations(
        snapshots=(ModelSnapshot(0, "sequential", recording.layers),),
        summaries=(SummaryCall(0, 1),),
        compiles=(fit.compiled,) if fit else (),
        fits=(fit,) if fit else (),
    )
    shown = tuple(
        Cell(number, f"# {MARK}\n{source}", Outcome.RAN, text, saved=text)
        for number, source in enumerate(sources, 1)
    )
    return Evidence(Status.GRADED, "", shown, observed, recording.environment, 41.3)


def everybody(models: list[Made], count: int = GRADES) -> Iterator[Made]:
    for number in range(count):
        student = f"student-{number * 7919 % count:05}"  # they finish in another order than that of their names
        grade, attempt = models[number % len(models)]
        raw = (attempt.raw or b"").replace(MARK.encode(), student.encode())
        yield replace(grade, student=student, notebook=f"{student}.ipynb"), replace(attempt, raw=raw)


if __name__ == "__main__":
    if sys.argv[1:] == ["here"]:
        print(json.dumps(measure_here()))
    else:
        main()
