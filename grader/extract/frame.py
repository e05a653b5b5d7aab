r"""Histories shown as pandas' DataFrame: a row an epoch, a column a metric, and an index that counts from 0.

           loss  accuracy  val_loss  \
    0  0.254400    0.9212  0.056000
    1  0.087100    0.9744  0.040100

       val_accuracy
    0        0.9823
    1        0.9867

Of a long table pandas leaves out the middle, and of a wide one columns, each with "..": what stands before is
kept. A table that begins later (`tail`), or counts in words (`describe`), is no history from its first epoch on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.extract.lines import Lines
from grader.extract.metric import MOST_METRICS, canonical, is_name, is_number, is_telling
from grader.model import HistoryForm, PrintedHistory

_LONGEST = 20_000  # characters of a line
_MOST_EPOCHS = 10_000
_LEFT_OUT = "..."
_GOES_ON = "\\"
_COUNTERS = frozenset({"epoch", "index"})  # columns that are no metrics


@dataclass(slots=True)
class _Block:
    """Columns that stand side by side; a frame that is wider than the page has several."""

    start: int
    names: list[str]
    wrapped: bool
    rows: list[list[str]] = field(default_factory=list)
    named: bool = False

    def take(self, words: list[str]) -> bool:
        """Read one more line; False where it is none of the frame's."""
        if not self.rows and not self.named and len(words) == 1 and is_name(words[0]):
            self.named = True  # the index's name
            return True
        fits = len(words) == len(self.names) + 1 and words[0] == str(len(self.rows))
        if not fits or len(self.rows) == _MOST_EPOCHS:
            return False
        self.rows.append(words[1:])
        return True

    def is_followed_by(self, other: _Block) -> bool:
        return self.wrapped and len(self.rows) == len(other.rows)


def histories(text: str) -> Iterator[tuple[int, PrintedHistory]]:
    """Every history shown as a frame, with the place in `text` where it begins."""
    blocks: list[_Block] = []
    columns = 0
    for block in _blocks(text):
        columns += len(block.names)
        if blocks and not (blocks[-1].is_followed_by(block) and columns <= MOST_METRICS):
            yield from _history(blocks)
            blocks, columns = [], len(block.names)
        blocks.append(block)
    if blocks:
        yield from _history(blocks)


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    start = 0
    for line in Lines(text):
        words = line.split() if len(line) <= _LONGEST else []
        if block is None or not block.take(words):
            if block is not None and block.rows:
                yield block
            block = _opened(start, line, words)
        start += len(line) + 1
    if block is not None and block.rows:
        yield block


def _opened(start: int, line: str, words: list[str]) -> _Block | None:
    """The block that begins with this line, if it may be a frame's head."""
    wrapped = words[-1:] == [_GOES_ON]
    names = words[:-1] if wrapped else words
    if not names or not line[0].isspace() or len(names) > MOST_METRICS:
        return None
    return _Block(start, names, wrapped) if all(name == _LEFT_OUT or is_name(name) for name in names) else None


def _history(blocks: list[_Block]) -> Iterator[tuple[int, PrintedHistory]]:
    metrics = canonical(
        (name, tuple(column))
        for block in blocks
        for name, column in zip(block.names, zip(*block.rows, strict=True), strict=True)
        if name not in _COUNTERS and all(map(is_number, column))
    )
    if any(map(is_telling, metrics)):
        yield blocks[0].start, PrintedHistory(HistoryForm.FRAME, metrics)
