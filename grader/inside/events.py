"""The probe's way out of the kernel: JSON lines, appended to one bounded file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MAX_BYTES = 2 * 1024**2


class Events:
    """`request` is the message id of the cell that runs now, by which the harness finds its number."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - the kernel's end closes it
        self._written = 0
        self._shell: Any = None

    def follow(self, shell: Any) -> None:
        self._shell = shell

    def emit(self, event: str, **facts: Any) -> None:
        line = json.dumps({"event": event, "request": self.request(), **facts}).encode() + b"\n"
        self._written += len(line)
        if self._written <= MAX_BYTES:
            self._file.write(line)

    def request(self) -> str:
        parent = self._shell.get_parent() if self._shell is not None else {}
        return str(parent.get("header", {}).get("msg_id", ""))
