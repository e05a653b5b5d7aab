"""`!command` lines of a notebook, run through a pipe.

IPython runs them in a pseudo-terminal; outside of namespaces that would be one of the host's, beside the
terminals of whoever started the grader.
"""

from __future__ import annotations

import codecs
import os
import select
import subprocess
import sys
from collections.abc import Callable

BLOCK = 65_536
LOOK = 100  # milliseconds between looks at whether the shell lives; a program that it leaves may hold the pipe


def install(rewritten: Callable[[str], str] = str) -> None:
    """`rewritten` says what is run for a line of the notebook."""
    from ipykernel import zmqshell

    def run(command: str) -> int:
        return system(rewritten(command))

    zmqshell.system = run  # type: ignore[attr-defined,assignment]  # what its `system_piped` looks up


def system(command: str) -> int:
    """The exit code; negative is the signal that ended it. What it prints is shown as it comes."""
    text = codecs.getincrementaldecoder("utf-8")("replace")
    reading, writing = os.pipe()
    with subprocess.Popen(  # noqa: S602 - the student's own command, in the student's own sandbox
        command, shell=True, stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.STDOUT
    ) as shell:
        os.close(writing)
        try:
            while block := _read(reading, shell):
                _show(text.decode(block))
        finally:
            os.close(reading)  # which ends who goes on printing, where showing it is no longer possible
    _show(text.decode(b"", final=True))
    return shell.returncode


def _read(pipe: int, shell: subprocess.Popen[bytes]) -> bytes:
    """Empty as soon as the shell has ended and all is read, as in a terminal, whoever else could still write."""
    if hasattr(select, "poll"):  # Windows has none for pipes: there, who goes on printing is waited for
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while not poll.poll(LOOK):
            if shell.poll() is not None and not poll.poll(0):
                return b""
    return os.read(pipe, BLOCK)


def _show(text: str) -> None:
    if text:
        sys.stdout.write(text)
        sys.stdout.flush()
