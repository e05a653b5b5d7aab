"""One student's hand-in, all its parts, where another system calls the grader: Gradescope, Classroom 50.

The notebooks are looked for as those of one student of a class are. Nothing is kept but what is returned.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from grader import batch, submissions
from grader.errors import GraderError, UsageError
from grader.model import Grade, Rubric, Status, Submission
from grader.progress import Progress

MOST = 256 * 2**20  # bytes of a notebook that is looked at
MOST_FILES = 1_000


def grade(
    rubric: Rubric, folder: Path, student: str, wanted: batch.Wanted, progress: Progress
) -> tuple[Grade, ...]:
    """A grade a part; `folder` is the student's own. Raises UsageError where it is no folder."""
    if not folder.is_dir():
        raise UsageError(f"'{folder}' is not a folder; expected the one that holds what was handed in")
    with tempfile.TemporaryDirectory(prefix="grader-") as place:
        alone = Path(place) / "class" / "student"
        _copy(folder, alone)
        found = submissions.find(alone.parent, rubric).submissions
        theirs = [replace(one, student=student) for one in found] or _nothing(rubric, student)
        return tuple(_checked(rubric, one, wanted, progress) for one in theirs)


def _nothing(rubric: Rubric, student: str) -> list[Submission]:
    reason = "no notebook was found: no file's name ends in .ipynb"
    return [Submission(student, part.id, (), reason=reason) for part in rubric.parts]


def _checked(rubric: Rubric, submission: Submission, wanted: batch.Wanted, progress: Progress) -> Grade:
    """Our own trouble with it is a grade without a score: whoever called must not take it for a 0."""
    try:
        return batch.check_submission(rubric, submission, wanted, progress)
    except UsageError:
        raise
    except GraderError as error:
        most = next(part.points for part in rubric.parts if part.id == submission.part)
        names = "; ".join(one.name for one in submission.notebooks)
        return Grade(
            submission.student, submission.part, names, Status.GRADER_ERROR, None, most, reason=str(error)[:1000]
        )


def _copy(folder: Path, to: Path) -> None:
    """The notebooks alone, in their folders: a class' folder holds one folder a student, and this one may not."""
    to.mkdir(parents=True)
    notebooks = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".ipynb"][:MOST_FILES]
    for path in notebooks:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST:
            continue
        target = to / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target, follow_symlinks=False)
