"""What a file is that is no notebook, where its first bytes tell: so that a student knows what went wrong."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

LOOKED_AT = 4096  # bytes


class Look(NamedTuple):
    """What a file seems to be, and what to do where that is not to save the notebook again."""

    what: str
    step: str = ""


_ENCODINGS = (  # the longer marks first: UTF-32's begin with UTF-16's
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
    (codecs.BOM_UTF8, "UTF-8 with a byte order mark"),
)
_UNMARKED = (
    (re.compile(rb"\A(?:[\t\n\r -~]\0\0\0){2}|\A(?:\0\0\0[\t\n\r -~]){2}"), "UTF-32"),
    (re.compile(rb"\A(?:[\t\n\r -~]\0){2}|\A(?:\0[\t\n\r -~]){2}"), "UTF-16"),
)

_UNPACK = "unpack it, and hand in the .ipynb file itself"
_SIGNATURES = (
    (b"PK\x03\x04", Look("a zip archive or an office document", _UNPACK)),
    (b"PK\x05\x06", Look("an empty zip archive")),
    (b"\x1f\x8b", Look("a gzip archive", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Look("a 7z archive", _UNPACK)),
    (b"Rar!\x1a\x07", Look("a RAR archive", _UNPACK)),
    (b"%PDF", Look("a PDF")),
    (b"\x89PNG\r\n", Look("an image")),
    (b"\xff\xd8\xff", Look("an image")),
    (b"GIF8", Look("an image")),
    (b"\x89HDF\r\n", Look("an HDF5 file, as a saved model is")),
    (b"SQLite format 3\0", Look("a database")),
    (b"\x7fELF", Look("a program")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Look("an office document")),
    (b"{\\rtf", Look("a rich text document")),
    (
        b"version https://git-lfs.github.com/spec/",
        Look(
            "a Git LFS pointer, which stands for the notebook",
            "run `git lfs pull`, and hand in what it fetches",
        ),
    ),
)
_LINK = Look(
    "a link to a notebook, as Google Drive and browsers keep it",
    "download the notebook (File > Download > Download .ipynb), and hand that in",
)
_SCRIPT = (
    rb"#|%%?\w|!\w|@\w|import \w|from \w|def \w|class \w|if |for |while |with |try:|\"\"\"|'''"
    rb"|\w[\w.]*\s*=[^=]|\w[\w.]*\s?\("
)
_TEXTS = (
    (re.compile(rb"https?://|\[InternetShortcut\]|\[Desktop Entry\]", re.IGNORECASE), _LINK),
    (re.compile(rb"<!doctype html|<html|<!--|<head|<body|<script|<div", re.IGNORECASE), Look("an HTML page")),
    (re.compile(rb"<\?xml", re.IGNORECASE), Look("an XML document")),
    (re.compile(rb"diff --git|--- a/|Index: "), Look("a patch")),
    (re.compile(_SCRIPT), Look("a Python script")),
)
_CONFLICT = re.compile(rb"(?:<{7}|={7}|>{7}|\|{7})(?:\s|\Z)")
_LINK_NAMES = frozenset({"doc_id", "resource_id", "resource_key", "email", "url"})


def conflict(line: bytes) -> bool:
    """Whether the line is a mark that Git leaves where two versions could not be merged."""
    return _CONFLICT.match(line) is not None


def encoding(data: bytes) -> str:
    """The encoding other than plain UTF-8 that the bytes begin like; empty where they do not."""
    for mark, name in _ENCODINGS:
        if data.startswith(mark):
            return name
    return next((name for pattern, name in _UNMARKED if pattern.match(data)), "")


def binary(data: bytes) -> Look | None:
    """What files are that begin so."""
    return next((look for signature, look in _SIGNATURES if data.startswith(signature)), None)


def text(data: bytes) -> Look | None:
    """Of a text that is no JSON from its first character on."""
    beginning = data[:LOOKED_AT].lstrip()
    return next((look for pattern, look in _TEXTS if pattern.match(beginning)), None)


def json_object(names: frozenset[str]) -> Look | None:
    """Of an object with these names that is no notebook."""
    return _LINK if len(names & _LINK_NAMES) > 1 or names == {"url"} else None
