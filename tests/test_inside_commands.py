"""Shell lines of a notebook: what they print, when, and how they end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from grader.inside import commands


class Shown:
    """A standard output that notes what is flushed, and when."""

    def __init__(self) -> None:
        self.pieces: list[tuple[float, str]] = []
        self.unsent = ""

    def write(self, text: str) -> None:
        self.unsent += text

    def flush(self) -> None:
        self.pieces.append((time.monotonic(), self.unsent))
        self.unsent = ""

    def system(self, command: str) -> int:
        """Not by a fixture: pytest sets the standard output anew when a test begins."""
        with redirect_stdout(self):  # type: ignore[type-var]  # it writes and flushes, which is all that is asked of it
            return commands.system(command)

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.pieces) + self.unsent


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.mark.parametrize(
    ("command", "code", "text"),
    [
        ("true", 0, ""),
        ("echo one; echo two >&2; echo three", 0, "one\ntwo\nthree\n"),
        ("echo last words; exit 3", 3, "last words\n"),
        ("kill -9 $$", -9, ""),
        ("exec 2>/dev/null; no-such-program", 127, ""),
        ("cat", 0, ""),  # nobody types anything
        ("printf 'no line end'", 0, "no line end"),
        (r"printf 'a\0b\377c'", 0, "a\0b\ufffdc"),
        (r"printf 'half \303'", 0, "half \ufffd"),
        (r"printf '\342\202'; sleep 0.2; printf '\254'", 0, "\u20ac"),
    ],
)
def test_what_a_command_prints_is_shown_and_its_exit_code_told(
    shown: Shown, command: str, code: int, text: str
) -> None:
    assert (shown.system(command), shown.text) == (code, text)


def test_characters_that_lie_across_blocks_are_whole(shown: Shown) -> None:
    count = commands.BLOCK  # of three bytes each, which no block is a multiple of
    program = f"import sys; sys.stdout.buffer.write('\u20ac'.encode() * {count})"
    assert shown.system(f'{sys.executable} -c "{program}"') == 0
    assert shown.text == "\u20ac" * count


def test_lines_are_shown_as_they_come(shown: Shown) -> None:
    shown.system("echo early; sleep 0.5; echo late")
    (early, first), (late, second) = shown.pieces
    assert (first, second) == ("early\n", "late\n")
    assert late - early > 0.4


def test_a_program_that_is_left_running_is_not_waited_for(shown: Shown, tmp_path: Path) -> None:
    began = time.monotonic()
    code = shown.system(f"sleep 30 & echo $! > {tmp_path}/pid; echo started")
    try:
        assert (code, shown.text) == (0, "started\n")
        assert time.monotonic() - began < 5.0
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 9)


def test_all_that_was_printed_before_the_end_is_shown(shown: Shown) -> None:
    shown.system("head -c 1000000 /dev/zero | tr '\\0' x")
    assert shown.text == "x" * 1_000_000


def test_a_command_whose_output_cannot_be_shown_does_not_go_on_for_ever(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> None:
        raise OSError("full")

    monkeypatch.setattr(shown, "write", full)
    before = open_files()
    began = time.monotonic()
    with pytest.raises(OSError, match="full"):
        shown.system("timeout 20 yes")
    assert time.monotonic() - began < 5.0
    assert open_files() == before


def open_files() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def test_ipython_runs_its_shell_lines_so(tmp_path: Path) -> None:
    program = (
        "from grader.inside import commands; commands.install()\n"
        "from ipykernel.zmqshell import ZMQInteractiveShell\n"
        "shell = ZMQInteractiveShell.instance()\n"
        "for line in ('test -t 1; echo terminal: $?', 'exit 5', 'kill -9 $$'):\n"
        "    shell.run_cell('!' + line)\n"
        "    print(shell.user_ns['_exit_code'])\n"
    )
    environment = os.environ | {"IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["terminal: 1", "0", "5", "-9"]
