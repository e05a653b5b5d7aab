r"""What a terminal would show of a text: control characters carried out, escape sequences dropped.

Progress bars redraw themselves with carriage returns and runs of backspaces, and saved notebooks keep all of
it. Both only move the cursor, and what is printed next overwrites: backspaces that trail behind the last metric
erase nothing. One thing differs from a terminal: text after a carriage return replaces the whole line, lest the
last digit of a longer old state be read as the last digit of the new one ("loss: 0.4999\rloss: 0.5").
"""

from __future__ import annotations

import re

# Possessive quantifiers: no class overlaps what follows it, so nothing is ever read twice.
_ESCAPE = r"""\x1b(?:
    \[[0-?]*+[ -/]*+[@-~]?                   # CSI: colours, cursor moves
  | [\]PX^_][^\x07\x1b\n]*+(?:\x07|\x1b\\)?  # OSC and its kin: titles, links
  | [ -/]*+[0-~]                             # two-character escapes and character sets
)?"""
_DROPPED = re.compile(rf"{_ESCAPE}|[\x00-\x08\x0b-\x1f\x7f]", re.VERBOSE)
_PIECE = re.compile(
    rf"(?P<erase>\x1b\[[0-2]?K)|{_ESCAPE}|(?P<text>[^\r\x08\x1b]++)|(?P<back>\x08++)|\r++", re.VERBOSE
)
_WIDTH = 4  # bytes of a character in the row's buffer; in a list, each would take 20 times as many


def plain(text: str) -> str:
    """What stays on the screen; of text that is plain already, all of it.

    Other cursor moves, and what erases more than a line, have no effect. Control characters other than newline
    and tab are dropped.
    """
    text = text.replace("\r\n", "\n")
    if "\r" in text or "\x08" in text:
        text = "\n".join(_row(line) for line in text.split("\n"))
    return _DROPPED.sub("", text)


def _row(line: str) -> str:
    """One line after all of its redrawing."""
    if "\r" not in line and "\x08" not in line:
        return line
    row = bytearray()
    cursor: int | None = 0  # None: the next text starts the line over
    for piece in _PIECE.finditer(line):
        if piece["text"]:
            cursor = _write(row, cursor, piece["text"])
        elif piece["erase"]:
            cursor = _erase(row, cursor, piece["erase"])
        elif piece["back"]:
            cursor = cursor and max(0, cursor - _WIDTH * len(piece["back"]))
        elif piece[0].startswith("\r"):
            cursor = None
    return row.decode("utf-32-le", "surrogatepass")


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
