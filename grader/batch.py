"""Many submissions: the reference first, then what is not finished yet, then the tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from grader import (
    __version__,
    account,
    adjustments,
    durable,
    handed_in,
    proof,
    reference,
    results,
    resume,
    strata,
    submissions,
)
from grader.errors import GraderError, UsageError
from grader.grade import Assignment, grade, task_of, without_run
from grader.judging import must_answer
from grader.ledger import Ledger
from grader.model import (
    Device,
    DeviceChoice,
    Environment,
    Found,
    Grade,
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
from grader.submissions import archives

OWN_RIGHTS = (
    "isolation 'none': the notebooks ran with the rights of whoever started the grader, so each of them could "
    "read and change the same files, the other submissions and these results among them"
)
DEFAULT_THREADS = 2  # of a recording; grading uses as many as its recording did
LEDGER = "ledger.sqlite"
SUBMITTED = "submitted"  # of archives


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
    loaded = [[(one, _recording(one)) for one in part.accepted] for part in parts]
    device = choose_device(rubric, wanted.device, [found for each in loaded for _, found in each if found])
    layer = layers.choose(wanted.isolation, rubric.execution, trusted=trusted)
    here = cache(lambda: environment_of(rubric, device))

    def assignment(part: Part, found: Recording | None) -> Assignment:
        return _assignment(rubric, part, found and strata.choose(found, device, here), device, layer)

    accepted = [[assignment(*one) for one in each] for each in loaded]
    return {
        first.part.id: replace(first, others=tuple(replace(one, threads=first.threads) for one in others))
        for first, *others in accepted
    }


def environment_of(rubric: Rubric, device: Device, threads: int = DEFAULT_THREADS) -> Environment:
    """Of a run on this device of this machine."""
    machine = devices.machine(rubric.execution.python, gpus=device is Device.GPU)
    return devices.environment(machine, device, threads)


def _recording(part: Part) -> Recording | None:
    return reference.of(part) if part.compares else None


def _assignment(
    rubric: Rubric, part: Part, recording: Recording | None, device: Device, layer: Layer
) -> Assignment:
    if recording:
        must_answer(part, recording)
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
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out '{out}' is a file; expected a folder for the results: name another one")
    found = _found(folder, rubric, out)
    if not found.submissions:
        raise UsageError(
            f"no submission in '{folder}': expected <student>/<notebook>.ipynb or <student>.ipynb, or the download "
            "of a system that docs/lms.md lists"
        )
    assignments = prepare(rubric, rubric.parts, wanted, trusted=False)
    _must_be_hidden(rubric, folder, out, assignments)
    out.mkdir(parents=True, exist_ok=True)
    handed_in.store(out, found)
    progress.note("submissions", found.remarks[0].partition(": ")[2])
    adjusted = adjustments.load(out / adjustments.NAME, rubric)
    with closing(Ledger.open(out / LEDGER, fresh=wanted.fresh)) as ledger:
        conditions = resume.conditions(rubric, _machine(rubric, assignments))
        beside = results.beside(rubric, adjusted, handed_in.load(out))
        session = Session(rubric, assignments, found.submissions, out, ledger, conditions, beside)
        run = _grade_session(session, wanted.means, progress)
        unknown = adjustments.unknown(adjusted, {one.student for one in found.submissions})
        run = replace(run, remarks=(*found.remarks, *run.remarks, *unknown))
        _report(session, run)
    durable.replace(out / "run.json", account.of_run(assignments, run.grades, run.remarks, found))
    return run


def _report(session: Session, run: Run) -> None:
    from grader.report.write import Report, write  # it needs what only a course installs

    report = Report(session.rubric, session.out, session.ledger, session.beside)
    write(report, run.grades, run.remarks)


def _found(folder: Path, rubric: Rubric, out: Path) -> Found:
    """Of a folder, or of an archive, which is unpacked where it stays as long as the results."""
    if not archives.is_archive(folder):
        return submissions.find(folder, rubric)
    unpacked = archives.unpack(folder, out / SUBMITTED)
    found = submissions.find(unpacked.folder, rubric)
    return replace(found, remarks=(*found.remarks, *unpacked.remarks), sha256=unpacked.sha256)


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
    unproven = [one for one in session.references() if session.finished(reference_of(one), one) is None]
    remarks = [
        *_about_isolation(session.assignments),
        *proof.unproven(session.assignments.values()),
        *_about_what_is_kept(session.kept),
    ]
    progress.begin(len(again) + len(unproven), "grading")
    interrupted = False
    try:
        with ExitStack() as stack:
            runs = cache(lambda: stack.enter_context(_runner(session, means)))
            for assignment in session.references():
                remarks += proof.prove(assignment, session, runs, progress)
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
    accepted = [one for part in rubric.parts for one in part.accepted]
    secret = [rubric.path, folder, out, *(one.reference for one in accepted)]
    secret += [reference.path_for(one) for one in accepted]
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
    return check_submission(rubric, submissions.single(notebook, rubric, part), wanted, progress)


def check_submission(rubric: Rubric, submission: Submission, wanted: Wanted, progress: Progress) -> Grade:
    """One student's one part; the conditions are those for a notebook of one's own."""
    name = submission.notebooks[0].name if submission.notebooks else submission.part
    parts = [part for part in rubric.parts if part.id == submission.part]
    assignment = prepare(rubric, parts, wanted, trusted=True)[submission.part]
    progress.begin(1, "checking")
    try:
        progress.running(name)
        result = _checked(submission, assignment, wanted.means, progress)
        progress.done(name, outcome(result))
        for warning in proof.elsewhere(assignment, result):
            progress.note(name, warning)
    finally:
        progress.end()
    return result


def _checked(submission: Submission, assignment: Assignment, means: Means, progress: Progress) -> Grade:
    if len(submission.notebooks) != 1:
        return without_run(submission, assignment)
    machine = _machine(assignment.rubric, {assignment.part.id: assignment})
    _must_have_keras(assignment, machine)
    task = task_of(submission.notebooks[0], assignment)
    with runner(task, means, machine, progress.cell) as runs, runs.lanes.lane() as lane:
        return grade(submission, assignment, lambda task: runs.run(task, lane)).grade


def _must_have_keras(assignment: Assignment, machine: Mapping[str, str]) -> None:
    """A notebook that cannot import it here is not at fault."""
    if assignment.part.compares and "keras" not in machine:
        python = assignment.rubric.execution.python or sys.executable
        raise GraderError(
            f"'{python}' runs the notebooks and has no Keras: install it there with `pip install tensorflow`; "
            "`grader check --static` says what can be said without it"
        )


def recorded_parts(rubric: Rubric, wanted: str | None, program: str | None = None) -> tuple[Part, ...]:
    """All parts, or the one that is named; of these the ones that compare anything with a recording.

    Each as each of its references has it, or as the one called `program` does.
    """
    parts = tuple(part for part in rubric.parts if wanted in (None, part.id))
    if not parts:
        known = ", ".join(f"'{part.id}'" for part in rubric.parts)
        raise UsageError(f"--part '{wanted}' is not in the rubric, which has {known}; name one of these")
    recorded = tuple(one for part in parts for one in part.accepted if one.compares)
    if not recorded:
        raise UsageError(
            "no criterion compares anything with the reference; expected `check: model_summary`, training "
            "or history. Without one there is nothing to record: go on with `grader grade`"
        )
    named = tuple(one for one in recorded if program in (None, one.program))
    if not named:
        known = ", ".join(f"'{one.program}'" for one in recorded if one.program)
        has = f"{known}; name one of these" if known else "no names for references; leave --reference out"
        raise UsageError(f"--reference '{program}' is not in the rubric, which has {has}")
    return named
