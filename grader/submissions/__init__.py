"""What students handed in, as a folder -> one Submission for every student and part, found or not.

Each system that notebooks are downloaded from has its module, and its place in the table of those that are tried in
order. Names and files are the students': names may hold anything a file system takes, and a file named `x.ipynb` may
be a link, a pipe or a folder. Links are never followed, only regular files are ever opened, and everything
found becomes a value: a student with nothing to grade gets a row that says so, and an entry that is not as the
system names its entries is a student like those of a plain folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from grader.errors import UsageError
from grader.model import Found, Resubmissions, Rubric, Submission
from grader.submissions import (
    canvas,
    classroom50,
    github,
    google,
    gradescope,
    mapping,
    moodle,
    nbgrader,
    pattern,
    plain,
)
from grader.submissions.choosing import choose, of_name
from grader.submissions.digests import digest
from grader.submissions.handed import Candidate, Place, Read, System
from grader.submissions.listing import as_text, entries, visible
from grader.submissions.merging import students

__all__ = ["SYSTEMS", "find", "single"]

SYSTEMS: Final = (
    System("mapping", "the mapping of files to students", mapping.read),
    System("pattern", "named by the pattern", pattern.read),
    System("Gradescope", "Gradescope's export", gradescope.read, unmistakable=True),
    System("Classroom 50", "Classroom 50's download", classroom50.read, unmistakable=True),
    System("GitHub Classroom", "GitHub Classroom's repositories", github.read, unmistakable=True),
    System("nbgrader", "nbgrader's submitted assignments", nbgrader.read, unmistakable=True),
    System("Moodle", "Moodle's download", moodle.read, unmistakable=True),
    System("Canvas", "Canvas' download", canvas.read),
    System("Google", "Google's copies", google.read),
)
PLAIN: Final = System("plain", "a folder or a notebook for each student", plain.read)
_WORDS: Final = {
    Resubmissions.NEWEST: "the newest counts",
    Resubmissions.FIRST: "the first counts",
    Resubmissions.AMBIGUOUS: "none counts",
}


def find(folder: Path, rubric: Rubric) -> Found:
    """Every student's notebook for every part, in order of student, then of the rubric's parts.

    A folder without any student gives no submissions. Raises UsageError where `folder` is not a folder that can be
    read, or the rubric's mapping of students is at fault.
    """
    system, read = _recognised(_place(folder, folder, rubric))
    names = mapping.completed(read, rubric)
    people = students(names.handed)
    chosen = [choose(people[name], part, folder, rubric) for name in sorted(people) for part in rubric.parts]
    several = len({one.submission.student for one in chosen if one.several})
    again = (f"{_count(several)} handed in more than once: {_WORDS[rubric.resubmissions]}",) if several else ()
    recognised = f"submissions: recognised as {system.described} ({_count(len(people))})"
    return Found(system.name, tuple(one.submission for one in chosen), (recognised, *names.remarks, *again))


def _count(students: int) -> str:
    return f"{students} student{'' if students == 1 else 's'}"


def _recognised(place: Place) -> tuple[System, Read]:
    """The first that knows the folder, or the only folder in it, as archives often have it."""
    inner = [(one, system) for one in _inner(place) for system in SYSTEMS if system.unmistakable]
    for each, system in (*((place, system) for system in SYSTEMS), *inner):
        read = system.read(each)
        if read is not None:
            return system, read
    return PLAIN, plain.read(place)


def _inner(place: Place) -> tuple[Place, ...]:
    folders = [entry for entry in place.entries if entry.is_dir(follow_symlinks=False)]
    if len(folders) != 1 or len(place.entries) != 1:
        return ()
    try:
        return (_place(Path(folders[0].path), place.root, place.rubric),)
    except UsageError:
        return ()


def _place(folder: Path, root: Path, rubric: Rubric) -> Place:
    expected = (
        "expected a folder of <student>/<notebook>.ipynb or of <student>.ipynb files, or a system's download: look "
        "at its name and folder"
    )
    try:
        return Place(root, folder, tuple(visible(entries(folder))), rubric)
    except OSError as error:
        raise UsageError(f"submissions {str(folder)!r}: {error.strerror}; {expected}") from None


def single(notebook: Path, rubric: Rubric, wanted: str | None = None) -> Submission:
    """One notebook by itself, as the part that is `wanted`, or the one that its name tells; else UsageError."""
    if not notebook.exists():
        raise UsageError(f"'{notebook}' does not exist; expected a notebook: look at its name and folder")
    named = [part.id for part in rubric.parts if wanted in (None, part.id)]
    known = ", ".join(f"'{part.id}'" for part in rubric.parts)
    if not named:
        raise UsageError(f"--part '{wanted}' is not in the rubric, which has {known}; name one of these")
    one = (Candidate.at(notebook),)
    told = [part.id for part in rubric.parts if part.id in named and of_name(part, one, rubric.parts)]
    candidates = named if len(named) == 1 else told
    if len(candidates) != 1:
        raise UsageError(
            f"'{notebook.name}' does not tell which part it is, of {known}; name one of them with --part"
        )
    sha256, reason = digest(notebook, notebook.parent)
    return Submission(as_text(notebook.stem), candidates[0], (notebook,), sha256, reason)
