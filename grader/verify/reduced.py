"""The quick form: a course with the first samples of its data, and a recording made on them."""

from __future__ import annotations

import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from grader import bands, lanes, record, reference, sandbox
from grader.errors import GraderError, UsageError
from grader.model import BandTolerance, HistoryCriterion, Tolerance
from grader.verify.form import SAMPLES, SEEDS, THREADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from grader.grade import Runner
    from grader.model import Device, Part, Rubric
    from grader.progress import Progress
    from grader.sandbox import Layer


def course(rubric: Rubric, part: Part, folder: Path) -> Rubric:
    """The part with copies of its references and of its data's first samples, in this folder.

    References that are texts are left out: they are of all the data.
    """
    first, *others = (_copied(one, folder) for one in part.accepted if one.runnable)
    datasets = {name: folder / "data" / f"{number}.npz" for number, name in enumerate(rubric.datasets)}
    (folder / "data").mkdir()
    for name, path in rubric.datasets.items():
        _reduce(name, path, datasets[name])
    alone = replace(first, others=tuple(others))
    return replace(rubric, parts=(alone,), points=part.points, datasets=_absolute(datasets))


def _copied(part: Part, folder: Path) -> Part:
    """In a folder of its own, where there are several."""
    copied = folder / part.program / part.reference.name
    copied.parent.mkdir(exist_ok=True)
    shutil.copy(part.reference, copied)
    return replace(part, reference=copied)


def _absolute(datasets: Mapping[str, Path]) -> dict[str, Path]:
    return {name: path.resolve() for name, path in datasets.items()}


def _reduce(name: str, full: Path, small: Path) -> None:
    try:
        with np.load(full, allow_pickle=False) as arrays:
            kept = {key: _first(arrays[key]) for key in arrays.files}
    except (OSError, ValueError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"the data set '{name}' cannot be reduced ({error}); expected an .npz file of plain arrays: leave "
            "--quick out"
        ) from error
    np.savez_compressed(small, allow_pickle=False, **kept)


def _first(
    array: np.ndarray[tuple[int, ...], np.dtype[np.generic]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    return array[:SAMPLES] if array.ndim else array


def record_it(course: Rubric, device: Device, layer: Layer, progress: Progress) -> None:
    """What the criteria compare with, where any of them compares."""
    for part in course.parts[0].accepted:
        if part.compares:
            _record(record.Session(course, part, device, THREADS, layer), progress)


def _record(session: record.Session, progress: Progress) -> None:
    try:
        with _ahead(session) as run:
            record.record(replace(session, run=run), SEEDS, progress)
    except UsageError:
        raise
    except GraderError as error:
        more = "where the reference needs more of them, run without --quick"
        raise GraderError(f"on the first {SAMPLES} samples of its data: {error}; {more}") from error


def by_bands(course: Rubric) -> Rubric:
    """The course with bands in place of tolerances, which were chosen for training on all of the data.

    Where all seeds give the same figures there is no band; but then they lie within any tolerance.
    """
    (part,) = course.parts
    first, *others = map(_by_bands, part.accepted)
    return replace(course, parts=(replace(first, others=tuple(others)),))


def _by_bands(part: Part) -> Part:
    if not part.compares or bands.identical(reference.load(reference.path_for(part)).runs):
        return part
    criteria = tuple(
        replace(one, tolerance=BandTolerance())
        if isinstance(one, HistoryCriterion) and isinstance(one.tolerance, Tolerance)
        else one
        for one in part.criteria
    )
    return replace(part, criteria=criteria)


@contextmanager
def _ahead(session: record.Session) -> Iterator[Runner]:
    """Runs tasks for a recording before they are asked for, several at once, and warm where that goes."""
    tasks = {number: record.task_of(session, number) for number in range(SEEDS)}
    with ExitStack() as stack:
        warm = stack.enter_context(sandbox.warm(tasks[0])) if session.layer.bwrap is None else None
        executor = stack.enter_context(ThreadPoolExecutor(lanes.usual_jobs(THREADS)))
        begun = {
            number: executor.submit(sandbox.run, task, sandbox.Aids(warm=warm)) for number, task in tasks.items()
        }

        def run(task: sandbox.Task) -> sandbox.Exit:
            future = begun.pop(task.mix, None)  # asked for again, it is another task
            return sandbox.run(task) if future is None else future.result()

        try:
            yield run
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            sandbox.interrupt()
            raise
