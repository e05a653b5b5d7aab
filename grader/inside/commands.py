"""`!command` lines of a notebook, run through a pipe.

IPython runs them in a pseudo-terminal; outside of namespaces that would be one of the host's, beside the
terminals of whoever started the grader.
"""

from __future__ import annotations

import codecs
import subprocess
import sys
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from io import BufferedReader

BLOCK = 65_536


def install() -> None:
    from ipykernel import zmqshell

    zmqshell.system = system  # type: ignore[attr-defined,assignment]  # what its `system_piped` looks up


def system(command: str) -> int:
    """The exit code; negative is the signal that ended it. What it prints is shown as it comes."""
    text = codecs.getincrementaldecoder("utf-8")("replace")
    with subprocess.Popen(  # noqa: S602 - the student's own command, in the student's own sandbox
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        output = cast("BufferedReader", process.stdout)
        while block := output.read1(BLOCK):
            sys.stdout.write(text.decode(block))
            sys.stdout.flush()
    return process.returncode
