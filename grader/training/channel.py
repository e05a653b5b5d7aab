"""The two pipes between a kernel and the grader, read and written without ever being kept waiting for good.

Who holds the other ends may stall in the middle of a frame, or never read what it asked for. So both ends here
do not block; where there is nothing to do, half a second passes at most until somebody looks whether the
submission's run has ended.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Iterator

from grader.errors import GraderError
from grader.linux import fcntl

BLOCK = 1024**2  # bytes
LOOK = 500  # milliseconds between looks at whether the run has ended


class ClosedError(GraderError):
    """The other end was closed in the middle of something."""


class CancelledError(GraderError):
    """The run that the pipes belong to has ended."""


class Inlet:
    """The reading end of a pipe. It is not closed here."""

    def __init__(self, descriptor: int, cancelled: threading.Event) -> None:
        self._descriptor = _prepared(descriptor)
        self._cancelled = cancelled
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def read(self, size: int) -> bytearray:
        """Exactly so many bytes, or fewer at the pipe's end."""
        data = bytearray(size)
        return data[: self._fill(memoryview(data))]

    def blocks(self, size: int) -> Iterator[memoryview]:
        """Exactly so many bytes, in pieces of one buffer: each is good until the next is asked for."""
        buffer = memoryview(bytearray(min(BLOCK, size)))
        left = size
        while left:
            block = buffer[: min(left, BLOCK)]
            if self._fill(block) < len(block):
                raise ClosedError(f"the request ended {left} bytes before its end")
            left -= len(block)
            yield block

    def _fill(self, view: memoryview) -> int:
        done = 0
        while done < len(view):
            _look(self._cancelled)
            try:
                count = os.readv(self._descriptor, [view[done:]])
            except BlockingIOError:
                self._poll.poll(LOOK)
            except OSError as error:
                raise ClosedError(f"the request could not be read: {error.strerror}") from error
            else:
                if not count:
                    break
                done += count
        return done


class Outlet:
    """The writing end of a pipe. It is not closed here."""

    def __init__(self, descriptor: int, cancelled: threading.Event) -> None:
        self._descriptor = _prepared(descriptor)
        self._cancelled = cancelled
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    def write(self, data: bytes | memoryview) -> None:
        left = memoryview(data)
        while left:
            _look(self._cancelled)
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                self._poll.poll(LOOK)
            except OSError as error:
                raise ClosedError(f"the reply could not be written: {error.strerror}") from error

    def copy(self, source: int) -> None:
        """The whole of an open file, from its beginning, wherever it stands: others may read it meanwhile."""
        place = 0
        while block := os.pread(source, BLOCK, place):
            self.write(block)
            place += len(block)


def _look(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise CancelledError("the run has ended")


def _prepared(descriptor: int) -> int:
    os.set_blocking(descriptor, False)
    with contextlib.suppress(OSError):  # no pipe, or more than this user may have: it is slower, that is all
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, BLOCK)
    return descriptor
