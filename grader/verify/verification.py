"""The story of `grader verify`: make the mutants and variants, grade them as a class, say what became of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from grader import batch, reference
from grader.errors import ReferenceFailsError, UsageError
from grader.ledger import Ledger
from grader.model import Observations
from grader.resume import restored
from grader.sandbox import layers
from grader.session import reference_name
from grader.verify import cosmetic, form, mutants, notebook, reading, reduced
from grader.verify.claims import claims
from grader.verify.elsewhere import ELSEWHERE, beside_the_judged
from grader.verify.outcome import Outcome, VariantResult, Verdict, judged, told

if TYPE_CHECKING:
    from grader.model import Part, Recording, Rubric
    from grader.progress import Progress
    from grader.verify.cosmetic import Variant
    from grader.verify.mutants import Mutant, NotApplicable


@dataclass(frozen=True, slots=True)
class Way:
    """How it is done; `progress` makes a new one for each of the long jobs."""

    wanted: batch.Wanted
    progress: Callable[[], Progress]
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be graded, beside the reference itself."""

    mutants: tuple[Mutant, ...]
    variants: tuple[Variant, ...]
    not_applicable: tuple[NotApplicable, ...]


def chosen_parts(rubric: Rubric, wanted: str | None, program: str | None = None) -> tuple[Part, ...]:
    """Each as one of its references has it, with the others, against which submissions are held too."""
    parts = tuple(part for part in rubric.parts if wanted in (None, part.id))
    if not parts:
        known = ", ".join(f"'{part.id}'" for part in rubric.parts)
        raise UsageError(f"--part '{wanted}' is not in the rubric, which has {known}")
    led = [_led_by(part, one) for part in parts for one in part.accepted]
    if not any(part.runnable for part in led):
        texts = ", ".join(f"'{part.reference.name}'" for part in led)
        raise UsageError(f"verify changes a notebook and runs it, and the reference is a text: {texts}")
    chosen = tuple(part for part in led if part.runnable and program in (None, part.program))
    if not chosen:
        known = ", ".join(f"'{part.program}'" for part in led if part.program and part.runnable)
        known = known or "no names for references"
        raise UsageError(f"--reference '{program}' is not in the rubric, which has {known}")
    return chosen


def _led_by(part: Part, first: Part) -> Part:
    return replace(first, others=tuple(one for one in part.accepted if one.program != first.program))


def verify(rubric: Rubric, part: Part, way: Way) -> Outcome:
    """Raises GraderError where the grader cannot do it, KeyboardInterrupt where that stopped it."""
    cells = notebook.read(part.reference)
    with TemporaryDirectory(prefix="grader-verify-") as name:
        folder = Path(name).resolve()
        course = _course(rubric, part, folder, way)
        recording = reference.of(course.parts[0]) if course.parts[0].compares else None
        plan = planned(cells, part, recording, form.MUTANTS if way.quick else mutants.MOST)
        _write(plan, folder / "class")
        samples = form.SAMPLES if way.quick else None
        try:
            run = batch.grade_all(course, folder / "class", folder / "grades", way.wanted, way.progress())
        except ReferenceFailsError as error:
            return Outcome(part.title, samples, (), (), (), fault=str(error))
        if run.interrupted:
            raise KeyboardInterrupt
        told = _outcome(plan, part, recording, run, samples)
        return _placed(told, part, recording, folder / "grades") if recording else told


def _course(rubric: Rubric, part: Part, folder: Path, way: Way) -> Rubric:
    """The rubric of this part alone; in the quick form on reduced data, and recorded on it."""
    if not way.quick:
        return replace(rubric, parts=(part,), points=part.points)
    recorded = reference.path_for(part)
    before = [reference.load(recorded)] if part.compares and recorded.exists() else []
    device = batch.choose_device(rubric, way.wanted.device, before)
    layer = layers.choose(way.wanted.isolation, rubric.execution, trusted=False)
    course = reduced.course(rubric, part, folder)
    reduced.record_it(course, device, layer, way.progress())
    return reduced.by_bands(course)


def planned(cells: notebook.Notebook, part: Part, recording: Recording | None, most: int = mutants.MOST) -> Plan:
    """With at most so many mutants of each mistake."""
    histories = [run.history for run in recording.runs] if recording else []
    made, no_room = mutants.mutants(reading.read(cells), mutants.table(histories), most)
    dressed, no_dress = cosmetic.variants(cells, part)
    return Plan(made, dressed, (*no_room, *no_dress))


def _write(plan: Plan, folder: Path) -> None:
    """As submissions: one folder each."""
    every: tuple[Mutant | Variant, ...] = (*plan.mutants, *plan.variants)
    for one in every:
        (folder / one.id).mkdir(parents=True)
        notebook.write(folder / one.id / "notebook.ipynb", one.notebook)


def _placed(outcome: Outcome, part: Part, recording: Recording, graded: Path) -> Outcome:
    """Survivors that hold their mistake in a training that is not judged are beyond the criteria."""
    if not any(one.verdict is Verdict.SURVIVED for one in outcome.mutants):
        return outcome
    with closing(Ledger.open(graded / batch.LEDGER)) as ledger:

        def observed(student: str) -> Observations:
            entry = ledger.entry(student, part.id)
            return restored(entry).evidence.observed if entry else Observations()

        reference_run = observed(reference_name(part))
        return replace(
            outcome,
            mutants=tuple(
                replace(one, verdict=Verdict.BEYOND, why=ELSEWHERE)
                if one.verdict is Verdict.SURVIVED
                and beside_the_judged(reference_run, observed(one.mutant.id), recording)
                else one
                for one in outcome.mutants
            ),
        )


def _outcome(plan: Plan, part: Part, recording: Recording | None, run: batch.Run, samples: int | None) -> Outcome:
    grades = {grade.student: grade for grade in run.grades}
    return Outcome(
        part=part.title,
        samples=samples,
        mutants=tuple(
            judged(
                one,
                claims(part, recording, one.change.aspects, one.notebook),
                grades[one.id],
                quick=samples is not None,
            )
            for one in plan.mutants
        ),
        variants=tuple(VariantResult(one, told(grades[one.id])) for one in plan.variants),
        not_applicable=plan.not_applicable,
        remarks=run.remarks,
    )
