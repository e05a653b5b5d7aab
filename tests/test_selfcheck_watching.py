"""How a check tells which cell is running."""

from __future__ import annotations

import io
from collections import deque

import pytest
from rich.console import Console

from grader.sandbox import keeping
from grader.selfcheck import watching


def test_lines_tell_the_cell_and_how_long_it_took_so_far(capsys: pytest.CaptureFixture[str]) -> None:
    progress = watching.CellLines()
    progress.begin(1, "checking")
    progress.running("my\x1b[2J.ipynb")
    progress.cell(1, 2)
    progress.note("my.ipynb", "a remark")
    progress.done("my.ipynb", "graded, 1 of 2")
    progress.end()
    assert capsys.readouterr().err.splitlines() == [
        "my\N{REPLACEMENT CHARACTER}[2J.ipynb: starting",
        "cell 1 of 2 (0 s)",
        "my.ipynb: a remark",
        "my.ipynb: ran (0 s)",
    ]


def test_a_terminal_gets_a_bar_that_leaves_nothing_behind() -> None:
    progress = watching.CellBar()
    file = io.StringIO()
    progress._bar.live.console = Console(file=file, force_terminal=True, width=80)
    progress.begin(1, "checking")
    progress.cell(2, 3)
    progress._bar.refresh()
    assert "cell 2 of 3" in file.getvalue()
    progress.end()
    assert file.getvalue().endswith("\x1b[1A\x1b[2K")


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_cells_are_heard_of_in_a_log_however_it_is_cut(size: int) -> None:
    told: list[tuple[int, int]] = []
    log = b"a line\n\x1e1/12\nmore\x1e2/12\n\x1e99999999/1\n\x1ex/2\n" + b"y" * 5000 + b"\n\x1e12/12\nend"

    class Slow(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(size)

    tail: deque[bytes] = deque()
    keeping.drain(Slow(log), tail, lambda number, total: told.append((number, total)))
    assert told == [(1, 12), (2, 12), (12, 12)]
    assert b"".join(tail) == log
