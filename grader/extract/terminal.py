"""What a terminal would show of a text: control characters carried out, escape sequences dropped.

Progress bars redraw themselves with carriage returns and runs of backspaces, and saved notebooks keep all of
it. As on a terminal, both only move the cursor and what is printed next overwrites: backspaces that trail
behind the last metric erase nothing, and a bar that was redrawn 500 times leaves its last state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Possessive quantifiers: no class overlaps what follows it, so nothing is ever read twice.
_ESCAPE = r"""\x1b(?:
    \[[0-?]*+[ -/]*+[@-~]?             # CSI: colours, cursor moves
  | [\]PX^_][^\x07\x1b\n]*+(?:\x07|\x1b\\)?  # OSC and its kin: titles, links
  | [ -/]*+[0-~]                       # two-character escapes and character sets
)?"""
_STRIPPED = re.compile(rf"{_ESCAPE}|[\x00-\x08\x0b-\x1f\x7f]", re.VERBOSE)
_MOVE = re.compile(
    rf"(?P<move>\r++|\x08++)|(?P<erase>\x1b\[[0-2]?K)|(?P<text>[^\r\x08\x1b]++)|{_ESCAPE}", re.VERBOSE
)
_WIDTH = 4  # bytes a character takes in the row buffer: a list of characters takes 20 times as much


def plain(text: str) -> str:
    """Of `text`, what stays on the screen. `plain(plain(text)) == plain(text)`.

    Cursor moves other than carriage return and backspace, and what erases more than a line, have no effect;
    control characters other than newline and tab are dropped.
    """
    text = text.replace("\r\n", "\n")
    if "\r" in text or "\x08" in text:
        text = "\n".join(_row(line) for line in text.split("\n"))
    return _STRIPPED.sub("", text)


def _row(line: str) -> str:
    """One line after all of its redrawing."""
    if "\r" not in line and "\x08" not in line:
        return line
    row = bytearray()
    cursor = 0
    for kind, piece in _pieces(line):
        match kind:
            case "text":
                cells = piece.encode("utf-32-le", "surrogatepass")
                row[cursor : cursor + len(cells)] = cells
                cursor += len(cells)
            case "erase":
                cursor = _erase(row, cursor, piece)
            case "move":
                cursor = 0 if piece[0] == "\r" else max(0, cursor - _WIDTH * len(piece))
    return row.decode("utf-32-le", "surrogatepass")


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    for found in _MOVE.finditer(line):
        if found.lastgroup:
            yield found.lastgroup, found.group()


def _erase(row: bytearray, cursor: int, sequence: str) -> int:
    """Erase in line. A whole line goes with the cursor: padding it back to its place could cost squared time."""
    if sequence == "\x1b[2K":
        row.clear()
        return 0
    if sequence != "\x1b[1K":
        del row[cursor:]
    return cursor
