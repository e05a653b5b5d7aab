"""What a lock lets happen, tried in a forked child: what a process takes upon itself, it cannot put down again."""

from __future__ import annotations

import errno
import json
import os
import traceback
from collections.abc import Callable
from typing import Any


def answer(act: Callable[[], Any]) -> Any:
    """What `act` returns in a child, by way of JSON; "killed by 31" where a signal ended it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _tell(act, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code < 0:
        return f"killed by {-code}"
    assert code == 0, said.decode()
    return json.loads(said)


def _tell(act: Callable[[], Any], writing: int) -> None:
    code = 1
    try:
        said = json.dumps(act())
        code = 0
    except BaseException:  # noqa: BLE001 - the child must not run on into pytest
        said = traceback.format_exc()
    with os.fdopen(writing, "w") as pipe:
        pipe.write(said)
    os._exit(code)


def outcome(attempt: Callable[[], object]) -> str:
    """The name of the error, or "done"."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"
