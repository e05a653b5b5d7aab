"""What a notebook shows, within a budget: the beginning and the end are kept, the middle is counted.

The first half of the budget is kept as it comes. What comes later goes through a window of the other half,
over all cells, from which the oldest falls out.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from nbformat import NotebookNode
from nbformat.v4 import new_output

HARD_STOP = 4  # times the budget, where watching is no longer worth its while


@dataclass(frozen=True)
class OutputLimits:
    """`messages` counts all that a kernel publishes, whether it shows anything or not."""

    bytes: int
    messages: int


@dataclass(frozen=True)
class Piece:
    """One output of the cell at `index`; a stream's are joined at the end. `size` as JSON, in bytes."""

    index: int
    size: int
    output: NotebookNode

    @property
    def stream(self) -> str:
        return str(self.output["name"]) if self.output["output_type"] == "stream" else ""


class Shown:
    """`over` says that something was left out, `flooded` that no more is to be taken in."""

    def __init__(self, limits: OutputLimits) -> None:
        self.limits = limits
        self.bytes = 0
        self.messages = 0
        self._head: list[Piece] = []
        self._head_room = limits.bytes // 2
        self._tail: deque[Piece] = deque()
        self._tail_size = 0
        self._left_out: Counter[int] = Counter()  # messages, by cell
        self._left_out_bytes: Counter[int] = Counter()

    @property
    def over(self) -> bool:
        return bool(self._left_out_bytes) or self.messages > self.limits.messages

    @property
    def flooded(self) -> bool:
        return self.bytes > HARD_STOP * self.limits.bytes or self.messages > HARD_STOP * self.limits.messages

    def excess(self) -> str:
        """Which limit was passed, for the student."""
        if self.messages > self.limits.messages:
            return f"the notebook sent more than {self.limits.messages} messages"
        return f"the notebook showed more than {self.limits.bytes} bytes of output"

    def count(self) -> None:
        self.messages += 1

    def add(self, index: int, output: NotebookNode) -> None:
        piece = Piece(index, len(json.dumps(output, default=str)), output)
        self.bytes += piece.size
        if piece.size <= self.limits.bytes // 2:
            self._keep(piece)
        else:
            self._keep_ends(piece)

    def _keep_ends(self, piece: Piece) -> None:
        """Of one that is too large by itself: its own beginning and end, if it is text."""
        share = self.limits.bytes // 32  # a character takes 12 bytes at most
        text = str(piece.output["text"]) if piece.stream else ""
        parts = (text[:share], text[-share:])
        ends = [
            Piece(piece.index, 12 * len(part), new_output("stream", name=piece.stream, text=part)) for part in parts
        ]
        self._left_out[piece.index] += 1
        self._left_out_bytes[piece.index] += piece.size - sum(map(len, parts))
        if text:
            self._keep(ends[0])
            self._head_room = 0  # so that the gap lies between the two
            self._keep(ends[1])

    def _keep(self, piece: Piece) -> None:
        half = self.limits.bytes // 2
        if piece.size <= self._head_room and len(self._head) < self.limits.messages // 2:
            self._head_room -= piece.size
            self._head.append(piece)
            return
        self._head_room = 0
        self._tail.append(piece)
        self._tail_size += piece.size
        while self._tail_size > half or len(self._tail) > self.limits.messages // 2:
            dropped = self._tail.popleft()
            self._tail_size -= dropped.size
            self._left_out[dropped.index] += 1
            self._left_out_bytes[dropped.index] += dropped.size

    def of_cell(self, index: int) -> list[NotebookNode]:
        """The cell's outputs in order, with a line where some were left out."""
        head, tail = ([piece for piece in part if piece.index == index] for part in (self._head, self._tail))
        gap = self._gap(index)
        return [*_joined(head), *gap, *_joined(tail)]

    def _gap(self, index: int) -> list[NotebookNode]:
        if index not in self._left_out:
            return []
        size, count = self._left_out_bytes[index], self._left_out[index]
        messages = "1 message" if count == 1 else f"{count:,} messages"
        told = f"\n[... {size:,} bytes in {messages} left out ...]\n"
        return [new_output("stream", name="stdout", text=told)]


def _joined(pieces: Iterable[Piece]) -> list[NotebookNode]:
    """Streams as a reader sees them: one text of all that follow each other."""
    joined = []
    for stream, group in groupby(pieces, key=lambda piece: piece.stream):
        outputs = [piece.output for piece in group]
        if stream:
            joined.append(new_output("stream", name=stream, text="".join(each["text"] for each in outputs)))
        else:
            joined += outputs
    return joined
