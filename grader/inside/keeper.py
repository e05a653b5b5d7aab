"""Holds the run together: confines itself, starts the harness, watches the limits, and leaves nothing behind.

Theory of operation. The keeper is the first process inside; in the namespaces it is pid 1, so that its end is
the end of everything. It runs no student code, talks to no kernel and reads nothing that student code wrote,
so nothing can keep it waiting: ten times a second it looks at the clock, the tree's memory and threads, and
the scratch folder. Over a limit it says so to the grader and to the harness, kills all but the harness, and
gives that a moment to write down what it saw. Elsewhere than in the namespaces it is the subreaper of all
that is started, and kills it one by one. The lifeline is a pipe whose other end the grader holds: it closes
when the grader dies, however it dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from . import confine, job, landlock, usage

INTERVAL = 0.1  # seconds between looks at the limits; longer where looking takes long
SHARE = 10  # at most one part in so many of the time is spent on looking
LAST_WORDS = 30.0  # seconds that the harness gets to write its evidence after the kernel was killed
ROUNDS = 50  # of killing; a process that forks while it is being killed leaves children for the next
FULL = 0.999  # of a file system; what is left may be less than a page
LIFELINE_LOST = 74

Verdict = tuple[str, str]  # status and reason


@dataclass
class Clock:
    """When the notebook and its present cell began, None while none runs."""

    notebook: float | None = None
    cell: float | None = None
    number: int = 0
    pending: bytes = b""

    def hear(self, said: bytes) -> None:
        """The harness' lines: the number of the cell that begins, or 0 once all have ended."""
        *lines, self.pending = (self.pending + said).split(b"\n")
        for line in lines:
            self.number, now = int(line), time.monotonic()
            self.notebook = self.notebook or now
            self.cell = now
            if self.number == 0:
                self.notebook = self.cell = None

    def over(self, limits: job.Limits) -> Verdict | None:
        now = time.monotonic()
        if self.notebook is not None and now - self.notebook > limits.timeout:
            return "timeout", f"the notebook ran longer than {limits.timeout:g} s"
        if self.cell is not None and limits.cell_timeout is not None and now - self.cell > limits.cell_timeout:
            return "timeout", f"cell {self.number} ran longer than {limits.cell_timeout:g} s"
        return None


@dataclass
class Watch:
    """`said` is the reading end of what the harness says, `verdict` the writing end of what it is told."""

    task: job.Job
    harness: int
    said: int
    told: int
    clock: Clock = field(default_factory=Clock)
    verdict: Verdict | None = None
    patience: float = 0.0

    def tree(self) -> list[usage.Process]:
        return [process for process in usage.descendants(os.getpid()) if process.pid != self.harness]


def main() -> None:
    task = job.loads(sys.stdin.read())
    confine.enter(task)
    said, saying = os.pipe()
    heard, telling = os.pipe()
    harness = fork(lambda: _program(task, saying, heard))
    os.close(saying)
    os.close(heard)
    watch = Watch(task, harness, said, telling)
    code = attend(watch)
    sweep(task)
    os._exit(code)


def fork(run: Callable[[], None]) -> int:
    """The child's pid; the child runs, and ends with the code that its SystemExit asks for."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        run()
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, it must not run on into the keeper's code
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _program(task: job.Job, saying: int, heard: int) -> None:
    os.close(task.channels.lifeline)
    os.close(task.channels.verdict)
    match task.program:  # imported here: the keeper itself stays small
        case "harness":
            from . import harness

            harness.main(task, saying, heard)
        case "examine":
            from . import examine

            examine.main(task)
        case other:
            raise SystemExit(f"'{other}' is nothing that can be run inside")


def attend(watch: Watch) -> int:
    """Until the harness has ended; the exit code that is the keeper's then."""
    poll = select.poll()
    for descriptor in (watch.task.channels.lifeline, watch.said, os.pidfd_open(watch.harness)):
        poll.register(descriptor, select.POLLIN)
    pause = INTERVAL
    while True:
        for descriptor, _ in poll.poll(pause * 1000):
            if descriptor == watch.task.channels.lifeline:
                sweep(watch.task)
                os._exit(LIFELINE_LOST)
            if descriptor == watch.said and not listen(watch):
                poll.unregister(watch.said)
        ended = reap(watch.harness)
        if ended is not None:
            return conclude(watch, ended)
        began = time.monotonic()
        look(watch)
        pause = max(INTERVAL, (time.monotonic() - began) * SHARE)


def listen(watch: Watch) -> bool:
    said = os.read(watch.said, 4096)
    watch.clock.hear(said)
    return bool(said)


def reap(harness: int) -> int | None:
    """Collect whoever has ended; the harness' status as `waitpid` tells it, None while it lives."""
    ended = None
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            if found[0] == harness:
                ended = found[1]
    return ended


def conclude(watch: Watch, status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return code
    if watch.verdict is None:
        reason = "the process that watches over the notebook was killed while it ran"
        tell(watch, ("no_evidence", reason))
    return 0


def look(watch: Watch) -> None:
    if watch.verdict is None:
        verdict = over(watch)
        if verdict is not None:
            tell(watch, verdict)
            watch.patience = time.monotonic() + LAST_WORDS
    if watch.verdict is not None:
        kill(watch.tree)
        if time.monotonic() > watch.patience:
            os.kill(watch.harness, signal.SIGKILL)


def tell(watch: Watch, verdict: Verdict) -> None:
    watch.verdict = verdict
    line = json.dumps(verdict).encode()
    os.write(watch.task.channels.verdict, line)
    os.set_blocking(watch.told, False)
    with contextlib.suppress(BlockingIOError, BrokenPipeError):
        os.write(watch.told, line)


def over(watch: Watch) -> Verdict | None:
    """The first limit that is passed, if one is."""
    limits = watch.task.limits
    late = watch.clock.over(limits)
    if late:
        return late
    tree = watch.tree()
    if usage.memory_exceeds(tree, limits.memory) and usage.memory_exceeds(watch.tree(), limits.memory):
        return "out_of_memory", f"the notebook used more than {limits.memory} bytes of memory"
    threads = sum(process.threads for process in tree)
    if threads >= limits.threads:
        return "process_limit", f"the notebook had {threads} processes and threads, of {limits.threads} at most"
    return _disk(watch, tree)


def _disk(watch: Watch, tree: list[usage.Process]) -> Verdict | None:
    limits, root = watch.task.limits, watch.task.root
    if watch.task.confinement.layer == "bubblewrap":
        room = usage.room_of_mount(root)
    else:
        room = usage.room_of_folder(root, limits.scratch_files)
        room = usage.Room(room.bytes + usage.unlinked(tree), room.files)
    if room.bytes >= limits.scratch * FULL:
        return "disk_limit", f"the notebook wrote {limits.scratch} bytes of files, as many as it may"
    if room.files >= limits.scratch_files:
        return "disk_limit", f"the notebook made {limits.scratch_files} files and folders, as many as it may"
    return None


def sweep(task: job.Job) -> None:
    """Nothing outlives the run: at a blow, where the keeper may signal nobody but its own, and one by one."""
    if _walled_in(task):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)  # all that may be signalled, but for the caller
    kill(lambda: usage.descendants(os.getpid()))


def _walled_in(task: job.Job) -> bool:
    """Whether signals reach nobody outside.

    Decided by how the keeper has confined itself, never by what its parent may be sent: once the grader is
    gone, that is another one, which nobody but root may signal anyway.
    """
    match task.confinement.layer:
        case "bubblewrap":
            return os.getpid() == 1
        case "landlock":
            return landlock.abi() >= landlock.SCOPES
        case _:
            return False


def kill(tree: Callable[[], list[usage.Process]]) -> None:
    """Stopped first: what is stopped cannot fork while its neighbours are being killed."""
    for _ in range(ROUNDS):
        found = [process for process in tree() if not process.ended]
        if not found:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for process in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, number)
        reap(0)
