"""What a student can do where no notebook was there to run, or a run ended before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grader.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

# The others tell it themselves (an unreadable file, an error in a cell), or it is not the student's to do anything.
STEPS: Final[Mapping[Status, str]] = {
    Status.MISSING: "hand in the notebook itself, a file that ends in .ipynb, under the name that is asked for",
    Status.AMBIGUOUS: "hand in only the one that counts",
    Status.TIMEOUT: "look for a loop that does not end, an input() that waits, or more epochs than are asked for",
    Status.OUT_OF_MEMORY: "load less data at once, and keep no copies of large arrays",
    Status.OUTPUT_LIMIT: "print less: no whole arrays, and not a line in each step of a loop",
    Status.DISK_LIMIT: "write fewer and smaller files",
    Status.PROCESS_LIMIT: "start fewer processes and threads",
    Status.KERNEL_DIED: "restart the kernel and run all cells; leave out what ends Python, such as exit()",
    Status.NO_EVIDENCE: "restart the kernel and run all cells; tell your teacher if it ran to its end",
}


def told(status: Status, reason: str) -> str:
    """The reason of a status, with the next step where there is one."""
    step = STEPS.get(status, "")
    return "; ".join(filter(None, (reason, step)))
