"""(b) A class at one epoch, most of which trains the same, and (d) one that trains all its twelve epochs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from benchmarks import alone, classroom, course, peers, report
from benchmarks.classroom import FAITHFUL, FILE, VARIANTS, Student
from benchmarks.dress import Training
from benchmarks.grading import Graded, cache_of, counted, grade, record
from benchmarks.report import Row, Section

SEEDS = 4  # of the recording on reduced data
SIZE, LARGE = 24, 60
SAMPLE = (0, 11, 22)  # of the class of 24: two faithful ones, and a variant
TRAININGS_FACTOR, NOTEBOOK_SECONDS = 1.2, 0.5
LONG_EPOCHS, LONG_CLASS, LONG_SECONDS, LONG_RATIO = 12, 30, 15.0, 25.0


@dataclass(frozen=True, slots=True)
class Class:
    """The grader on a class, and the parts that its time is compared with; `peer` may be missing."""

    students: Sequence[Student]
    graded: Graded
    alone: Sequence[alone.Trained]
    peer: peers.Peer
    peer_faithful: float = 0.0
    peer_variant: float = 0.0

    @property
    def trainings(self) -> float:
        return sum(one.seconds for one in self.alone)

    def peer_seconds(self, faithful: int) -> float:
        """The loop over `faithful` notebooks and the class's variants, from those of the sample."""
        return faithful * self.peer_faithful + sum(map(varies, self.students)) * self.peer_variant


def varies(student: Student) -> bool:
    return student.training != FAITHFUL


def mixed(folder: Path, images: tuple[int, int] | None) -> Section:
    """(b); `images` is how many are kept of the data, None all."""
    assignment = course.shipped(folder / "course", images)
    if images is not None:
        record(assignment, SEEDS)
    submissions, out = folder / "submissions", folder / "grades"
    students = classroom.students(SIZE - len(VARIANTS), VARIANTS)
    classroom.write(submissions, students)
    graded = grade(assignment, submissions, out)
    again = grade(assignment, submissions, folder / "again", cache=cache_of(out))
    trained = alone.train(assignment, submissions, distinct(students), epochs=1)
    measured = _with_peer(folder, assignment, Class(students, graded, trained, peers.papermill()))
    told = (
        f"{len(students)} notebooks at one epoch, {sum(map(varies, students))} of them variants, as `grader grade` "
        "marks them with an empty cache and all cores; the reference is run first, the same way."
    )
    return Section("(b) A class of 24 with 7 distinct trainings", told, tuple(mixed_rows(measured, again)))


def distinct(students: Sequence[Student]) -> list[Student]:
    """The first student with each training."""
    firsts: dict[Training, Student] = {}
    for student in students:
        firsts.setdefault(student.training, student)
    return list(firsts.values())


def _with_peer(folder: Path, assignment: course.Course, measured: Class) -> Class:
    """The peer's loop on a sample, with the notebooks' epochs set to the one that the rubric trains."""
    if measured.peer.program is None:
        return measured
    sample = [measured.students[number] for number in SAMPLE]
    took = {student: _peer_run(folder, assignment, measured.peer, student, epochs=1) for student in sample}
    faithful = mean(seconds for student, seconds in took.items() if not varies(student))
    variant = mean(seconds for student, seconds in took.items() if varies(student))
    return Class(measured.students, measured.graded, measured.alone, measured.peer, faithful, variant)


def _peer_run(folder: Path, assignment: course.Course, peer: peers.Peer, student: Student, epochs: int) -> float:
    written = folder / f"peer-{epochs}"
    classroom.write(written, [student], epochs)
    notebook = written / student.name / FILE
    return peer.run(peers.with_data(notebook, assignment.mnist, notebook.with_name("data.ipynb"))).seconds


def mixed_rows(measured: Class, again: Graded) -> Iterator[Row]:
    whole, trainings, size = measured.graded.seconds, measured.trainings, len(measured.students)
    bound = TRAININGS_FACTOR * trainings + NOTEBOOK_SECONDS * size
    yield Row("`grader grade`, whole", report.seconds(whole), _outcome(measured))
    yield from same_rows(measured.graded, measured.alone)
    yield Row(
        "the distinct trainings alone",
        report.seconds(trainings),
        f"`Model.fit` {len(measured.alone)} times, summed",
    )
    yield Row("multiple of that sum", report.times(whole / trainings), "1.0 x would be training and nothing else")
    yield report.at_most("class of 24", whole, bound, "1.2 x the distinct trainings + 0.5 s a notebook")
    marginal = again.seconds / (size + 1)
    meaning = (
        f"the class again with its trainings known; {report.seconds(marginal)} a notebook, start and reference too"
    )
    yield Row("`grader grade` again", report.seconds(again.seconds), meaning)
    yield from _mixed_peer_rows(measured, whole, whole + (LARGE - size) * marginal)


def _mixed_peer_rows(measured: Class, whole: float, large: float) -> Iterator[Row]:
    size, variants = len(measured.students), sum(map(varies, measured.students))
    yield Row(
        f"class of {LARGE}, the same 7", report.seconds(large), f"the whole + {LARGE - size} notebooks of `again`"
    )
    if measured.peer.program is None:
        yield Row("papermill", "missing", peers.MISSING)
        return
    faithful, variant = report.seconds(measured.peer_faithful), report.seconds(measured.peer_variant)
    each = f"{faithful} a faithful one, {variant} a variant"
    small_loop = measured.peer_seconds(size - variants)
    large_loop = measured.peer_seconds(LARGE - variants)
    yield Row(f"papermill, {size} in a loop", report.seconds(small_loop), f"from {len(SAMPLE)} of them: {each}")
    yield Row(f"papermill, {LARGE} in a loop", report.seconds(large_loop), "from the same")
    yield Row(f"papermill against grader, {size}", report.times(small_loop / whole), "expected: about 3.5 x")
    yield Row(f"papermill against grader, {LARGE}", report.times(large_loop / large), "expected: about 9 x")


def _outcome(measured: Class) -> str:
    """How the rows ended, and whether all that is faithful got the full score."""
    scores = measured.graded.scores
    faithful = [scores[student.name] for student in measured.students if not varies(student)]
    best = max(score or 0.0 for score in scores.values())
    full = sum(score == best for score in faithful)
    statuses, trained = counted(measured.graded.statuses), counted(measured.graded.trained)
    return f"status: {statuses}; trained: {trained}; {full} of {len(faithful)} faithful ones have {best:g} points"


def same_rows(graded: Graded, trained: Sequence[alone.Trained]) -> Iterator[Row]:
    """Sharing must not have made the class look more alike than it is."""
    wanted = len({one.digest for one in trained})
    note = "as trained alone" if len(graded.histories) == wanted else f"NOT the {wanted} that were trained alone"
    yield Row("different histories printed", str(len(graded.histories)), note)


def long(folder: Path, images: tuple[int, int] | None) -> Section:
    """(d): the criteria that need a recording are left out, as one would take as long as the class itself."""
    assignment = course.shipped(folder / "course", images)
    course.without_recording(assignment, {"max_epochs": None, "timeout": "3 h"})
    submissions = folder / "submissions"
    students = classroom.students(LONG_CLASS, variants=())
    classroom.write(submissions, students, LONG_EPOCHS)
    graded = grade(assignment, submissions, folder / "grades")
    trained = alone.train(assignment, submissions, students[:1], LONG_EPOCHS)
    peer = peers.papermill()
    seconds = _peer_run(folder, assignment, peer, students[0], LONG_EPOCHS) if peer.program else 0.0
    measured = Class(students, graded, trained, peer, peer_faithful=seconds)
    told = (
        f"{LONG_CLASS} faithful notebooks that train {LONG_EPOCHS} epochs, as `grader grade` marks them with an "
        "empty cache; the criteria that compare with a recording are left out: they take milliseconds."
    )
    return Section("(d) A class of 30 with one long training", told, tuple(_long_rows(measured)))


def _long_rows(measured: Class) -> Iterator[Row]:
    whole, training, size = measured.graded.seconds, measured.trainings, len(measured.students)
    bound = TRAININGS_FACTOR * training + LONG_SECONDS
    yield Row("`grader grade`, whole", report.seconds(whole), _outcome(measured))
    yield from same_rows(measured.graded, measured.alone)
    yield Row("the one training alone", report.seconds(training), f"`Model.fit`, {LONG_EPOCHS} epochs")
    yield report.at_most("class of 30", whole, bound, "1.2 x the one training + 15 s")
    if measured.peer.program is None:
        yield Row("papermill", "missing", peers.MISSING)
        return
    loop = measured.peer_seconds(size)
    each = f"from one notebook of {report.seconds(measured.peer_faithful)}"
    yield Row(f"papermill, {size} in a loop", report.seconds(loop), each)
    yield report.at_least("papermill against grader", loop / whole, LONG_RATIO)
