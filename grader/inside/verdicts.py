"""Which limit a notebook has passed, if it has passed one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import job, room, usage

FULL = 0.999  # of a file system; what is left may be less than a page

Verdict = tuple[str, str]  # status and reason


@dataclass
class Clock:
    """When the notebook and its present cell began, None while none runs.

    `waiting` is since when the notebook waits for the shared trainer; the clock stands still then, and what the
    training has cost is added afterwards. Who waits is the grader's word, not the notebook's.
    """

    notebook: float | None = None
    cell: float | None = None
    number: int = 0
    pending: bytes = b""
    waiting: float | None = None
    pending_waits: bytes = b""

    def hear(self, said: bytes) -> None:
        """The harness' lines: the number of the cell that begins, or 0 once all have ended."""
        *lines, self.pending = (self.pending + said).split(b"\n")
        for line in lines:
            self.number, now = int(line), time.monotonic()
            self.notebook = self.notebook or now
            self.cell = now
            if self.number == 0:
                self.notebook = self.cell = None

    def hear_of_waits(self, told: bytes) -> None:
        """The grader's lines: `wait` when a wait begins, the training's own cost in seconds when it ends."""
        *lines, self.pending_waits = (self.pending_waits + told).split(b"\n")
        for line in lines:
            now = time.monotonic()
            if line == b"wait":
                self.waiting = now
            elif self.waiting is not None:
                self._forgive(now - self.waiting - float(line), now)
                self.waiting = None

    def _forgive(self, seconds: float, now: float) -> None:
        """A cell that has begun during the wait gets no more than that back."""
        if self.notebook is not None and self.cell is not None:
            self.notebook = min(self.notebook + seconds, now)
            self.cell = min(self.cell + seconds, now)

    def over(self, limits: job.Limits) -> Verdict | None:
        now = self.waiting or time.monotonic()
        if self.notebook is not None and now - self.notebook > limits.timeout:
            return "timeout", f"the notebook ran longer than {limits.timeout:g} s"
        if self.cell is not None and limits.cell_timeout is not None and now - self.cell > limits.cell_timeout:
            return "timeout", f"cell {self.number} ran longer than {limits.cell_timeout:g} s"
        return None


@dataclass
class Measure:
    """What is held against the limits, look by look.

    `free` is what the scratch folder's file system had left before the notebook began, in bytes. `heavy` says
    that there was too much memory at the last look: a child that is just being started counts its parent's
    once more, so only two looks in a row make a verdict.
    """

    task: job.Job
    free: int
    heavy: bool = False

    def over(self, tree: list[usage.Process], hurry: Callable[[], bool]) -> Verdict | None:
        """The first limit that is passed; `hurry` as in `usage.memory_exceeds`."""
        own = self.task.confinement.layer == "bubblewrap"
        opened = room.Opened(0, usage.sockets_of_namespace()) if own else room.opened(tree)
        return (
            self._memory(tree, opened, hurry)
            or too_many(sum(process.threads for process in tree), self.task.limits)
            or too_full(room.of_mount(self.task.root) if own else self._folder(tree, opened), self.task.limits)
        )

    def _memory(self, tree: list[usage.Process], opened: room.Opened, hurry: Callable[[], bool]) -> Verdict | None:
        limit = self.task.limits.memory
        before, self.heavy = self.heavy, usage.memory_exceeds(tree, limit - opened.sockets * usage.SOCKET, hurry)
        return too_heavy(self.task.limits) if before and self.heavy else None

    def _folder(self, tree: list[usage.Process], opened: room.Opened) -> room.Room:
        limits, root = self.task.limits, self.task.root
        found = room.of_folder(root, limits.scratch_files)
        used = found.bytes + opened.unlinked
        if self.free - bytes_free(root) >= limits.scratch:  # somebody has taken it: us, in a way that hides it?
            used += room.only_mapped(tree, root, opened.files) * limits.file_size
        return room.Room(used, found.files)


def bytes_free(path: str) -> int:
    facts = os.statvfs(path)
    return facts.f_bfree * facts.f_frsize


def too_heavy(limits: job.Limits) -> Verdict:
    return "out_of_memory", f"the notebook used more than {limits.memory} bytes of memory"


def too_many(threads: int, limits: job.Limits) -> Verdict | None:
    if threads >= limits.threads:
        return "process_limit", f"the notebook had {threads} processes and threads, of {limits.threads} at most"
    return None


def too_full(taken: room.Room, limits: job.Limits) -> Verdict | None:
    if taken.bytes >= limits.scratch * FULL:
        return "disk_limit", f"the notebook wrote {limits.scratch} bytes of files, as many as it may"
    if taken.files >= limits.scratch_files:
        return "disk_limit", f"the notebook made {limits.scratch_files} files and folders, as many as it may"
    return None
