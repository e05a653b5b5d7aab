"""The lines of a text, each cut out when it is asked for.

A list of them can take twenty times the memory of the text: a line of one character is an object of 80 bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import pairwise


class Lines:
    """Without their ends. Only the newline character ends a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = array("Q", [0])
        end = text.find("\n")
        while end >= 0:
            self._starts.append(end + 1)
            end = text.find("\n", end + 1)
        self._starts.append(len(text) + 1)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> str:
        return self._text[self._starts[number] : self._starts[number + 1] - 1]

    def __iter__(self) -> Iterator[str]:
        return (self._text[start : end - 1] for start, end in pairwise(self._starts))
