"""Runs cells in a kernel of ours with nbclient's understanding of messages, and counts what they show.

nbclient by itself lets a notebook rewrite its past (clear_output, update_display) and hide output in
widgets; here what was shown first stays. Its own loop can be kept waiting by a kernel that floods it or
falls silent, so the loop is ours: it looks at both sockets, and at the kernel's process, all the time. A
kernel can forge any message; that a cell was told to be done earns nothing by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from .kernels import Kernel
from .shown import OutputLimits, Shown
from .wire import HungUpError, TooLargeError, Wire

OUTPUT_TYPES = {"stream", "display_data", "execute_result", "error"}
LOOK = 0.5  # seconds between looks at whether the kernel lives
IDLE = 10.0  # seconds after the reply, for the rest of what a cell showed
AFTERMATH = 2.0  # seconds for what a dead kernel had sent


class Client(NotebookClient):  # type: ignore[misc]  # nbclient is typed, traitlets' classes are Any to mypy
    """`flooded` says that the kernel must be ended, `requests` which cell each request ran."""

    def __init__(self, notebook: NotebookNode, kernel: Kernel, limits: OutputLimits) -> None:
        super().__init__(notebook, record_timing=False)
        self.kernel = kernel
        self.shown = Shown(limits)
        self.too_large = False
        self.requests: dict[str, int] = {}

    @property
    def flooded(self) -> bool:
        return self.too_large or self.shown.flooded

    def start(self) -> None:
        """Start kernel and channels; NotReadyError where the kernel does not answer."""
        self.kernel.start(cell.source for cell in self.nb.cells if cell.cell_type == "code")
        self.wire = Wire(self.kernel.client(), self.shown.limits.bytes)
        self.wire.wait(self.kernel.lives)

    def run_cell(self, index: int) -> None:
        """CellExecutionError where the cell raised, DeadKernelError, HungUpError, or what forged messages cause."""
        cell = self.nb.cells[index]
        cell.outputs = []
        if not cell.source.strip():
            return
        request = self.wire.client.execute(cell.source, allow_stdin=False)
        self.requests[request] = index
        try:
            reply = self._attend(request, cell, index)
        except TooLargeError:
            self.too_large = True
            return
        if reply and reply["content"]["status"] == "error":
            raise CellExecutionError.from_cell_and_msg(cell, reply["content"])

    def _attend(self, request: str, cell: NotebookNode, index: int) -> dict[str, Any] | None:
        """Until the cell is done: its reply; None where what it shows is too much."""
        reply, idle, until = None, False, float("inf")
        while not (reply and idle) and time.monotonic() < until:
            alive = self.kernel.lives()
            for channel, message in self._received():
                self.shown.count()
                ours = message["parent_header"].get("msg_id") == request
                if channel == "iopub":
                    idle = (ours and self._take(message, cell, index)) or idle
                elif ours and message["msg_type"] == "execute_reply":
                    reply, until = message, time.monotonic() + IDLE
                if self.flooded:
                    return None
            if not alive and until == float("inf"):
                until = time.monotonic() + AFTERMATH
        if reply is None:
            raise DeadKernelError("the kernel is gone")
        return reply

    def _received(self) -> Iterator[tuple[str, dict[str, Any]]]:
        try:
            yield from self.wire.receive(LOOK)
        except HungUpError:
            if self.kernel.lives():
                raise
            raise DeadKernelError("the kernel is gone") from None

    def _take(self, message: dict[str, Any], cell: NotebookNode, index: int) -> bool:
        """Whether this is the end of the cell."""
        try:
            self.process_message(message, cell, index)
        except CellExecutionComplete:
            return True
        return False

    def output(self, _outs: object, msg: dict[str, Any], _display_id: object, cell_index: int) -> None:
        if msg["msg_type"] in OUTPUT_TYPES:
            self.shown.add(cell_index, _plain_stream(msg) or output_from_msg(msg))

    def excess(self) -> str:
        """What was too much, for the student."""
        if self.too_large:
            return f"the notebook sent a message of more than {self.shown.limits.bytes} bytes"
        return self.shown.excess()

    def finish(self) -> None:
        """Put what was shown into the notebook."""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type == "code":
                cell.outputs = self.shown.of_cell(index)

    def end(self) -> None:
        if hasattr(self, "wire"):
            self.wire.close()
        self.kernel.end()

    def clear_output(self, _outs: object, _msg: object, _cell_index: int) -> None:
        """Keep what was shown."""

    def handle_comm_msg(self, _outs: object, _msg: object, _cell_index: int) -> None:
        """Widgets show nothing here, and catch no output."""

    def _update_display_id(self, _display_id: object, _msg: object) -> None:
        """Keep what was shown first."""


def _plain_stream(msg: dict[str, Any]) -> NotebookNode | None:
    """Without nbformat's validation, which costs most of a message's time: a loop can print thousands."""
    name, text = msg["content"].get("name"), msg["content"].get("text")
    if msg["msg_type"] != "stream" or name not in ("stdout", "stderr") or not isinstance(text, str):
        return None
    return NotebookNode(output_type="stream", name=name, text=text)
