"""The kernel's standard streams, as ipykernel has them, but for three things.

No TCP: ipykernel binds a pipe on it for the output of forked children, whatever the transport is. Pieces: a
loop that prints without end fills one message with megabytes, of which no part could be kept alone. And
patience: whoever prints faster than it is taken away waits, rather than filling the kernel's memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread, OutStream

PIECE = 16_384  # characters of one message
UNSENT = 1024**2  # characters that may wait to be sent


def install(most: int) -> None:
    """`most` is how many characters of one text are taken: more than the limit on output in any case."""
    vars(kernelapp)["IOPubThread"] = _without_pipe
    _send_in_pieces()
    _wait_when_full(most)


def _without_pipe(socket: Any, **settings: Any) -> IOPubThread:
    return IOPubThread(socket, **(settings | {"pipe": False}))


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
