"""What was drafted, told to the person who asked for it, and what is to be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grader.draft.assignment import option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.draft.assignment import Drafted

COMPARING: Final = ("model_summary", "training", "history")


def lines(drafted: Drafted) -> Iterator[str]:
    count = len(drafted.criteria)
    yield f"drafted '{drafted.rubric}' with {count} {'criterion' if count == 1 else 'criteria'}:"
    for each in drafted.criteria:
        yield f"  {each.points:>3}  {each.id}: {each.title}"
    for remark in drafted.remarks:
        yield f"note: {remark}"
    yield f"reference: '{drafted.reference}'"
    for path in drafted.found:
        yield f"data: '{path}'"
    for path in drafted.missing:
        yield f"data: '{path.name}' was not found; put it there as '{path}'"
    for name in drafted.archives:
        yield (
            f"data: keras.datasets.{name} comes as an archive, which a rubric cannot list; load its arrays from an "
            ".npz file of your own instead"
        )
    for name in drafted.unlisted:
        yield (
            f"data: '{name}' cannot be listed in a rubric; expected a plain file name of letters, digits, '_', '.' "
            "and '-': name it so, and load it without a folder"
        )
    if drafted.tried:
        yield "tried: the notebook runs, and gets all points by this rubric"
    if drafted.recorded:
        yield f"recorded: '{drafted.recorded}'"


def next_steps(drafted: Drafted) -> Iterator[str]:
    """In the order in which they are done."""
    which = option(drafted.rubric)
    if drafted.missing:
        yield "next: put the data that was not found in its place"
    if drafted.archives or drafted.unlisted:
        yield f"next: let '{drafted.reference}' load files that a rubric can list, and list them under `datasets`"
    yield f"next: read '{drafted.rubric}', and make it ask for what the assignment asks for"
    if not drafted.tried and any(each.check in COMPARING for each in drafted.criteria):
        yield f"next: `grader reference record{which}` runs and records the reference"
    yield f"next: `grader verify --quick{which}` shows which mistakes the rubric catches"
    yield f"next: `grader grade submissions{which}` grades the notebooks in the folder 'submissions'"
