"""The story of `grader init`: read the notebook, find its data, and put a rubric beside copies of both."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.draft import choice as choices
from grader.draft import criteria, data, stage, text
from grader.errors import GraderError, UsageError
from grader.verify import notebook as notebooks
from grader.verify import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from grader.draft.choice import Choice
    from grader.draft.criteria import Draft
    from grader.verify.notebook import Notebook

RUBRIC: Final = "rubric.yaml"
REFERENCE: Final = "reference"
RECORDINGS: Final = Path(REFERENCE, "recordings")
LONGEST_TITLE: Final = 100


# Given a rubric, it runs what the rubric needs; by which criteria the notebook itself loses points, and why.
Trial = Callable[[Path], "Mapping[str, str]"]


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was made. `missing` are files that the notebook loads and that are not here.

    `archives` are data sets of Keras, and `unlisted` files, that no rubric can list. `tried` says whether the
    notebook was run, and got all points; `recorded` where it was recorded, if it was.
    """

    rubric: Path
    reference: Path
    criteria: tuple[Draft, ...]
    remarks: tuple[str, ...]
    found: tuple[Path, ...]
    missing: tuple[Path, ...]
    archives: tuple[str, ...]
    unlisted: tuple[str, ...]
    tried: bool = False
    recorded: Path | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be made of a notebook; `copies` maps places in the assignment's folder to files of now."""

    notebook: Path
    head: text.Head
    choice: Choice
    copies: Mapping[Path, Path]
    missing: tuple[Path, ...]
    archives: tuple[str, ...]
    unlisted: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not (self.missing or self.archives or self.unlisted)


def draft(notebook: Path, folder: Path, caches: Iterable[Path], trial: Trial | None = None) -> Drafted:
    """Writes the rubric into the folder, with copies of the notebook and its data below `reference/`.

    `caches` are folders in which Keras keeps data sets. Without a `trial`, or without all of the data, nothing is
    run. Raises UsageError where the notebook cannot be read, and where the folder has a rubric or another file in
    the place of one of these: nothing is overwritten. Whatever is raised, nothing is left in the folder.
    """
    plan = _planned(notebook, caches)
    _must_be_free(folder, plan.copies)
    tried = trial is not None and plan.complete
    with stage.staged(folder) as made:
        for target, source in plan.copies.items():
            stage.put(source, made / target)
        choice = plan.choice
        _write(made, plan, choice)
        if trial and tried:
            with _told_what_is_left(folder):
                choice = _chosen(made, plan, trial)
        recorded = [folder / one.relative_to(made) for one in (made / RECORDINGS).glob("*.json")]
        stage.move(made, folder, RUBRIC)
    reference, *found = (folder / one for one in plan.copies)
    return Drafted(
        rubric=folder / RUBRIC,
        reference=reference,
        criteria=choice.drafts,
        remarks=tuple(choice.remarks.values()),
        found=tuple(found),
        missing=tuple(folder / one for one in plan.missing),
        archives=plan.archives,
        unlisted=plan.unlisted,
        tried=tried,
        recorded=next(iter(recorded), None),
    )


def _planned(notebook: Path, caches: Iterable[Path]) -> _Plan:
    cells = notebooks.read(notebook)
    program = reading.read(cells)
    files = data.wanted(program, notebook, caches)
    places = {one.name: Path(REFERENCE, "data", one.name) for one in files}
    reference, title = Path(REFERENCE, notebook.name), _title(cells, notebook)
    choice = choices.first(program)
    one_epoch = criteria.first_epoch_only(choice.drafts)
    listed = {name: place.as_posix() for name, place in places.items()}
    return _Plan(
        notebook,
        text.Head(title, _short(title), reference.as_posix(), listed, one_epoch),
        choice,
        {reference: notebook} | {places[one.name]: one.path for one in files if one.path},
        tuple(places[one.name] for one in files if one.path is None),
        data.unpacked_sets(program),
        data.unlisted(program, notebook),
    )


def _must_be_free(folder: Path, copies: Mapping[Path, Path]) -> None:
    rubric, recordings = folder / RUBRIC, folder / RECORDINGS
    if os.path.lexists(rubric):
        raise UsageError(
            f"'{rubric}' is there already; expected a folder without a rubric: name another one, or go on with "
            f"this rubric: `grader reference record{option(rubric)}`"
        )
    if os.path.lexists(recordings):
        raise UsageError(f"'{recordings}' is there already; expected no recordings yet: move them away")
    for target, source in copies.items():
        stage.must_be_free(folder / target, source)


def _write(made: Path, plan: _Plan, choice: Choice) -> None:
    (made / RUBRIC).write_bytes(text.rubric(plan.head, choice.drafts, choice.remarks.values()).encode())


def _chosen(made: Path, plan: _Plan, trial: Trial) -> Choice:
    """Ends, since each time a criterion goes, or is asked of the training itself, which happens to it once."""
    choice = plan.choice
    while lost := trial(made / RUBRIC):
        choice = choices.reconsidered(choice, lost)
        if not choice.drafts:
            raise UsageError(f"'{plan.notebook}' holds nothing that could be judged; expected cells with code")
        _write(made, plan, choice)
    return choice


@contextmanager
def _told_what_is_left(folder: Path) -> Iterator[None]:
    try:
        yield
    except GraderError as error:
        kind = UsageError if isinstance(error, UsageError) else GraderError
        raise kind(
            f"{error}\nNothing was made in '{folder}': give the command again after that; with `--no-record` it "
            "drafts the rubric without running the notebook"
        ) from error


def option(rubric: Path) -> str:
    """How a command is told of this rubric, where it would not find it by itself."""
    return "" if rubric == Path(RUBRIC) else f" --rubric {shlex.quote(str(rubric))}"


def _title(cells: Notebook, notebook: Path) -> str:
    """The first heading, else the file's name."""
    texts = (cell.source for cell in cells if cell.kind == notebooks.MARKDOWN)
    headings = (match[1] for source in texts if (match := re.search(r"^#+ +(.*\S)", source, re.MULTILINE)))
    return " ".join(next(headings, notebook.stem).split())[:LONGEST_TITLE]


def _short(title: str) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words[:4]) or "assignment"
