"""The report of a run: an index, and a page a student, from what the ledger holds.

Evidence is read one student at a time, as that of a whole class would not fit into memory. Every file is put in its
place whole; pages of who is no longer there are removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from grader import durable, judging, reference, resume, strata
from grader.finished import REFERENCE
from grader.ledger import Entry, Ledger
from grader.model import Device, Environment, Grade, Part, Recording, Result, Rubric
from grader.outputs.notebooks import folder_name, path_for
from grader.report import comments, index, student
from grader.report.student import Judged, Reader
from grader.report.uploads import Feedback


@dataclass(slots=True)
class Report:
    """What pages of one run are made of; `beside` says what dates and people made of a grade."""

    rubric: Rubric
    out: Path
    ledger: Ledger
    beside: Callable[[Grade], Result] = Result
    _recordings: dict[tuple[str, str], Recording | None] = field(default_factory=dict)

    def students(self, grades: Iterable[Grade]) -> Iterable[tuple[str, list[Grade]]]:
        """Each student's grades in the order of the rubric's parts; the grades come in order of student."""
        rank = {part.id: number for number, part in enumerate(self.rubric.parts)}
        known = (grade for grade in grades if not grade.student.startswith(REFERENCE) and grade.part in rank)
        for name, theirs in groupby(known, key=lambda grade: grade.student):
            yield name, sorted(theirs, key=lambda grade: rank[grade.part])

    def judged(self, grade: Grade) -> Judged:
        """The grade with the model and the training that it judges, from the evidence that was kept."""
        part = self._part(grade)
        entry = self.ledger.entry(grade.student, grade.part)
        page = path_for(self.out, grade).with_suffix(".html")
        address = f"../../notebooks/{folder_name(grade.student)}/{page.name}" if page.exists() else ""
        plain = Judged(self.beside(grade), part, notebook=address)
        if entry is None or entry.kept is None or entry.grade.sha256 != grade.sha256:
            return plain
        return self._with_evidence(plain, entry)

    def _part(self, grade: Grade) -> Part:
        """As the reference that judged has it."""
        part = next(each for each in self.rubric.parts if each.id == grade.part)
        return next((one for one in part.accepted if one.program == grade.reference), part.accepted[0])

    def _with_evidence(self, plain: Judged, entry: Entry) -> Judged:
        attempt = resume.restored(entry)
        recording = self._recording(plain.part, plain.result.grade)
        known = judging.Known(attempt.evidence, attempt.served, attempt.evaluated)
        chosen = judging.subject_of(known, recording) if recording else None
        return Judged(
            plain.result,
            plain.part,
            recording,
            attempt.evidence,
            chosen.snapshot.layers if chosen and chosen.snapshot else None,
            chosen.fit.history if chosen and chosen.fit else None,
            plain.notebook,
            entry.finished.strftime("%Y-%m-%d %H:%M UTC"),
        )

    def _recording(self, part: Part, grade: Grade) -> Recording | None:
        """The stratum that judged; None where nothing is compared."""
        if not part.compares:
            return None
        key = (part.id, part.program)
        if key not in self._recordings:
            self._recordings[key] = reference.of(part)
        found = self._recordings[key]
        if found is None or not grade.device:
            return found
        return strata.choose(found, Device(grade.device), lambda: _environment(grade, found))


def _environment(grade: Grade, recording: Recording) -> Environment:
    return grade.environment or recording.environment


def write(report: Report, grades: Iterable[Grade], remarks: Sequence[str]) -> Path:
    """Every page; the index's path. Raises OSError."""
    folder = report.out / "report"
    (folder / "students").mkdir(parents=True, exist_ok=True)
    written, everybody = set(), {}
    for name, theirs in report.students(grades):
        judged = [report.judged(grade) for grade in theirs]
        path = folder / index.address(name)
        durable.replace(path, student.page(report.rubric, name, judged, Reader.TA).encode())
        written.add(path.name)
        everybody[name] = [one.result for one in judged]
    _forget_others(folder / "students", written)
    durable.replace(
        folder / "index.html", index.page(report.rubric, everybody, tuple(dict.fromkeys(remarks))).encode()
    )
    return folder / "index.html"


def write_feedback(report: Report, grades: Iterable[Grade]) -> Mapping[str, Feedback]:
    """For each student with a score one file that needs no other, without what is hidden. Raises OSError."""
    folder = report.out / "feedback"
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, theirs in report.students(grades):
        if any(grade.score is None for grade in theirs):
            continue  # half a result would have to be taken back
        path = folder / f"{folder_name(name)}.html"
        judged = [report.judged(grade) for grade in theirs]
        durable.replace(path, student.page(report.rubric, name, judged, Reader.STUDENT).encode())
        shown = [student.for_student(one).result for one in judged]
        written[name] = Feedback(path, comments.comment(report.rubric, shown))
    _forget_others(folder, {one.page.name for one in written.values()})
    return written


def _forget_others(folder: Path, written: set[str]) -> None:
    for path in folder.glob("*.html"):
        if path.name not in written:
            path.unlink(missing_ok=True)
