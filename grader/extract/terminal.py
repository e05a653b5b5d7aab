r"""What a terminal would show of a text: control characters carried out, escape sequences dropped.

Progress bars redraw themselves with carriage returns and runs of backspaces, and saved notebooks keep all of
it. Both only move the cursor, and what is printed next overwrites: backspaces that trail behind the last metric
erase nothing. One thing differs from a terminal: text after a carriage return replaces the whole line, lest the
last digit of a longer old state be read as the last digit of the new one ("loss: 0.4999\rloss: 0.5").
"""

from __future__ import annotations

import re
from io import StringIO

# Possessive quantifiers: no class overlaps what follows it, so nothing is ever read twice.
_ESCAPE = r"""\x1b(?:
    \[[0-?]*+[ -/]*+[@-~]?                   # CSI: colours, cursor moves
  | [\]PX^_][^\x07\x1b\n]*+(?:\x07|\x1b\\)?  # OSC and its kin: titles, links
  | [ -/]*+[0-~]                             # two-character escapes and character sets
)?"""
_DROPPED = re.compile(rf"{_ESCAPE}|[\x00-\x08\x0b-\x1f\x7f]", re.VERBOSE)
_ERASE = r"\x1b\[[0-2]?K"
_MOVELESS = re.compile(rf"(?!{_ERASE}){_ESCAPE}", re.VERBOSE)
_UNWRITTEN = re.compile(rf"(?:[\r\x08]|{_ERASE})*+")
_PIECE = re.compile(rf"(?P<erase>{_ERASE})|(?P<text>[^\r\x08\x1b]++)|(?P<back>\x08++)|\r++")
_WIDTH = 4  # bytes of a character in the row's buffer; in a list, each would take 20 times as many


def plain(text: str) -> str:
    """What stays on the screen; of text that is plain already, all of it.

    Other cursor moves, and what erases more than a line, have no effect. Control characters other than newline
    and tab are dropped.
    """
    text = text.replace("\r\n", "\n")
    if "\r" in text or "\x08" in text:
        text = _redrawn(text)
    return _without(_DROPPED, text)


def _without(pattern: re.Pattern[str], text: str) -> str:
    """`pattern.sub("", text)` in little memory: that one holds all pieces between two matches at once."""
    kept, at = None, 0
    for found in pattern.finditer(text):
        kept = kept or StringIO()
        kept.write(text[at : found.start()])
        at = found.end()
    if kept is None:
        return text
    kept.write(text[at:])
    return kept.getvalue()


def _redrawn(text: str) -> str:
    """Line by line, as a list of lines can take twenty times the memory of their text."""
    rows = StringIO()
    for line in StringIO(text, newline="\n"):
        rows.write(_row(line.removesuffix("\n")))
        rows.write("\n" * line.endswith("\n"))
    return rows.getvalue()


def _row(line: str) -> str:
    """One line after all of its redrawing."""
    if "\r" not in line and "\x08" not in line:
        return line
    line = _without(_MOVELESS, line) if "\x1b" in line else line
    row = bytearray()
    cursor: int | None = 0  # None: the next text starts the line over
    for piece in _PIECE.finditer(line, _last_start(line)):
        if piece["text"]:
            cursor = _write(row, cursor, piece["text"])
        elif piece["erase"]:
            cursor = _erase(row, cursor, piece["erase"])
        elif piece["back"]:
            cursor = cursor and max(0, cursor - _WIDTH * len(piece["back"]))
        elif piece[0].startswith("\r"):
            cursor = None
    return row.decode("utf-32-le", "surrogatepass")


def _last_start(line: str) -> int:
    """The last carriage return with text behind it: a bar of a thousand states is drawn from the last one."""
    end = len(line)
    while (start := line.rfind("\r", 0, end)) >= 0:
        unwritten = _UNWRITTEN.match(line, start, end)
        if unwritten is None or unwritten.end() < end:
            return start
        end = start
    return 0


def _write(row: bytearray, cursor: int | None, text: str) -> int:
    cells = text.encode("utf-32-le", "surrogatepass")
    if cursor is None:
        row[:] = cells
        return len(cells)
    row[cursor : cursor + len(cells)] = cells
    return cursor + len(cells)


def _erase(row: bytearray, cursor: int | None, sequence: str) -> int | None:
    """Erase in line. A whole line goes with the cursor: to fill up to its place again could take squared time."""
    if cursor is None or sequence == "\x1b[2K":
        row.clear()
        return None
    if sequence != "\x1b[1K":
        del row[cursor:]
    return cursor
