"""What a handed-in notebook shows below its cells: plain text, bounded, to be compared with what a run shows.

The text is put together as `evidence.shown_text` does it with a run's own outputs. Nothing in it says what ran.
Only its beginning is kept, and outputs in other shapes than Jupyter's show nothing.
"""

from __future__ import annotations

from .pull import Reader

MAX_CELL = 64 * 1024  # characters
MAX_NOTEBOOK = 1024**2  # characters
MAX_OUTPUTS = 2_000  # of one cell that are looked into
CUT = "…"

_LONGEST_CHARACTER = 12  # bytes: two escapes of six
_MAX_WORD = 100  # bytes of a name such as "display_data"
_OBJECTS = frozenset({"display_data", "execute_result", "pyout"})  # the last is nbformat 3's


class Shelf:
    """Takes the saved text of one cell after another, until the notebook's share is used up."""

    def __init__(self) -> None:
        self._room = MAX_NOTEBOOK

    def take(self, reader: Reader) -> str:
        """The text of the list of outputs that `reader` stands before; cut where it says so with "…"."""
        if not reader.sees("["):
            return ""
        most = min(MAX_CELL, self._room)
        text = _shown(reader, most)
        self._room -= min(len(text), most)
        return text.encode("utf-8", "replace").decode("utf-8")


def _shown(reader: Reader, most: int) -> str:
    text, whole = "", True
    for number in reader.elements():
        whole = len(text) <= most and number <= MAX_OUTPUTS
        if whole and reader.sees("{"):
            text += _output(reader, most + 1 - len(text))
    return text if whole and len(text) <= most else text[:most] + CUT


def _output(reader: Reader, most: int) -> str:
    """One output's text, of which `most` characters are enough."""
    kind = stream = text = plain = ""
    for name in reader.members():
        match name:
            case "output_type":
                kind = str(reader.value(_MAX_WORD))
            case "name" | "stream":  # the second is nbformat 3's
                stream = str(reader.value(_MAX_WORD))
            case "text":
                text = _head(reader, most)
            case "data" if reader.sees("{"):
                for mime in reader.members():
                    plain = _head(reader, most) if mime == "text/plain" else plain
            case _:
                pass
    if kind in _OBJECTS:
        return (plain or text) + "\n"
    return text if kind == "stream" and stream == "stdout" else ""


def _head(reader: Reader, most: int) -> str:
    """Of a text, or a list of its lines, the first `most` characters; nothing of other values."""
    if reader.sees('"'):
        return reader.string_head(most * _LONGEST_CHARACTER + 2)[:most]
    if not reader.sees("["):
        return ""
    lines = Reader(reader.data, reader.at)
    reader.skip()
    text = ""
    for number in lines.elements():
        if len(text) >= most or number > most:
            break
        text += _head(lines, most - len(text)) if lines.sees('"') else ""
    return text
