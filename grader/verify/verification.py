"""The story of `grader verify`: make the mutants and variants, grade them as a class, say what became of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
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
from grader.verify.outcome import MutantResult, Outcome, VariantResult, Verdict, judged, told

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
    """What is to be graded for one reference, beside itself; `part` is the part as it has it, by itself."""

    part: Part
    recording: Recording | None
    mutants: tuple[Mutant, ...]
    variants: tuple[Variant, ...]
    not_applicable: tuple[NotApplicable, ...]

    def student(self, one: Mutant | Variant) -> str:
        """Of several references each has mutants of the same names."""
        return f"{self.part.program}~{one.id}" if self.part.program else one.id


def chosen_parts(rubric: Rubric, wanted: str | None) -> tuple[Part, ...]:
    parts = tuple(part for part in rubric.parts if wanted in (None, part.id))
    if not parts:
        known = ", ".join(f"'{part.id}'" for part in rubric.parts)
        raise UsageError(f"--part '{wanted}' is not in the rubric, which has {known}; name one of these")
    return parts


def chosen_programs(parts: Sequence[Part], wanted: str | None) -> tuple[tuple[Part, frozenset[str]], ...]:
    """Each part with the names of those of its references that are verified: notebooks, not texts."""
    accepted = [one for part in parts for one in part.accepted]
    if not any(one.runnable for one in accepted):
        texts = ", ".join(f"'{one.reference.name}'" for one in accepted)
        raise UsageError(
            f"the reference is a text, {texts}; expected a notebook, which `grader verify` can change and run: "
            "name one as `reference` in the rubric"
        )
    runnable = [(part, frozenset(one.program for one in part.accepted if one.runnable)) for part in parts]
    chosen = [(part, programs & {wanted} if wanted else programs) for part, programs in runnable]
    if not any(programs for _, programs in chosen):
        names = [one.program for one in accepted if one.program and one.runnable]
        known = ", ".join(f"'{name}'" for name in names)
        has = f"{known}; name one of these" if known else "no names for references; leave --reference out"
        raise UsageError(f"--reference '{wanted}' is not in the rubric, which has {has}")
    return tuple((part, programs) for part, programs in chosen if programs)


def verify(rubric: Rubric, part: Part, programs: Container[str], way: Way) -> tuple[Outcome, ...]:
    """An outcome for each of these references of the part; their mutants and variants are graded as one class.

    Raises GraderError where the grader cannot do it, KeyboardInterrupt where that stopped it.
    """
    with TemporaryDirectory(prefix="grader-verify-") as name:
        folder = Path(name).resolve()
        course = _course(rubric, part, folder, way)
        plans = _plans(part, course.parts[0], programs, way)
        for plan in plans:
            _write(plan, folder / "class")
        samples = form.SAMPLES if way.quick else None
        try:
            run = batch.grade_all(course, folder / "class", folder / "grades", way.wanted, way.progress())
        except ReferenceFailsError as error:
            return (Outcome(part.id, samples, (), (), (), fault=str(error)),)
        if run.interrupted:
            raise KeyboardInterrupt
        return tuple(_placed(_outcome(plan, run, samples), plan, folder / "grades") for plan in plans)


def _course(rubric: Rubric, part: Part, folder: Path, way: Way) -> Rubric:
    """The rubric of this part alone; in the quick form on reduced data, and recorded on it."""
    if not way.quick:
        return replace(rubric, parts=(part,), points=part.points)
    recorded = [reference.path_for(one) for one in part.accepted if one.compares]
    before = [reference.load(path) for path in recorded if path.exists()]
    device = batch.choose_device(rubric, way.wanted.device, before)
    layer = layers.choose(way.wanted.isolation, rubric.execution, trusted=False)
    course = reduced.course(rubric, part, folder)
    reduced.record_it(course, device, layer, way.progress())
    return reduced.by_bands(course)


def _plans(part: Part, copied: Part, programs: Container[str], way: Way) -> list[Plan]:
    """`copied` is the part in the course that is graded, beside whose references their recordings lie."""
    copies = {one.program: one for one in copied.accepted}
    chosen = [one for one in part.accepted if one.program in programs]
    full = [mutants.MOST] * len(chosen)
    most = [form.MUTANTS, *[form.FURTHER_MUTANTS] * len(chosen[1:])] if way.quick else full
    return [_planned(one, copies[one.program], limit) for one, limit in zip(chosen, most, strict=True)]


def _planned(part: Part, copy: Part, most: int) -> Plan:
    recording = reference.load(reference.path_for(copy)) if copy.compares else None
    return planned(notebook.read(part.reference), part, recording, most)


def planned(cells: notebook.Notebook, part: Part, recording: Recording | None, most: int = mutants.MOST) -> Plan:
    """With at most so many mutants of each mistake."""
    histories = [run.history for run in recording.runs] if recording else []
    made, no_room = mutants.mutants(reading.read(cells), mutants.table(histories), most)
    dressed, no_dress = cosmetic.variants(cells, part)
    return Plan(part, recording, made, dressed, (*no_room, *no_dress))


def _write(plan: Plan, folder: Path) -> None:
    """As submissions: one folder each."""
    every: tuple[Mutant | Variant, ...] = (*plan.mutants, *plan.variants)
    for one in every:
        (folder / plan.student(one)).mkdir(parents=True)
        notebook.write(folder / plan.student(one) / "notebook.ipynb", one.notebook)


def _outcome(plan: Plan, run: batch.Run, samples: int | None) -> Outcome:
    grades = {grade.student: grade for grade in run.grades}
    claimed = (claims(plan.part, plan.recording, one.change.aspects, one.notebook) for one in plan.mutants)
    return Outcome(
        part=plan.part.title,
        samples=samples,
        mutants=tuple(
            judged(one, claim, grades[plan.student(one)], quick=samples is not None)
            for one, claim in zip(plan.mutants, claimed, strict=True)
        ),
        variants=tuple(VariantResult(one, told(grades[plan.student(one)])) for one in plan.variants),
        not_applicable=plan.not_applicable,
        remarks=run.remarks,
    )


def _placed(outcome: Outcome, plan: Plan, graded: Path) -> Outcome:
    """Survivors that hold their mistake in a training that is not judged are beyond the criteria."""
    recording = plan.recording
    if recording is None or not any(one.verdict is Verdict.SURVIVED for one in outcome.mutants):
        return outcome
    with closing(Ledger.open(graded / batch.LEDGER)) as ledger:

        def observed(student: str) -> Observations:
            entry = ledger.entry(student, plan.part.id)
            return restored(entry).evidence.observed if entry else Observations()

        reference_run = observed(reference_name(plan.part))

        def placed(one: MutantResult) -> MutantResult:
            survived = one.verdict is Verdict.SURVIVED
            if survived and beside_the_judged(reference_run, observed(plan.student(one.mutant)), recording):
                return replace(one, verdict=Verdict.BEYOND, why=ELSEWHERE)
            return one

        return replace(outcome, mutants=tuple(map(placed, outcome.mutants)))
