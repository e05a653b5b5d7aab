"""Has an executed notebook made into a page, in a process that can be ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MOST_REASON = 300


def render(source: Path, destination: Path, timeout: float = 60.0) -> str:
    """Write the page for `source` to `destination`; '' or the reason why there is none. `timeout` in seconds.

    The process limits its own memory, CPU and output before it reads, and nothing of the notebook comes into ours.
    Raises OSError if it cannot be started.
    """
    # -I: neither the current folder nor the environment may add modules to a process that reads hostile files;
    # and as notebooks may have run with this account, it takes no templates from the home folder either.
    command = [
        sys.executable,
        "-I",
        "-m",
        "grader.report.notebook_html",
        str(source.absolute()),
        str(destination.absolute()),
    ]
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            return f"no page was made in {timeout:g} seconds"
        finally:
            _end(process)
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - 10 * _MOST_REASON))
        return _reason(process.returncode, errors.read())


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
    return {**kept, "HOME": "/nonexistent"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of it is left, whether it ended, ran out of time, or we were interrupted."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _reason(code: int, errors: bytes) -> str:
    if code == 0:
        return ""
    if code < 0:
        return f"the page's process was ended by signal {signal.Signals(-code).name}"
    lines = errors.decode("utf-8", "replace").strip().splitlines() or ["no reason was given"]
    return "".join(character if character.isprintable() else " " for character in lines[-1][:_MOST_REASON])
