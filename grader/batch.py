"""Many submissions: the reference first, then one after the other, then the tables."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from grader import __version__, durable, reference, submissions
from grader.errors import GraderError, UsageError
from grader.grade import Assignment, Graded, grade, own_trouble
from grader.model import Device, DeviceChoice, Grade, Isolation, Part, Recording, Rubric, Submission
from grader.outputs import notebooks, scores
from grader.progress import Progress
from grader.report import executed
from grader.sandbox import Layer, devices, layers, view

OWN_RIGHTS = (
    "isolation 'none': the notebooks ran with the rights of whoever started the grader, so each of them could "
    "read and change the same files, the other submissions and these results among them"
)
DEFAULT_THREADS = 2  # of a recording; grading uses as many as its recording did


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where notebooks are to run; `isolation` None is the strongest layer that works here."""

    device: DeviceChoice = DeviceChoice.AUTO
    isolation: Isolation | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of `grader grade` gave: a grade for every submission and part, and remarks about the machine."""

    grades: tuple[Grade, ...]
    remarks: tuple[str, ...]
    interrupted: bool = False


def prepare(rubric: Rubric, parts: Sequence[Part], wanted: Wanted, *, trusted: bool) -> dict[str, Assignment]:
    """Load what is needed to judge each of these parts; by the part's id. `trusted` notebooks are one's own."""
    loaded = {part.id: _recording(part) for part in parts}
    device = choose_device(rubric, wanted.device, [recording for recording in loaded.values() if recording])
    layer = layers.choose(wanted.isolation, rubric.execution, trusted=trusted)
    return {part.id: _assignment(rubric, part, loaded[part.id], device, layer) for part in parts}


def _recording(part: Part) -> Recording | None:
    return reference.load(reference.path_for(part)) if part.compares else None


def _assignment(
    rubric: Rubric, part: Part, recording: Recording | None, device: Device, layer: Layer
) -> Assignment:
    threads = recording.environment.threads if recording else DEFAULT_THREADS
    return Assignment(rubric, part, recording, device, threads, layer)


def choose_device(rubric: Rubric, wanted: DeviceChoice, recordings: Sequence[Recording]) -> Device:
    """One run uses one device: the one that is wanted, or that of the first recording."""
    choice = rubric.execution.device if wanted is DeviceChoice.AUTO else wanted
    recorded = recordings[0].environment.device if recordings else None
    return devices.choose(choice, recorded, lambda: devices.machine(rubric.execution.python).gpus)


def grade_all(rubric: Rubric, folder: Path, out: Path, wanted: Wanted, progress: Progress) -> Run:
    """Grade the folder and write everything into `out`; the reference goes first, the same way."""
    found = submissions.find(folder, rubric)
    if not found:
        raise UsageError(f"no submission in '{folder}': expected <student>/<notebook>.ipynb or <student>.ipynb")
    assignments = prepare(rubric, rubric.parts, wanted, trusted=False)
    _must_be_hidden(rubric, folder, out, assignments)
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out '{out}' is a file; name a folder for the results")
    out.mkdir(parents=True, exist_ok=True)
    progress.begin(len(found) + len(rubric.parts), "grading")
    try:
        differences = [remark for assignment in assignments.values() for remark in prove(assignment, progress)]
        remarks = (*_about_isolation(assignments), *differences)
        run = _grade_each(found, assignments, out, progress, remarks)
    finally:
        progress.end()
    durable.replace(out / "run.json", _account(assignments, run))
    return run


def _must_be_hidden(rubric: Rubric, folder: Path, out: Path, assignments: dict[str, Assignment]) -> None:
    """What no notebook may read must not lie where every notebook may: beside the interpreter's own files."""
    assignment = next(iter(assignments.values()))
    if assignment.layer.isolation is Isolation.NONE:
        return
    secret = [rubric.path, folder, out, *(part.reference for part in rubric.parts)]
    secret += [reference.path_for(part) for part in rubric.parts]
    python = rubric.execution.python or sys.executable
    seen = view.secrets_seen(view.of(python, assignment.device, rubric.execution, folder), secret)
    if seen:
        raise UsageError(
            f"'{seen[0]}' lies in a folder that notebooks may read, since their interpreter '{python}' needs it; "
            "move it elsewhere, or make the environment in a folder of its own"
        )


def _about_isolation(assignments: dict[str, Assignment]) -> tuple[str, ...]:
    layer = next(iter(assignments.values())).layer
    return (OWN_RIGHTS,) if layer.isolation is Isolation.NONE else ()


def check(rubric: Rubric, notebook: Path, part: str | None, wanted: Wanted, progress: Progress) -> Grade:
    """Grade one notebook the same way; needs the recordings, not the reference notebook."""
    submission = submissions.single(notebook, rubric, part)
    parts = [part for part in rubric.parts if part.id == submission.part]
    assignment = prepare(rubric, parts, wanted, trusted=True)[submission.part]
    progress.begin(1, "checking")
    try:
        progress.running(notebook.name)
        result = grade(submission, assignment).grade
        progress.done(notebook.name, outcome(result))
    finally:
        progress.end()
    return result


def recorded_parts(rubric: Rubric, wanted: str | None) -> tuple[Part, ...]:
    """All parts, or the one that is named; of these the ones that compare anything with a recording."""
    parts = tuple(part for part in rubric.parts if wanted in (None, part.id))
    if not parts:
        known = ", ".join(f"'{part.id}'" for part in rubric.parts)
        raise UsageError(f"--part '{wanted}' is not in the rubric, which has {known}")
    recorded = tuple(part for part in parts if part.compares)
    if not recorded:
        raise UsageError("no criterion compares anything with the reference, so there is no recording")
    return recorded


def prove(assignment: Assignment, progress: Progress) -> tuple[str, ...]:
    """Run the reference here, where it must earn full points; returns how it differs from the recorded."""
    part = assignment.part
    name = f"the reference of {part.id}"
    progress.running(name)
    result = grade(Submission(name, part.id, (part.reference,)), assignment).grade
    progress.done(name, outcome(result))
    differences = _differences(assignment, result)
    if assignment.device is Device.GPU and result.environment and not result.environment.gpu:
        raise GraderError("the notebooks' TensorFlow does not see the GPU that was asked for; see `grader doctor`")
    if not all(check.passed for check in result.checks):
        raise GraderError(_drift(part, result, differences))
    return differences


def _differences(assignment: Assignment, result: Grade) -> tuple[str, ...]:
    if result.environment is None or assignment.recording is None:
        return ()
    changed = reference.changes(assignment.recording, assignment.rubric, assignment.part)
    return (*changed, *reference.environment_differences(assignment.recording.environment, result.environment))


def _drift(part: Part, result: Grade, differences: Sequence[str]) -> str:
    lost = [
        f"  {check.criterion}: {check.points:g} of {check.max_points:g} points: {check.why}"
        for check in result.checks
        if not check.passed
    ]
    here = [f"  {difference}" for difference in differences] or ["  nothing that is recorded"]
    return "\n".join(
        [
            f"the reference '{part.reference.name}' does not pass its own rubric here ({result.status}).",
            "No submission was graded.",
            *lost,
            "What differs from the recording:",
            *here,
            "`grader reference record` records the reference again, here.",
        ]
    )


def _grade_each(
    found: Sequence[Submission],
    assignments: dict[str, Assignment],
    out: Path,
    progress: Progress,
    remarks: tuple[str, ...],
) -> Run:
    """One grade for each submission, whatever happens to it or to us.

    The tables are written before the first and after each: what cannot be written is known before a night is
    spent, and a run that is killed leaves a row for everybody, with what it had finished.
    """
    grades = [own_trouble(one, assignments[one.part], "not graded: the run was interrupted") for one in found]
    interrupted = False
    _write_tables(out, assignments, grades)
    try:
        for number, submission in enumerate(found):
            progress.running(submission.student)
            grades[number] = _guarded(submission, assignments[submission.part], out)
            progress.done(submission.student, outcome(grades[number]))
            _write_tables(out, assignments, grades)
    except KeyboardInterrupt:
        interrupted = True
        _write_tables(out, assignments, grades)
    return Run(tuple(grades), remarks, interrupted)


def _write_tables(out: Path, assignments: dict[str, Assignment], grades: Sequence[Grade]) -> None:
    rubric = next(iter(assignments.values())).rubric
    scores.write_scores(out, rubric, grades)
    scores.write_totals(out, rubric, grades)


def _guarded(submission: Submission, assignment: Assignment, out: Path) -> Grade:
    """Our own trouble with one submission costs it its row's score, never the row, nor the rest of the class."""
    try:
        graded = grade(submission, assignment)
    except GraderError as error:
        return own_trouble(submission, assignment, str(error))
    except OSError as error:
        return own_trouble(submission, assignment, f"'{error.filename or 'a file'}': {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - a fault in the grader must not take the night's run with it
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}: {error}"
        return own_trouble(submission, assignment, f"a fault in the grader: {reason}")
    return _keep(graded, out)


def _keep(graded: Graded, out: Path) -> Grade:
    """Store the executed notebook as it came out, and as a page that is safe to open; neither changes a grade."""
    if graded.executed is None:
        return graded.grade
    path = notebooks.path_for(out, graded.grade)
    page = path.with_suffix(".html")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        page.unlink(missing_ok=True)
        durable.replace(path, graded.executed)
        reason = executed.render(path, page)
    except OSError as error:
        reason = f"{error.filename or path}: {error.strerror or error}"
    if not reason:
        return graded.grade
    note = f"the executed notebook could not be kept as a page: {reason}"
    return replace(graded.grade, message="; ".join(filter(None, (graded.grade.message, note))))


def outcome(result: Grade) -> str:
    if result.score is None:
        return result.status.value
    return f"{result.status.value}, {result.score:g} of {result.max_score:g}"


def _account(assignments: dict[str, Assignment], run: Run) -> bytes:
    """Under which conditions these grades came about: enough to repeat any of them."""
    parts = {
        name: {
            "device": assignment.device.value,
            "isolation": assignment.layer.isolation.value,
            "threads": assignment.threads,
            "seed": assignment.rubric.execution.seed,
            "max_epochs": assignment.rubric.execution.max_epochs,
            "recording": _recorded(assignment.recording),
        }
        for name, assignment in assignments.items()
    }
    grades = list(_graded_rows(run.grades))
    account = {"grader": __version__, "remarks": run.remarks, "parts": parts, "grades": grades}
    return (json.dumps(account, indent=1) + "\n").encode()


def _recorded(recording: Recording | None) -> dict[str, object] | None:
    if recording is None:
        return None
    return {"reference_sha256": recording.reference_sha256, "datasets": dict(recording.datasets)}


def _graded_rows(grades: Sequence[Grade]) -> Iterator[dict[str, object]]:
    for one in grades:
        environment = asdict(one.environment) if one.environment else None
        yield {
            "student": one.student,
            "part": one.part,
            "sha256": one.sha256,
            "status": one.status.value,
            "score": one.score,
            "environment": environment,
        }
