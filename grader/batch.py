"""Many submissions: the reference first, then what is not finished yet, then the tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from grader import __version__, account, bands, durable, reference, resume, strata, submissions
from grader.errors import GraderError, ReferenceFailsError, UsageError
from grader.grade import Assignment, Graded, grade, task_of, without_run
from grader.ledger import Ledger
from grader.model import (
    CodeCriterion,
    Device,
    DeviceChoice,
    Environment,
    ExecutesCriterion,
    Grade,
    HistoryCriterion,
    Isolation,
    Part,
    Recording,
    Rubric,
    Submission,
)
from grader.pool import Pool, outcome
from grader.progress import Progress
from grader.report.executed import Pages
from grader.runner import Means, Runner, runner
from grader.sandbox import Layer, devices, layers, view
from grader.session import Session, reference_of

OWN_RIGHTS = (
    "isolation 'none': the notebooks ran with the rights of whoever started the grader, so each of them could "
    "read and change the same files, the other submissions and these results among them"
)
DEFAULT_THREADS = 2  # of a recording; grading uses as many as its recording did
LEDGER = "ledger.sqlite"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where and how notebooks are to run; `isolation` None is the strongest layer that works here.

    `fresh` forgets what an earlier run has finished.
    """

    device: DeviceChoice = DeviceChoice.AUTO
    isolation: Isolation | None = None
    means: Means = field(default_factory=Means)
    fresh: bool = False


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
    here = cache(lambda: environment_of(rubric, device))
    chosen = {name: found and strata.choose(found, device, here) for name, found in loaded.items()}
    return {part.id: _assignment(rubric, part, chosen[part.id], device, layer) for part in parts}


def environment_of(rubric: Rubric, device: Device, threads: int = DEFAULT_THREADS) -> Environment:
    """Of a run on this device of this machine."""
    machine = devices.machine(rubric.execution.python, gpus=device is Device.GPU)
    return devices.environment(machine, device, threads)


def _recording(part: Part) -> Recording | None:
    return reference.load(reference.path_for(part)) if part.compares else None


def _assignment(
    rubric: Rubric, part: Part, recording: Recording | None, device: Device, layer: Layer
) -> Assignment:
    for criterion in part.criteria:
        if recording and isinstance(criterion, HistoryCriterion):
            bands.intervals(recording, criterion)  # what it cannot answer is better known before anything is run
    threads = recording.environment.threads if recording else DEFAULT_THREADS
    return Assignment(rubric, part, recording, device, threads, layer)


def choose_device(rubric: Rubric, wanted: DeviceChoice, recordings: Sequence[Recording]) -> Device:
    """One run uses one device: the one that is wanted, or the first of the first recording's that is here."""
    choice = rubric.execution.device if wanted is DeviceChoice.AUTO else wanted
    gpus = cache(lambda: devices.machine(rubric.execution.python).gpus)
    recorded = [one.environment.device for one in strata.each(recordings[0])] if recordings else [Device.CPU]
    usable = recorded[0]
    if choice is DeviceChoice.AUTO and usable is Device.GPU and Device.CPU in recorded and not gpus():
        usable = Device.CPU
    return devices.choose(choice, usable, gpus)


def grade_all(rubric: Rubric, folder: Path, out: Path, wanted: Wanted, progress: Progress) -> Run:
    """Grade the folder and write everything into `out`; the reference goes first, the same way.

    What an earlier run into the same folder has finished is not run again, unless something it depends on changed.
    """
    found = submissions.find(folder, rubric)
    if not found:
        raise UsageError(f"no submission in '{folder}': expected <student>/<notebook>.ipynb or <student>.ipynb")
    assignments = prepare(rubric, rubric.parts, wanted, trusted=False)
    _must_be_hidden(rubric, folder, out, assignments)
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out '{out}' is a file; name a folder for the results")
    out.mkdir(parents=True, exist_ok=True)
    with closing(Ledger.open(out / LEDGER, fresh=wanted.fresh)) as ledger:
        conditions = resume.conditions(rubric, _machine(rubric, assignments))
        session = Session(rubric, assignments, found, out, ledger, conditions)
        run = _grade_session(session, wanted.means, progress)
    durable.replace(out / "run.json", account.of_run(assignments, run.grades, run.remarks))
    return run


def _machine(rubric: Rubric, assignments: Mapping[str, Assignment]) -> dict[str, str]:
    """What tells one environment from another, by name."""
    gpu = any(assignment.device is Device.GPU for assignment in assignments.values())
    machine = devices.machine(rubric.execution.python, gpus=gpu)
    card = f"{', '.join(machine.gpus)}; {devices.driver()}" if gpu else ""
    facts = {"grader": __version__, "platform": machine.platform, "cpu": machine.cpu, "gpu": card}
    return facts | dict(machine.versions)


def _grade_session(session: Session, means: Means, progress: Progress) -> Run:
    """The tables come before the first student and after the last.

    So what cannot be written is known before a night is spent, and a run that is killed leaves a row for everybody.
    """
    again = session.plan()
    unproven = [one for one in session.references() if session.finished(one) is None]
    remarks = [*_about_isolation(session.assignments), *_about_what_is_kept(len(session.found) - len(again))]
    progress.begin(len(again) + len(unproven), "grading")
    interrupted = False
    try:
        with ExitStack() as stack:
            runs = cache(lambda: stack.enter_context(_runner(session, means)))
            for assignment in session.assignments.values():
                remarks += prove(assignment, session, runs, progress)
            session.write_tables()
            if again:
                pool = Pool(session, runs(), stack.enter_context(Pages()), progress)
                interrupted = _interrupted(pool, again)
                remarks += pool.audit()
    finally:
        progress.end()
    session.write_tables()
    return Run(tuple(session.grades), tuple(remarks), interrupted)


def _runner(session: Session, means: Means) -> AbstractContextManager[Runner]:
    """For the conditions of the first part, which as a rule are those of all."""
    first = next(iter(session.assignments.values()))
    return runner(task_of(first.part.reference, first), means, session.conditions.machine)


def _interrupted(pool: Pool, places: Sequence[int]) -> bool:
    try:
        pool.run(places)
    except KeyboardInterrupt:
        return True
    return False


def _about_what_is_kept(kept: int) -> Iterator[str]:
    if kept:
        yield f"{kept} finished by an earlier run, and kept; `--fresh` grades everybody again"


def _must_be_hidden(rubric: Rubric, folder: Path, out: Path, assignments: Mapping[str, Assignment]) -> None:
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


def _about_isolation(assignments: Mapping[str, Assignment]) -> tuple[str, ...]:
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
        result = _checked(submission, assignment, wanted.means)
        progress.done(notebook.name, outcome(result))
        for warning in _elsewhere(assignment, result):
            progress.note(notebook.name, warning)
    finally:
        progress.end()
    return result


def _checked(submission: Submission, assignment: Assignment, means: Means) -> Grade:
    if len(submission.notebooks) != 1:
        return without_run(submission, assignment)
    machine = _machine(assignment.rubric, {assignment.part.id: assignment})
    with runner(task_of(submission.notebooks[0], assignment), means, machine) as runs, runs.lanes.lane() as lane:
        return grade(submission, assignment, lambda task: runs.run(task, lane)).grade


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


def prove(
    assignment: Assignment, session: Session, runs: Callable[[], Runner], progress: Progress
) -> tuple[str, ...]:
    """Run the reference here, where it must earn full points; returns how it differs from the recorded."""
    part, submission = assignment.part, reference_of(assignment)
    result, graded = session.finished(submission), None
    if result is None:
        name = f"the reference of {part.id}"
        progress.running(name)
        graded = run_reference(submission, assignment, runs())
        result = graded.grade
        progress.done(name, outcome(result))
    differences = _differences(assignment, result)
    if assignment.device is Device.GPU and result.environment and not result.environment.gpu:
        raise GraderError("the notebooks' TensorFlow does not see the GPU that was asked for; see `grader doctor`")
    if not all(check.passed for check in result.checks):
        raise ReferenceFailsError(_drift(part, result, differences))
    if graded is not None:
        session.keep(submission, graded)
    return differences


def run_reference(submission: Submission, assignment: Assignment, runs: Runner) -> Graded:
    with runs.lanes.lane() as lane:
        return grade(submission, assignment, lambda task: runs.run(task, lane))


def _differences(assignment: Assignment, result: Grade) -> tuple[str, ...]:
    if result.environment is None or assignment.recording is None:
        return ()
    changed = reference.changes(assignment.recording, assignment.rubric, assignment.part)
    recorded = assignment.recording.environment
    return (*changed, *strata.differences(recorded, result.environment), *_elsewhere(assignment, result))


def _elsewhere(assignment: Assignment, result: Grade) -> tuple[str, ...]:
    """A warning, where what judges was recorded in an environment that may shift all runs."""
    if result.environment is None or assignment.recording is None:
        return ()
    warning = strata.warning(assignment.recording.environment, result.environment)
    return (warning,) if warning else ()


def _drift(part: Part, result: Grade, differences: Sequence[str]) -> str:
    lost = [
        f"  {check.criterion}: {check.points:g} of {check.max_points:g} points: "
        + check.why.replace("\n", "\n    ")
        for check in result.checks
        if not check.passed
    ]
    head = f"the reference '{part.reference.name}' does not pass its own rubric here ({result.status})."
    return "\n".join([head, "No submission was graded.", *lost, *_ways_out(part, result, differences)])


def _ways_out(part: Part, result: Grade, differences: Sequence[str]) -> list[str]:
    """A recording can be made again; what it has no part in is wrong in the reference or in the rubric."""
    compared = {one.id for one in part.criteria if not isinstance(one, ExecutesCriterion | CodeCriterion)}
    if all(check.passed or check.criterion not in compared for check in result.checks):
        return ["None of this is compared with the recording: mend the reference, or the rubric."]
    here = [f"  {difference}" for difference in differences] or ["  nothing that is recorded"]
    again = "`grader reference record --add` adds what it does here; without `--add` it is recorded anew."
    return ["What differs from the recording:", *here, again]
