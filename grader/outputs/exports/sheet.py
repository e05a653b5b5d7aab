"""A CSV file that somebody downloaded, in which single cells are filled in; all else stays byte for byte.

Systems are particular about their own files: quotes, line ends, a byte order mark, the number of columns. So a cell
is replaced in the text as it lies there. Bytes that are not UTF-8 are carried through as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

MOST = 64 * 2**20  # bytes
BOM = "\ufeff"
_SPECIAL = re.compile(r'[",;\t\r\n]')


@dataclass(frozen=True, slots=True)
class Cell:
    """`raw` as it stands in the file, with its quotes; `end` follows it: a delimiter, a line end, or nothing."""

    raw: str
    end: str

    @property
    def text(self) -> str:
        bare = self.raw.strip(" ")
        quoted = bare.startswith('"') and bare.endswith('"') and len(bare) > 1
        return bare[1:-1].replace('""', '"') if quoted else self.raw


@dataclass(frozen=True, slots=True)
class Sheet:
    """`lines` are records: the first is the header. `start` is the byte order mark, where there is one."""

    path: Path
    start: str
    lines: tuple[tuple[Cell, ...], ...]

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(cell.text.strip() for cell in self.lines[0])

    def text(self, line: int, column: int | None) -> str:
        """Empty where there is no such cell."""
        cells = self.lines[line]
        return cells[column].text.strip() if column is not None and column < len(cells) else ""

    def column(self, *names: str) -> int | None:
        """The first that is called so, whatever the case."""
        wanted = [name.casefold() for name in names]
        return next((n for n, name in enumerate(self.header) if name.casefold() in wanted), None)

    def filled(self, cells: Mapping[tuple[int, int], str]) -> bytes:
        """The file with these cells, by line and column, replaced."""
        text = "".join(
            _written(cells[line, place], cell.raw) + cell.end if (line, place) in cells else cell.raw + cell.end
            for line, each in enumerate(self.lines)
            for place, cell in enumerate(each)
        )
        return (self.start + text).encode("utf-8", "surrogateescape")


def _written(text: str, before: str) -> str:
    """Quoted where it must be, or where what it replaces was."""
    quoted = before.strip().startswith('"') or _SPECIAL.search(text)
    return '"' + text.replace('"', '""') + '"' if quoted else text


def read(path: Path) -> Sheet:
    """Raises UsageError where it is no such file; OSError."""
    with path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise UsageError(f"'{path}' holds more than {MOST // 2**20} MiB; expected the CSV file that was downloaded")
    text = data.decode("utf-8", "surrogateescape")
    start = BOM if text.startswith(BOM) else ""
    lines = _records(text[len(start) :])
    if not lines or not any(cell.text.strip() for cell in lines[0]):
        raise UsageError(f"'{path}' is empty; expected the CSV file that was downloaded")
    return Sheet(path, start, lines)


def _records(text: str) -> tuple[tuple[Cell, ...], ...]:
    header = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=header.count)
    pattern = re.compile(
        rf'( *+"(?:[^"]++|"")*+"[^{delimiter}\r\n]*+|[^{delimiter}\r\n]*+)({delimiter}|\r\n|\n|\r|\Z)'
    )
    lines: list[tuple[Cell, ...]] = []
    cells: list[Cell] = []
    place = 0
    while place < len(text) or cells:
        found = pattern.match(text, place)
        if found is None:  # a quote that is not closed: what follows is taken as it stands
            found = re.compile(r"(.*)(\Z)", re.DOTALL).match(text, place)
        if found is None:
            break
        cells.append(Cell(found[1], found[2]))
        place = found.end()
        if found[2] != delimiter:
            lines.append(tuple(cells))
            cells = []
    return tuple(lines)
