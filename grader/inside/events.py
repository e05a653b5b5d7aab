"""The probe's way out of the kernel: JSON lines, appended to one bounded file."""

from __future__ import annotations

import json
import os
from typing import Any

MAX_BYTES = 2 * 1024**2


class Events:
    """`request` is the message id of the cell that runs now, by which the harness finds its number."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._written = 0
        self._shell: Any = None

    def follow(self, shell: Any) -> None:
        self._shell = shell

    def emit(self, event: str, **facts: Any) -> None:
        line = json.dumps({"event": event, "request": self.request(), **facts}).encode() + b"\n"
        self._written += len(line)
        if self._written <= MAX_BYTES:
            os.write(self._descriptor, line)

    def request(self) -> str:
        parent = self._shell.get_parent() if self._shell is not None else {}
        return str(parent.get("header", {}).get("msg_id", ""))
