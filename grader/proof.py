"""The references on this machine: each must earn full points by its own rubric before anybody is graded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from grader import reference, strata
from grader.errors import GraderError, ReferenceFailsError
from grader.grade import Assignment, Graded, grade
from grader.model import CodeCriterion, Device, ExecutesCriterion, Grade, Submission
from grader.pool import outcome
from grader.progress import Progress
from grader.runner import Runner
from grader.session import Session, reference_of


def prove(
    assignment: Assignment, session: Session, runs: Callable[[], Runner], progress: Progress
) -> tuple[str, ...]:
    """Run the reference here, where it must earn full points; returns how it differs from the recorded."""
    part, submission = assignment.part, reference_of(assignment)
    result, graded = session.finished(submission, assignment), None
    if result is None:
        name = f"the reference of {part.title}"
        progress.running(name)
        graded = run_reference(submission, assignment, runs())
        result = graded.grade
        progress.done(name, outcome(result))
    differences = _differences(assignment, result)
    if assignment.device is Device.GPU and result.environment and not result.environment.gpu:
        raise GraderError("the notebooks' TensorFlow does not see the GPU that was asked for; see `grader doctor`")
    if not all(check.passed for check in result.checks):
        raise ReferenceFailsError(_drift(assignment, result, differences))
    if graded is not None:
        session.keep(submission, graded, assignment)
    return differences


def run_reference(submission: Submission, assignment: Assignment, runs: Runner) -> Graded:
    with runs.lanes.lane() as lane:
        return grade(submission, assignment, lambda task: runs.run(task, lane))


def unproven(assignments: Iterable[Assignment]) -> Iterator[str]:
    """What a run says of references that are texts."""
    for part in (one.part for assignment in assignments for one in assignment.accepted):
        if not part.runnable:
            yield (
                f"the reference of {part.title}, '{part.reference.name}', is a text and cannot be run: that the "
                "rubric gives it full points on this machine was not proved"
            )


def _differences(assignment: Assignment, result: Grade) -> tuple[str, ...]:
    if result.environment is None or assignment.recording is None or assignment.recording.published:
        return ()
    changed = reference.changes(assignment.recording, assignment.rubric, assignment.part)
    recorded = assignment.recording.environment
    return (*changed, *strata.differences(recorded, result.environment), *elsewhere(assignment, result))


def elsewhere(assignment: Assignment, result: Grade) -> tuple[str, ...]:
    """A warning, where what judges was recorded in an environment that may shift all runs."""
    if result.environment is None or assignment.recording is None or assignment.recording.published:
        return ()
    warning = strata.warning(assignment.recording.environment, result.environment)
    return (warning,) if warning else ()


def _drift(assignment: Assignment, result: Grade, differences: Sequence[str]) -> str:
    part = assignment.part
    lost = [
        f"  {check.criterion}: {check.points:g} of {check.max_points:g} points: "
        + check.why.replace("\n", "\n    ")
        for check in result.checks
        if not check.passed
    ]
    head = f"the reference '{part.reference.name}' does not pass its own rubric here ({result.status})."
    return "\n".join([head, "No submission was graded.", *lost, *_ways_out(assignment, result, differences)])


def _ways_out(assignment: Assignment, result: Grade, differences: Sequence[str]) -> list[str]:
    """A recording can be made again; what it has no part in is wrong in the reference or in the rubric."""
    part, published = assignment.part, assignment.recording and assignment.recording.published
    compared = {one.id for one in part.criteria if not isinstance(one, ExecutesCriterion | CodeCriterion)}
    if all(check.passed or check.criterion not in compared for check in result.checks):
        return ["None of this is compared with the recording: mend the reference, or the rubric."]
    if published:
        imported = f"It is compared with '{published.name}', which was imported: see whether that is the output of"
        return [f"{imported} this program, and whether the tolerances allow for another machine."]
    here = [f"  {difference}" for difference in differences] or ["  nothing that is recorded"]
    again = "`grader reference record --add` adds what it does here; without `--add` it is recorded anew."
    return ["What differs from the recording:", *here, again]
