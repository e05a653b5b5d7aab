"""Has executed notebooks made into pages, each in a process of its own that can be ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 60.0  # seconds for one page


class Pages:
    """Safe for several threads at once. What makes the pages starts with the first, and ends with `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, source: Path, destination: Path, timeout: float = LONGEST) -> str:
        """Write the page for `source` to `destination`; '' or the reason why there is none. `timeout` in seconds.

        The process limits its own memory, CPU and output before it reads, and nothing of the notebook comes into
        ours. Raises OSError if it cannot be started.
        """
        request = [str(source.absolute()), str(destination.absolute()), timeout]
        with self._lock:
            process = self._started()
            if process.stdin is None or process.stdout is None:
                raise OSError("the process that makes pages has no pipes")
            try:
                process.stdin.write(json.dumps(request).encode() + b"\n")
                answer = process.stdout.readline()
            except BrokenPipeError:
                answer = b""
            if not answer:
                self._end()
                return "the process that makes pages has ended"
        return _shown(str(json.loads(answer)))

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            # -I: neither the current folder nor the environment may add modules to a process that reads hostile
            # files; and as notebooks may have run with this account, it takes no templates from the home folder.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "grader.report.notebook_html"],
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()  # at which it ends
            self._process.wait()
            self._process = None

    def close(self) -> None:
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        """Start at once: its imports take most of a second, in which there is no page to be made yet."""
        with self._lock:
            self._started()
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
    return {**kept, "HOME": "/nonexistent"}


def _shown(reason: str) -> str:
    return "".join(character if character.isprintable() else " " for character in reason)
