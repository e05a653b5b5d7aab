"""A folder of what students handed in -> one Submission for every student and part, found or not.

Names and files are the students': names may hold anything a file system takes, and a file named `x.ipynb` may
be a link, a pipe or a folder. Links are never followed, only regular files are ever opened, and everything
found becomes a value: a student with nothing to grade gets a row that says so.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import re
import stat
import unicodedata
from collections import defaultdict, deque
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader import copies
from grader.errors import UsageError
from grader.model import Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from grader.model import Part, Rubric

LARGEST: Final = 256 * 2**20
"""Bytes of a notebook that are still hashed; a sparse file could keep a whole class waiting."""
MOST_ENTRIES: Final = 50_000
"""Files and folders that are looked at for one student, those nearest the top first."""
DEEPEST: Final = 32
MOST_CANDIDATES: Final = 100
"""Notebooks that an ambiguous submission holds of all that were found."""
_MOST_NAMED: Final = 10
_LONGEST_SHOWN: Final = 160
"""Characters of a path in a reason; it may have 32 steps of 255 bytes each."""

_KINDS: Final = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one student handed in, and what hindered the search; `links` lie in place of the student's folder."""

    notebooks: tuple[Path, ...] = ()
    hindrances: tuple[str, ...] = ()
    links: tuple[Path, ...] = ()


def find(folder: Path, rubric: Rubric) -> tuple[Submission, ...]:
    """Every student's notebook for every part, in order of student, then of the rubric's parts.

    Students are the sub-folders and the flat `<student>.ipynb` files. A folder without any gives an empty
    tuple. Raises UsageError where `folder` is not a folder that can be read.
    """
    students = _students(folder)
    return tuple(
        _submission(student, part, students[student], folder, rubric.parts)
        for student in sorted(students)
        for part in rubric.parts
    )


def single(notebook: Path, rubric: Rubric, wanted: str | None = None) -> Submission:
    """One notebook by itself, as the part that is `wanted`, or the one that its name tells; else UsageError."""
    if not notebook.exists():
        raise UsageError(f"'{notebook}' does not exist; expected a notebook")
    named = [part.id for part in rubric.parts if wanted in (None, part.id)]
    told = [part.id for part in rubric.parts if part.id in named and _named((notebook,), part, rubric.parts)]
    candidates = named if len(named) == 1 else told
    if len(candidates) != 1:
        known = ", ".join(f"'{part.id}'" for part in rubric.parts)
        raise UsageError(
            f"'{notebook.name}' does not tell which part it is, of {known}; name one of them with --part"
        )
    digest, reason = _digest(notebook, notebook.parent)
    return Submission(_student(notebook.stem), candidates[0], (notebook,), digest, reason)


def _students(folder: Path) -> Mapping[str, _Found]:
    expected = "expected a folder of <student>/<notebook>.ipynb or of <student>.ipynb files"
    try:
        entries = _entries(folder)
    except OSError as error:
        raise UsageError(f"submissions {str(folder)!r}: {error.strerror}; {expected}") from None
    handed_in: defaultdict[str, list[_Found]] = defaultdict(list)
    for entry in _visible(entries):
        if _is_notebook(entry.name):
            handed_in[_student(Path(entry.name).stem)].append(_Found((Path(entry.path),)))
        elif entry.is_dir(follow_symlinks=False):
            handed_in[_student(entry.name)].append(_search(Path(entry.path), folder))
        elif entry.is_symlink() and not os.path.isfile(entry.path):  # noqa: PTH113 - False, not an error, for a loop
            handed_in[_student(entry.name)].append(_Found(links=(Path(entry.path),)))
    return {student: _merged(found) for student, found in handed_in.items()}


def _merged(found: Iterable[_Found]) -> _Found:
    several = list(found)
    notebooks = (notebook for one in several for notebook in one.notebooks)
    links = (link for one in several for link in one.links)
    return _Found(tuple(sorted(notebooks)), tuple(text for one in several for text in one.hindrances), tuple(links))


def _search(top: Path, folder: Path) -> _Found:
    """Level by level, so that what a limit cuts off is what lies deepest."""
    waiting, notebooks, hindrances, looked_at = deque([(top, 1)]), [], [], 0
    while waiting:
        place, depth = waiting.popleft()
        try:
            entries = _entries(place, MOST_ENTRIES + 1)
        except OSError as error:
            hindrances.append(f"{_shown(place, folder)} cannot be read ({error.strerror})")
            continue
        looked_at += len(entries)
        visible = _visible(entries)
        notebooks += [Path(entry.path) for entry in visible if _is_notebook(entry.name)]
        others = [entry for entry in visible if not _is_notebook(entry.name)]
        folders = [entry for entry in others if entry.is_dir(follow_symlinks=False)]
        links = (entry for entry in others if entry.is_symlink())
        hindrances += [
            f"{_shown(Path(link.path), folder)} is a symbolic link, which is not followed"
            for link in islice(links, _MOST_NAMED)
        ]
        if looked_at > MOST_ENTRIES or (folders and depth == DEEPEST):
            hindrances.append(f"{_shown(top, folder)} holds too many files or folders to look at all")
            break
        waiting += [(Path(entry.path), depth + 1) for entry in folders]
    return _Found(tuple(notebooks), tuple(hindrances))


def _entries(folder: Path, most: int | None = None) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(islice(entries, most))


def _visible(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Without hidden files, Jupyter's check-points and what macOS adds to an archive, in order of name."""
    return sorted((entry for entry in entries if not _is_hidden(entry.name)), key=lambda entry: entry.name)


def _is_hidden(name: str) -> bool:
    """Two dots are a way up that somebody has tried, and gets a row."""
    return name == "__MACOSX" or (name.startswith(".") and not name.startswith(".."))


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb")


def _student(name: str) -> str:
    """The name as it is, but for bytes that are not UTF-8, which no table could hold: those are escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _submission(student: str, part: Part, found: _Found, folder: Path, parts: tuple[Part, ...]) -> Submission:
    named = _chosen(part, found.notebooks, parts) if found.notebooks else found.links
    chosen = copies.without_equal(named, lambda notebook: _digest(notebook, folder)[0])
    match chosen:
        case ():
            return Submission(student, part.id, (), reason=_missing(part, found, folder))
        case (notebook,):
            sha256, reason = _digest(notebook, folder)
            return Submission(student, part.id, chosen, sha256, reason)
        case _:
            reason = f"found {len(chosen)} notebooks where one is expected: {_listed(chosen, folder)}"
            reason += copies.advice(chosen)
            return Submission(student, part.id, chosen[:MOST_CANDIDATES], reason=reason)


def _chosen(part: Part, notebooks: tuple[Path, ...], parts: tuple[Part, ...]) -> tuple[Path, ...]:
    """Of a one-part assignment any only notebook will do, and names decide only between several."""
    alone = len(parts) == 1
    if alone and len(notebooks) <= 1:
        return notebooks
    named = _named(notebooks, part, parts)
    return notebooks if alone and not named else named


def _named(notebooks: tuple[Path, ...], part: Part, parts: tuple[Part, ...]) -> tuple[Path, ...]:
    """Those that the part's patterns name; without patterns, those that no other part's name."""
    if part.notebook:
        return tuple(each for each in notebooks if _matches(each, part))
    return tuple(each for each in notebooks if not any(_matches(each, other) for other in parts))


def _matches(notebook: Path, part: Part) -> bool:
    patterns = [re.compile(fnmatch.translate(_plain_glob(glob))) for glob in part.notebook]
    return any(pattern.match(_plain(stem)) for pattern in patterns for stem in _stems(notebook))


def _stems(notebook: Path) -> tuple[str, str]:
    return notebook.stem, copies.original(notebook.stem)


def _plain(text: str) -> str:
    """Without case, spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def _plain_glob(glob: str) -> str:
    """As `_plain`, with the glob's own signs kept: `*`, `?` and sets such as `[12]`."""
    stem = re.sub(r"\.ipynb$", "", glob, flags=re.IGNORECASE)
    pieces = re.split(r"(\[[^\[\]]+\]|[*?])", stem)  # every second piece is a sign
    return "".join(piece.casefold() if n % 2 else _plain(piece) for n, piece in enumerate(pieces))


def _missing(part: Part, found: _Found, folder: Path) -> str:
    if found.hindrances:
        return "no notebook was found: " + "; ".join(found.hindrances[:_MOST_NAMED])
    if not found.notebooks:
        return "no notebook was found: no file's name ends in .ipynb"
    globs = ", ".join(repr(glob) for glob in part.notebook)
    wanted = f"no notebook is named like {globs}" if globs else "every notebook is named like those of other parts"
    return f"{wanted}; found {_listed(found.notebooks, folder)}"


def _listed(notebooks: tuple[Path, ...], folder: Path) -> str:
    names = ", ".join(_shown(notebook, folder) for notebook in notebooks[:_MOST_NAMED])
    more = len(notebooks) - _MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names


def _shown(path: Path, folder: Path) -> str:
    """In quotes, from the submissions' folder, on one line and valid UTF-8 whatever the name holds."""
    name = _student(str(path.relative_to(folder)))
    if len(name) > _LONGEST_SHOWN:
        half = _LONGEST_SHOWN // 2
        name = f"{name[:half]}…{name[-half:]}"
    return repr(name)


def _digest(path: Path, folder: Path) -> tuple[str, str]:
    """SHA-256 of a regular file, or the reason why there is none."""
    try:
        fault = _fault(path.lstat())
        if fault:
            return "", f"{_shown(path, folder)} {fault}"
        return _sha256(path), ""
    except OSError as error:
        return "", f"{_shown(path, folder)} cannot be read ({error.strerror}); expected a notebook"


def _fault(status: os.stat_result) -> str:
    """Why it is not read; empty where it is."""
    if not stat.S_ISREG(status.st_mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(status.st_mode)), "not a file")
        return f"is {kind}; expected a regular file"
    if status.st_size > LARGEST:
        return f"holds {status.st_size:,} bytes; expected {LARGEST:,} at most"
    return ""


def _sha256(path: Path) -> str:
    """OSError where the file was swapped for a link, a pipe or a device since it was looked at."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if _fault(os.fstat(descriptor)):
            raise OSError(errno.ESTALE, "it is being changed")
        return hashlib.file_digest(file, "sha256").hexdigest()
