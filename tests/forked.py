"""What is tried in a forked child: what a process takes upon itself, it cannot put down again.

`waiting` is a child that has done something and waits, to be looked at.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def _wait(work: Callable[[], object], done: int) -> None:
    try:
        held = work()
        os.write(done, b"x")
        signal.pause()
        del held  # what it was that the work left, up to here
    except BaseException:  # noqa: BLE001 - as above
        traceback.print_exc()
    finally:
        os._exit(1)


@contextmanager
def waiting(work: Callable[[], object]) -> Iterator[int]:
    """A child that has done `work` and waits; its pid. It may be killed, but not collected."""
    ready, done = os.pipe()
    pid = os.fork()
    if pid == 0:
        _wait(work, done)
    os.close(done)
    try:
        assert os.read(ready, 1) == b"x"
        yield pid
    finally:
        os.close(ready)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
