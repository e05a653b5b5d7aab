"""Where an error was raised, in lines of the student's own cells; what lies deeper is Python's and libraries'."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from .lines import leading_blank_lines

NOWHERE = ("", 0)


class Places:
    """The files that cells are compiled from; by the message ids of the requests that ran them."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._cells: dict[str, tuple[str, int]] = {}

    def remember(self, request: str, source: str) -> None:
        """IPython names the file of a cell by its text, so equal cells have one; the last one speaks for them."""
        name = self._shell.compile.get_code_name(source, source, self._shell.execution_count)
        self._cells[name] = (request, leading_blank_lines(source))

    def innermost(self, traceback: TracebackType | None) -> tuple[str, int]:
        """The request and the line, from 1, of the last call that a cell's code made, be it in a function of it."""
        found = NOWHERE
        while traceback is not None:
            request, blank = self._cells.get(traceback.tb_frame.f_code.co_filename, NOWHERE)
            found = (request, traceback.tb_lineno + blank) if request else found
            traceback = traceback.tb_next
        return found


def error_line(traceback: TracebackType | None, namespace: dict[str, Any], source: str) -> int:
    """The line of `source` at which the cell's own code stopped, from 1.

    IPython drops leading blank lines before it compiles, and a cell magic runs the rest of the cell as
    code of its own, whose lines count from the one after the magic. Code that the cell hands to `exec`
    stands further down in the traceback, with lines of its own.
    """
    lines = []
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals is namespace and frame.f_code.co_name == "<module>":
            lines.append(traceback.tb_lineno)
        traceback = traceback.tb_next
    if not lines:
        return 0
    blank = leading_blank_lines(source)
    if source.lstrip().startswith("%%") and len(lines) > 1:
        body = source.lstrip().partition("\n")[2]
        return int(lines[1]) + leading_blank_lines(body) + blank + 1
    return int(lines[0]) + blank
