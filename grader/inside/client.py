"""Runs cells in a kernel of ours with nbclient, counting what they show.

nbclient by itself lets a notebook rewrite its past (clear_output, update_display) and hide output in
widgets; here what was shown first stays. It also obeys tags of the cells, which `notebook` has removed.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

OUTPUT_TYPES = {"stream", "display_data", "execute_result", "error"}


@dataclass(frozen=True)
class OutputLimits:
    bytes: int
    messages: int


def kernel_manager(job_file: str, run: str) -> AsyncKernelManager:
    start = str(Path(__file__).with_name("start.py"))
    manager = AsyncKernelManager(transport="ipc", ip=f"{run}/kernel", connection_file=f"{run}/connection.json")
    manager._kernel_spec = KernelSpec(  # noqa: SLF001 - jupyter_client finds specs by name only
        argv=[sys.executable, "-P", start, "student", job_file, "{connection_file}"],
        language="python",
        display_name="grader",
    )
    return manager


class Client(NotebookClient):  # type: ignore[misc]  # nbclient is typed, traitlets' classes are Any to mypy
    """`shown` counts the bytes of all outputs; over `output_limit` the rest is dropped and `flooded` is set."""

    def __init__(self, notebook: NotebookNode, manager: AsyncKernelManager, limits: OutputLimits) -> None:
        super().__init__(
            notebook,
            km=manager,
            timeout=None,
            startup_timeout=120,
            iopub_timeout=10,
            allow_errors=False,
            store_widget_state=False,
        )
        self.manager = manager
        self.output_limit = limits.bytes
        self.over = False
        self.shown = 0
        self.flooded = False
        self.requests: dict[str, int] = {}  # message id of an execute request -> index of its cell

    async def start(self, work: str) -> None:
        """Start kernel and channels; nbclient's own set-up would install signal handlers as well."""
        await self.manager.start_kernel(cwd=work, env=dict(os.environ))
        self.kc = self.manager.client()
        self.kc.start_channels()
        await self.kc.wait_for_ready(timeout=self.startup_timeout)
        self.kc.allow_stdin = False

    async def run_cell(self, index: int) -> None:
        await self.async_execute_cell(self.nb.cells[index], index)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        self.requests.setdefault(str(msg["parent_header"].get("msg_id")), cell_index)
        return super().process_message(msg, cell, cell_index)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        if msg["msg_type"] not in OUTPUT_TYPES or self.flooded:
            return None
        self.shown += len(json.dumps(msg["content"], default=str))
        if self.shown > self.output_limit:
            self.flooded = True
            return None
        if outs and _continues(outs[-1], msg):
            outs[-1]["pieces"].append(str(msg["content"]["text"]))
            return None
        out = super().output(outs, msg, display_id, cell_index)
        if out is not None and out["output_type"] == "stream":
            out["pieces"] = [out["text"]]
        return out

    def finish(self) -> None:
        for cell in self.nb.cells:
            join_streams(cell)

    def excess(self) -> str:
        return f"the notebook showed more than {self.output_limit} bytes of output"

    def clear_output(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Keep what was shown."""

    def handle_comm_msg(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Widgets show nothing here, and catch no output."""

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        """Keep what was shown first."""


def _continues(last: NotebookNode, msg: dict[str, Any]) -> bool:
    return (
        msg["msg_type"] == "stream"
        and last["output_type"] == "stream"
        and last["name"] == msg["content"].get("name")
    )


def join_streams(cell: NotebookNode) -> None:
    """Make one text of the pieces that a stream arrived in; joined once, since there can be many thousands."""
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            output["text"] = "".join(output.pop("pieces", [output["text"]]))
