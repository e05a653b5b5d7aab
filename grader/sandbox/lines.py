"""The pipes between a run and the grader: what keeps it alive, what it prints, its way to the shared trainer."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

# name -> whether it is read inside
PIPES = {"log": False, "lifeline": True, "requests": False, "replies": True}
TRAINING = ("requests", "replies")


@dataclass(frozen=True, slots=True)
class Lines:
    """Both ends of each pipe, by name: what the keeper gets, and what we keep."""

    theirs: Mapping[str, IO[bytes]]
    ours: Mapping[str, IO[bytes]]

    def hand_over(self) -> None:
        """Close the ends that the keeper has got, so that we see when it has closed its own."""
        for end in self.theirs.values():
            end.close()


@contextmanager
def lines(*, training: bool) -> Iterator[Lines]:
    """`training` says whether there are ways to and from the shared trainer."""
    with ExitStack() as stack:
        theirs, ours = {}, {}
        for name, inwards in PIPES.items():
            if training or name not in TRAINING:
                reading, writing = (
                    stack.enter_context(os.fdopen(end, mode, buffering=0))
                    for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
                )
                theirs[name], ours[name] = (reading, writing) if inwards else (writing, reading)
        yield Lines(theirs, ours)


class Waits:
    """Tells the keeper by its lifeline when its notebook waits, so that the notebook's clock stands still."""

    def __init__(self, lifeline: IO[bytes]) -> None:
        self._lifeline = lifeline
        self._lock = threading.Lock()
        self._since: float | None = None
        self._waited = 0.0

    def begin(self) -> None:
        with self._lock:
            self._since = time.monotonic()
            self._tell(b"wait\n")

    def end(self, charge: float) -> None:
        """`charge` in seconds: what the training itself has cost, which counts as the notebook's own time."""
        with self._lock:
            if self._since is not None:
                self._waited += time.monotonic() - self._since
                self._since = None
                self._tell(b"%.6f\n" % charge)

    def _tell(self, line: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # the keeper has ended, which whoever waits for it will see
            if not self._lifeline.closed:
                self._lifeline.write(line)

    def waited(self) -> float:
        """Seconds up to now."""
        with self._lock:
            return self._waited + (time.monotonic() - self._since if self._since is not None else 0.0)

    def cut(self) -> None:
        """Close the lifeline: the run ends now, if it has not."""
        with self._lock:
            self._lifeline.close()
