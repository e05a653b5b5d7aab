"""How many notebooks run at once, and which of them waits.

A lane is for one submission. While that waits for the shared trainer it steps aside: it holds memory then, but no
core, and another begins. How many are alive, waiting ones among them, follows from the memory that is really free
and from what those that are alive have taken of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

LEAST = 768 * 1024**2  # bytes that a notebook is expected to take; one that imports TensorFlow takes as much
RESERVE = 1024**3  # bytes that stay free
ALIVE = 8  # submissions alive for each lane, at most
LOOK = 1.0  # seconds between looks at the free memory
CGROUP = Path("/sys/fs/cgroup")


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def most_trainings(threads: int) -> int:
    """At once, of so many threads each: their number is the run's, so that no load ever changes a digit."""
    return max(1, cores() // threads)


def usual_jobs(threads: int) -> int:
    """Two at least: what sleeps or loads a file must not keep the next one waiting."""
    by_memory = max(1, (free_memory() - RESERVE) // (2 * LEAST))
    return min(max(2, cores() // threads), by_memory)


def free_memory() -> int:
    """Bytes: what the machine has left, or the container, where that is less."""
    machine: int = psutil.virtual_memory().available
    try:
        limit = int((CGROUP / "memory.max").read_text("ascii"))
        used = int((CGROUP / "memory.current").read_text("ascii"))
    except (OSError, ValueError):  # no such group, or `max`: no limit
        return machine
    return min(machine, max(0, limit - used))


class Lanes:
    """`jobs` may run at once. `free` gives the bytes of memory that are left."""

    def __init__(self, jobs: int, free: Callable[[], int] = free_memory) -> None:
        self.jobs = jobs
        self._free = free
        self._before = free()
        self._changed = threading.Condition()
        self._running = 0
        self._alive = 0
        self._begun = 0

    @property
    def most_alive(self) -> int:
        return self.jobs * ALIVE

    @contextmanager
    def lane(self) -> Iterator[Lane]:
        """For the time of one submission."""
        lane = self.enter()
        try:
            yield lane
        finally:
            lane.leave()

    def crowd(self) -> tuple[int, int]:
        """How many have begun so far, and how many are alive now."""
        with self._changed:
            return self._begun, self._alive

    def enter(self, *, alone: bool = False) -> Lane:
        """Waits until there is a core and memory for one more, or until nobody else is there."""
        with self._changed:
            while not (self._alive == 0 if alone else self._running < self.jobs and self._room()):
                self._changed.wait(LOOK)
            self._running += 1
            self._alive += 1
            self._begun += 1
        return Lane(self)

    def leave(self, *, runs: bool) -> None:
        with self._changed:
            self._running -= runs
            self._alive -= 1
            self._changed.notify_all()

    def _room(self) -> bool:
        if self._alive == 0:
            return True
        free = self._free()
        each = max(LEAST, (self._before - free) // self._alive)
        return self._alive < self.most_alive and free > each + RESERVE

    def aside(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def back(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._running < self.jobs)
            self._running += 1


class Lane:
    """One submission's; `aside` and `back` are called in turns, `leave` in the end."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.runs = True

    def aside(self) -> None:
        self.runs = False
        self._lanes.aside()

    def back(self) -> None:
        self._lanes.back()
        self.runs = True

    def leave(self) -> None:
        self._lanes.leave(runs=self.runs)
