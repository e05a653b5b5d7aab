"""A .zip of submissions -> a folder of what grading needs of it.

Only notebooks and the small files that a system describes its download with are written; of every other file an
empty one, so that whoever handed in no notebook is seen to have handed in something. Names become paths below the
folder, whatever they are; links become empty files; sizes are counted while they are written, since what an archive
says of itself may be wrong.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from grader.errors import UsageError
from grader.submissions import classroom50, gradescope, nbgrader
from grader.submissions.digests import LARGEST
from grader.submissions.listing import is_notebook, quoted

MOST_MEMBERS: Final = 500_000
MOST_BYTES: Final = 8 * 2**30
"""Of all notebooks together."""
DEEPEST: Final = 32
_DESCRIBING: Final = {gradescope.FILE, nbgrader.STAMP, classroom50.SCORES, *classroom50.MARKERS}
_LONGEST: Final = 200  # bytes of a name; file systems take 255
_CHUNK: Final = 2**20
_DONE: Final = ".complete"
_NEXT: Final = "download it again, or unpack it and name the folder"


@dataclass(frozen=True, slots=True)
class Unpacked:
    folder: Path
    sha256: str
    remarks: tuple[str, ...] = ()


def is_archive(path: Path) -> bool:
    return path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path))


def unpack(archive: Path, into: Path) -> Unpacked:
    """Into a folder of `into` that is named for the archive's bytes, where it stays for later runs.

    Raises UsageError where it is no archive that can be read, or holds too much.
    """
    sha256 = _digest(archive)
    folder = into / sha256[:16]
    if (folder / _DONE).is_file():
        return Unpacked(_top(folder), sha256, _noted(folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            remarks = _Writing(folder, archive).all_of(opened)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UsageError(f"'{archive}' cannot be read as a zip archive ({error}); {_NEXT}") from None
    (folder / _DONE).write_text("\n".join(remarks), "utf-8", errors="backslashreplace")
    return Unpacked(_top(folder), sha256, tuple(remarks))


def _digest(archive: Path) -> str:
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _noted(folder: Path) -> tuple[str, ...]:
    return tuple((folder / _DONE).read_text("utf-8").splitlines())


def _top(folder: Path) -> Path:
    """Without the one folder that everything is packed in, where it holds several things."""
    inside = [one for one in folder.iterdir() if one.name != _DONE and one.name != "__MACOSX"]
    if len(inside) != 1 or not inside[0].is_dir() or len(list(inside[0].iterdir())) < 2:  # noqa: PLR2004 - several
        return folder
    return inside[0]


class _Writing:
    """One archive on its way into a folder."""

    def __init__(self, folder: Path, archive: Path) -> None:
        self._folder, self._archive = folder, archive
        self._left = MOST_BYTES
        self._remarks: list[str] = []

    def all_of(self, opened: zipfile.ZipFile) -> list[str]:
        members = opened.infolist()
        if any(member.header_offset < 0 for member in members):  # zipfile would seek there: a fault like a disk's
            raise zipfile.BadZipFile("a file begins before the archive does")
        if len(members) > MOST_MEMBERS:
            raise UsageError(
                f"'{self._archive}' holds {len(members):,} files; expected {MOST_MEMBERS:,} at most: unpack it by hand"
            )
        for member in members:
            self._one(opened, member)
        more = [f"and {len(self._remarks) - 20} more"] if len(self._remarks) > 20 else []  # noqa: PLR2004 - listed
        return [*self._remarks[:20], *more]

    def _one(self, opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        steps = _steps(member.filename)
        if ".git" in steps[:-1] or not steps:
            steps = steps[: steps.index(".git") + 1] if steps else ()
            self._folder_of(steps)
            return
        if steps != tuple(one for one in member.filename.split("/") if one):
            self._note(f"{quoted(member.filename)} was unpacked as {quoted('/'.join(steps))}")
        if member.is_dir():
            self._folder_of(steps)
            return
        parent = self._folder_of(steps[:-1])
        path = parent / steps[-1] if parent else None
        if path is None or path.is_dir():
            self._note(f"{quoted(member.filename)} was left out: a file and a folder have one name")
            return
        if path.exists():
            self._note(f"{quoted(member.filename)} is in the archive more than once; the last one counts")
        self._write(opened, member, path)

    def _write(self, opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
        with path.open("wb") as target:
            if _is_link(member):
                self._note(f"{quoted(member.filename)} is a link, which is not followed")
            elif member.flag_bits & 1:
                self._note(f"{quoted(member.filename)} is encrypted, and cannot be read")
            elif is_notebook(path.name) or path.name in _DESCRIBING:
                with opened.open(member) as source:
                    self._copy(source, target)

    def _copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        """What is too large for a notebook is left as large as that, empty: its row then says so."""
        size = 0
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            self._left -= len(chunk)
            if self._left < 0:
                raise UsageError(
                    f"'{self._archive}' holds more than {MOST_BYTES // 2**30} GiB of notebooks when unpacked; "
                    "expected the submissions of one class"
                )
            if size > LARGEST:
                target.truncate(0)
                target.truncate(LARGEST + 1)
                return
            target.write(chunk)

    def _folder_of(self, steps: tuple[str, ...]) -> Path | None:
        """None where a file is in its way."""
        folder = self._folder.joinpath(*steps)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            return None
        return folder

    def _note(self, remark: str) -> None:
        self._remarks.append(remark)


def _steps(name: str) -> tuple[str, ...]:
    """The way below the folder, of names that are no way up, not absolute, and short enough."""
    steps = [_name(step) for step in name.replace("\\", "/").split("/") if step not in ("", ".")]
    kept = steps[: DEEPEST - 1] + steps[-1:] if len(steps) > DEEPEST else steps
    return tuple(kept)


def _name(step: str) -> str:
    if step in ("..", _DONE):
        return f"_{step}_"
    raw = step.replace("\0", "_").encode("utf-8", "replace")
    if len(raw) <= _LONGEST:
        return raw.decode("utf-8")
    ending = Path(step).suffix[:16]
    short = raw[:_LONGEST].decode("utf-8", "ignore")
    return f"{short}~{hashlib.sha256(raw).hexdigest()[:8]}{ending}"


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)
