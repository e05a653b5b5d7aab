"""What the report of a class of 1,000 costs: its index and a page a student, and the students' feedback.

`measure()` gives seconds and bytes. The grades are synthetic, as those of `benchmarks.ledger`, but of trainings of
twelve epochs: the pages hold score cards, layers and curves. They come from a ledger on the disk, as those of
`grader report` do.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ledger import everybody, made, shipped
from grader.grade import Assignment
from grader.ledger import Ledger, entry_of
from grader.report.write import Report, write, write_feedback

EPOCHS = 12


def longer(assignment: Assignment) -> Assignment:
    """With a training of so many epochs to take the notebooks' from."""
    recording = assignment.recording
    if recording is None:
        raise SystemExit("the shipped rubric has no recording")
    first, *others = recording.runs
    history = {name: tuple(values[0] for _ in range(EPOCHS)) for name, values in first.history.items()}
    return replace(assignment, recording=replace(recording, runs=(replace(first, history=history), *others)))


def measure(students: int) -> dict[str, float]:
    """`seconds` and `feedback_seconds`; the bytes of the `index`, and of the largest `page`."""
    assignment = longer(shipped())
    models = [made(assignment, print_it=print_it) for print_it in (True, False)]
    with TemporaryDirectory() as folder, closing(Ledger.open(Path(folder, "ledger.sqlite"))) as ledger:
        for grade, attempt in everybody(models, students):
            ledger.put(entry_of(grade, attempt, "0" * 64, "1" * 64))
        report = Report(assignment.rubric, Path(folder), ledger)
        began = time.perf_counter()
        index = write(report, ledger.grades(), [])
        written = time.perf_counter()
        feedback = write_feedback(report, ledger.grades())
        ended = time.perf_counter()
        pages = sorted((index.parent / "students").iterdir())
        if not len(pages) == len(feedback) == students:
            raise SystemExit(f"{len(pages)} pages and {len(feedback)} of feedback; expected {students} of each")
        return {
            "seconds": written - began,
            "feedback_seconds": ended - written,
            "index": index.stat().st_size,
            "page": max(page.stat().st_size for page in pages),
        }
