"""The harness' end of the kernel's sockets: Unix sockets only, and no message larger than it may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from zmq.utils.monitor import parse_monitor_message

WAITING = 64  # messages that may queue up unread; each can be as large as a message may be
OVERHEAD = 1024**2  # bytes of a message around what it shows
RECONNECT = 3.0  # seconds in which libzmq tries to make a connection anew that its other end has closed
STARTUP = 120.0  # seconds for a kernel to answer at all
PATIENCE = 2.0  # seconds for an answer before the kernel is asked again
SUBSCRIBED = 0.05  # seconds after its answer for the word on the other socket, which may not be listening yet
TRY_TO_CONNECT = 5  # milliseconds between attempts, of a kernel that has just begun
AT_ONCE = 200  # messages that are taken from a socket before the others are looked at


class TooLargeError(Exception):
    """A message was larger than any may be: libzmq then breaks the connection for good."""


class HungUpError(Exception):
    """The kernel lives, but has closed its sockets."""


class NotReadyError(Exception):
    """The kernel ended before it answered, or did not answer in time."""


class Wire:
    """`receive` gives messages with the channel they came by; it raises where the connection is no more."""

    def __init__(self, client: BlockingKernelClient, largest: int) -> None:
        self.client = client
        client.context = zmq.Context()
        client.context.setsockopt(zmq.MAXMSGSIZE, largest + OVERHEAD)  # defaults of the sockets to come
        client.context.setsockopt(zmq.RCVHWM, WAITING)
        client.context.setsockopt(zmq.RECONNECT_IVL, TRY_TO_CONNECT)
        client.start_channels(stdin=False, hb=False, control=False)
        self._sockets = {"shell": client.shell_channel.socket, "iopub": client.iopub_channel.socket}
        self._monitors = [socket.get_monitor_socket() for socket in self._sockets.values()]
        self._poller = zmq.Poller()
        for socket in (*self._sockets.values(), *self._monitors):
            self._poller.register(socket, zmq.POLLIN)
        self._broken: float | None = None
        self._retried = False

    def wait(self, lives: Callable[[], bool]) -> None:
        """Until the kernel has answered on both sockets, so that nothing is lost from then on."""
        until = time.monotonic() + STARTUP
        while not self._answered(self.client.kernel_info(), lives):
            if not lives():
                raise NotReadyError("the kernel ended before it answered")
            if time.monotonic() > until:
                raise NotReadyError(f"the kernel did not answer within {STARTUP:g} s")

    def _answered(self, request: str, lives: Callable[[], bool]) -> bool:
        heard: set[str] = set()
        until = time.monotonic() + PATIENCE
        while heard != {"shell", "iopub"} and lives() and (left := until - time.monotonic()) > 0:
            for name, message in self.receive(left):
                if message["parent_header"].get("msg_id") == request:
                    heard.add(name)
                    until = min(until, time.monotonic() + SUBSCRIBED)
        return heard == {"shell", "iopub"}

    def receive(self, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """What has arrived, or arrives within `seconds`. Any exception may come of a forged message."""
        ready = dict(self._poller.poll(int(seconds * 1000)))
        for name, socket in self._sockets.items():
            if socket in ready:
                yield from ((name, self._deserialized(parts)) for parts in _queued(socket))
        for monitor in self._monitors:
            if monitor in ready:
                self._note(parse_monitor_message(monitor.recv_multipart())["event"])
        if self._broken is not None and time.monotonic() - self._broken > RECONNECT:
            raise HungUpError if self._retried else TooLargeError

    def _deserialized(self, parts: list[bytes]) -> dict[str, Any]:
        _, frames = self.client.session.feed_identities(parts)
        return dict(self.client.session.deserialize(frames))

    def _note(self, event: int) -> None:
        if event == zmq.EVENT_DISCONNECTED:
            self._broken, self._retried = time.monotonic(), False
        elif event == zmq.EVENT_CONNECT_RETRIED:
            self._retried = True
        elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._broken = None

    def close(self) -> None:
        for socket in self._sockets.values():
            socket.disable_monitor()
            socket.close(linger=0)
        for monitor in self._monitors:
            monitor.close(linger=0)


def _queued(socket: zmq.Socket[bytes]) -> Iterator[list[bytes]]:
    for _ in range(AT_ONCE):
        try:
            yield socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return


def errors_of(run: str) -> str:
    """What the kernel wrote to stderr, for a kernel that does not start."""
    log = Path(run, "kernel.log")
    return log.read_text("utf-8", "replace")[-2000:] if log.exists() else ""
