"""Feedback as learning management systems take it back: one archive for a whole class.

Systems tell whose a file is by its name alone, so a name that is slightly wrong shows a student the feedback of
another. What they read, in their own sources:

- Moodle (`mod/assign/feedback/file/importziplib.php`) splits each piece of the path at `_` and takes the first
  that begins `<anything>_<number>_<plugin type>_<plugin>`, with the number that its downloads and its grading
  worksheet have. Older versions look at the path as a whole, the oldest only at the file's name; a file without a
  folder, its name begun so, is understood by all of them.
- Canvas (`infer_comment_context_from_filename` of its assignments) splits the name at `_`, forgets `LATE`, and
  takes the first two pieces of digits for the user and the attachment, or what follows `anon`. The attachment must
  be one that this very user handed in, and Canvas shows the answer under that attachment's name.

The name in front is for people. It holds no `_`, so that nothing in it is taken for a number; numbers make entries
differ whatever students are called.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import durable
from grader.handed_in import Hand, HandedIn
from grader.model import Slot
from grader.outputs import cells
from grader.report import comments

LONGEST = 40  # characters of a name: with the rest below what file systems take, in any script
ANYBODY = "student"
_NUMBER = re.compile(r"[0-9]{1,20}")
_CODE = re.compile(r"anon_[0-9A-Za-z]{1,20}")


@dataclass(frozen=True, slots=True)
class Upload:
    """How one system takes files back: `where` a person gives it the archive; `sheet` has the comments, if any."""

    archive: str
    where: str
    entry: Callable[[str, Slot], str | None]
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """`lines` say what was written and for what; `remarks` who is not in it."""

    lines: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """A student's page, and the same in a few words."""

    page: Path
    comment: str


def moodle(name: str, slot: Slot) -> str | None:
    """None where Moodle could not tell whose it is."""
    if not _NUMBER.fullmatch(slot.user):
        return None
    return f"{' '.join(words(name)) or ANYBODY}_{slot.user}_assignfeedback_file_feedback.html"


def canvas(name: str, slot: Slot) -> str | None:
    """None where Canvas could not: it wants the number of a file that was handed in, too."""
    if not _NUMBER.fullmatch(slot.file):
        return None
    if _CODE.fullmatch(slot.user):
        return f"{slot.user}_{slot.file}_feedback.html"
    if not _NUMBER.fullmatch(slot.user):
        return None
    whole = "".join(words(name)).lower()
    plain = whole if whole and not whole.isdigit() and whole not in ("anon", "late") else ANYBODY
    return f"{plain}_{slot.user}_{slot.file}_feedback.html"


UPLOADS: Mapping[str, Upload] = {
    "Moodle": Upload("feedback-moodle.zip", "Moodle's 'Upload multiple feedback files in a zip'", moodle),
    "Canvas": Upload("feedback-canvas.zip", "Canvas' 'Re-Upload Submissions'", canvas, "feedback-canvas.csv"),
}


def words(name: str) -> list[str]:
    """The letters and digits of a name, with what scripts put above and below them."""
    kept = (
        one if one.isalnum() or unicodedata.category(one) in ("Mn", "Mc") else " "
        for one in unicodedata.normalize("NFC", name)
    )
    return "".join(kept)[:LONGEST].split()


def write(out: Path, handed: HandedIn, feedback: Mapping[str, Feedback]) -> Uploaded:
    """For the system that the submissions came from; what an earlier run wrote for another is removed."""
    upload = UPLOADS.get(handed.system)
    for name in {name for each in UPLOADS.values() for name in (each.archive, each.sheet) if name}:
        if upload is None or name not in (upload.archive, upload.sheet):
            (out / name).unlink(missing_ok=True)
    if upload is None:
        return Uploaded()
    hands = {one.student: one for one in handed.submissions}
    shared = _shared(hands.values())
    own = {one: hands[one] for one in feedback if one in hands and one not in shared}
    named = {one: upload.entry(hand.identity.name, hand.slot) for one, hand in own.items()}
    unknown = [one for one in feedback if one not in shared and not named.get(one)]
    entries = {name: feedback[one].page for one, name in named.items() if name}
    _zip(out / upload.archive, entries)
    lines = (
        f"for {upload.where}: {out / upload.archive}, with {len(entries)} of {len(feedback)}",
        *_sheet(out, upload, own, feedback),
    )
    return Uploaded(lines, tuple(_left_out(upload, unknown, [one for one in feedback if one in shared])))


def _shared(hands: Iterable[Hand]) -> frozenset[str]:
    """Students under the number of another: what is sent to that number would reach the wrong one of them."""
    users = {one.student: one.slot.user.lstrip("0") for one in hands if one.slot.user}
    count = Counter(users.values())
    return frozenset(student for student, user in users.items() if count[user] > 1)


def _left_out(upload: Upload, unknown: Sequence[str], shared: Sequence[str]) -> Iterator[str]:
    if unknown:
        yield (
            f"not in {upload.archive}, as nothing that was downloaded tells by which number their feedback is "
            f"taken: {cells.listed(unknown)}; give them theirs by hand (or, where an older grader graded, grade "
            "the same download again: it runs nothing twice)"
        )
    if shared:
        yield (
            f"not in {upload.archive}, as several have the same number: {cells.listed(shared)}; look at what was "
            "downloaded, and give them theirs by hand"
        )


def _sheet(out: Path, upload: Upload, hands: Mapping[str, Hand], feedback: Mapping[str, Feedback]) -> Iterator[str]:
    """Of everybody with a number; who is anonymous has none."""
    if not upload.sheet:
        return
    lines = [
        comments.Line(hand.identity.name or student, hand.slot.user, hand.identity.login, feedback[student].comment)
        for student, hand in hands.items()
        if _NUMBER.fullmatch(hand.slot.user)
    ]
    durable.replace(out / upload.sheet, comments.sheet(lines))
    yield f"the same in words, by number: {out / upload.sheet}, with {len(lines)} of {len(feedback)}"


def _zip(path: Path, entries: Mapping[str, Path]) -> None:
    """The same bytes for the same pages: sorted, and without the times of files."""
    with durable.replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, page in sorted(entries.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on POSIX, wherever it is made
            archive.writestr(entry, page.read_bytes(), zipfile.ZIP_DEFLATED)
