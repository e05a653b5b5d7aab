"""The kernel's standard streams and sockets, as ipykernel has them, but for five things.

No TCP: ipykernel binds a pipe on it for the output of forked children, whatever the transport is. No loss: a
publisher drops what its reader has not taken in time, the word that a cell has ended as well; ours waits.
Pieces: a loop that prints without end fills one message with megabytes, of which no part could be kept alone.
Patience: whoever prints faster than it is taken away waits, rather than filling the kernel's memory. And
children: a forked child holds copies of locks and sockets that nobody tends any more, so it writes to the
descriptors that the kernel watches instead.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.kernelapp import IPKernelApp

PIECE = 16_384  # characters of one message
UNSENT = 1024**2  # characters that may wait to be sent
DESCRIPTORS = {"stdout": 1, "stderr": 2}


class Publisher(IOPubThread):  # type: ignore[misc]  # ipykernel's classes are Any to mypy
    def __init__(self, socket: Any, **settings: Any) -> None:
        socket.setsockopt(zmq.XPUB_NODROP, 1)
        super().__init__(socket, **(settings | {"pipe": False}))  # type: ignore[no-untyped-call]  # as ipykernel has it

    def schedule(self, f: Callable[[], object]) -> None:
        """At once in the thread itself: to itself it would send through a pipe that only it empties."""
        if threading.current_thread() is self.thread:
            f()
        else:
            super().schedule(f)  # type: ignore[no-untyped-call]  # as ipykernel has it


class App(IPKernelApp):  # type: ignore[misc]  # traitlets' classes are Any to mypy
    def init_control(self, context: Any) -> None:
        """Without the debugger's connection to the kernel's own socket: connecting may be forbidden."""
        bound = self.shell_socket
        self.shell_socket = SimpleNamespace(getsockopt=lambda _: b"")
        try:
            super().init_control(context)  # type: ignore[no-untyped-call]  # as ipykernel has it
        finally:
            self.shell_socket = bound


def install(most: int) -> None:
    """`most` is how many characters of one text are taken: more than the limit on output in any case."""
    vars(kernelapp)["IOPubThread"] = Publisher
    _send_in_pieces()
    _wait_when_full(most)
    _leave_to_descriptors()


def _send_in_pieces() -> None:
    taken: Any = OutStream._flush_buffers  # noqa: SLF001 - the place where texts become messages

    def in_pieces(stream: OutStream) -> Iterator[tuple[Any, str]]:
        for parent, text in taken(stream):
            yield from ((parent, text[begin : begin + PIECE]) for begin in range(0, len(text), PIECE))

    OutStream._flush_buffers = in_pieces  # type: ignore[method-assign]  # noqa: SLF001 - as above


def _wait_when_full(most: int) -> None:
    write: Any = OutStream.write
    unsent: dict[int, int] = {}

    def written(stream: OutStream, text: str) -> int:
        count: int = write(stream, text[:most])
        unsent[id(stream)] = unsent.get(id(stream), 0) + count
        if unsent[id(stream)] > UNSENT:
            unsent[id(stream)] = 0
            stream.flush()
        return len(text)

    OutStream.write = written  # type: ignore[method-assign,assignment]


def _leave_to_descriptors() -> None:
    kernel = os.getpid()
    write: Any = OutStream.write
    flush: Any = OutStream.flush

    def written(stream: OutStream, text: str) -> int:
        if os.getpid() == kernel:
            return int(write(stream, text))
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            data = data[os.write(DESCRIPTORS[stream.name], data) :]
        return len(text)

    def flushed(stream: OutStream) -> None:
        if os.getpid() == kernel:
            flush(stream)

    OutStream.write = written  # type: ignore[method-assign,assignment]
    OutStream.flush = flushed  # type: ignore[method-assign]
