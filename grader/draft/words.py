"""What was drafted, told to the person who asked for it, and what is to be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.draft.assignment import Drafted


def lines(drafted: Drafted) -> Iterator[str]:
    count = len(drafted.criteria)
    yield f"drafted '{drafted.rubric}' with {count} {'criterion' if count == 1 else 'criteria'}:"
    for each in drafted.criteria:
        yield f"  {each.points:>3}  {each.id}: {each.title}"
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
    if drafted.missing:
        yield f"then run `grader reference record --rubric {drafted.rubric}`"
