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
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from . import confine, ending, job, usage
from .syscalls import prctl
from .verdicts import Clock, Measure, Verdict, bytes_free

INTERVAL = 0.1  # seconds between looks at the limits; longer where looking takes long
LONGEST = 1.0
SHARE = 10  # unless that makes the interval too long, one part in so many of the processor's time is for looking
LAST_WORDS = 30.0  # seconds that the harness gets to write its evidence after the kernel was killed
ROUNDS = 10  # of killing in one look; a process that forks while it is being killed leaves children for the next
REFUSED = 71  # exit code, sysexits' EX_OSERR
LIFELINE_LOST = 74

PR_SET_DUMPABLE = 4


@dataclass
class Watch:
    """`said` is the reading end of what the harness says, `told` the writing end of what it is told.

    `urgent` polls what must not wait for a look to be done: the grader's end, and the harness'.
    """

    task: job.Job
    harness: int
    said: int
    told: int
    measure: Measure
    clock: Clock = field(default_factory=Clock)
    urgent: select.poll = field(default_factory=select.poll)
    verdict: Verdict | None = None
    patience: float = 0.0

    def tree(self) -> list[usage.Process]:
        return [process for process in usage.descendants(os.getpid()) if process.pid != self.harness]

    def hurried(self) -> bool:
        return bool(self.urgent.poll(0)) or self.clock.over(self.task.limits) is not None


def main() -> None:
    begin(job.of(json.load(sys.stdin)))


def begin(task: job.Job) -> NoReturn:
    """What keeping is from its first moment on, in a process that was started for it or forked."""
    try:
        confine.enter(task)
    except OSError as error:
        os.write(sys.stderr.fileno(), f"{error.filename or 'confinement'}: {error.strerror}\n".encode())
        os._exit(REFUSED)
    # Where there is no Landlock between them, the kernel could else look into keeper and harness, and change them.
    prctl(PR_SET_DUMPABLE, 0)
    os._exit(keep(task, _program))


def keep(task: job.Job, program: Callable[[job.Job, int, int], None]) -> int:
    """Run `program` as the harness, and leave nothing of it; the exit code that tells how it went.

    The program gets the writing end of what it says, and the reading end of what it is told.
    """
    said, saying = os.pipe()
    heard, telling = os.pipe()
    harness = fork(lambda: program(task, saying, heard))
    for descriptor in (saying, heard, *task.channels.training):
        os.close(descriptor)
    code = attend(Watch(task, harness, said, telling, Measure(task, bytes_free(task.root))))
    ending.sweep(task)
    return code


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
        if isinstance(left.code, str):
            print(left.code, file=sys.stderr)  # noqa: T201 - as the interpreter does with a program's last words
    except BaseException:  # noqa: BLE001 - whatever it is, it must not run on into the keeper's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _program(task: job.Job, saying: int, heard: int) -> None:
    os.close(task.channels.lifeline)
    os.close(task.channels.verdict)
    match task.program:  # imported here: the keeper itself stays small
        case "harness":
            from . import harness

            confine.hold_for_now(resource.RLIMIT_DATA, harness.MEMORY)
            harness.main(task, harness.Keeper(saying, heard))
        case "examine":
            from . import examine

            examine.main(task)
        case "train":
            os.write(saying, b"1\n")  # its time counts from here, like a cell's
            confine.narrow(task)
            from . import train  # imports NumPy, whose threads would be in the way of being confined

            train.main(task)
        case other:
            raise SystemExit(f"'{other}' is nothing that can be run inside")


def attend(watch: Watch) -> int:
    """Until the harness has ended; the exit code that is the keeper's then."""
    lifeline, harness = watch.task.channels.lifeline, os.pidfd_open(watch.harness)
    poll = select.poll()
    for descriptor in (lifeline, harness, watch.said):
        poll.register(descriptor, select.POLLIN)
    for descriptor in (lifeline, harness):
        watch.urgent.register(descriptor, select.POLLIN)
    pause = INTERVAL
    while True:
        for descriptor, _ in poll.poll(pause * 1000):
            if descriptor == lifeline and not told_of_waits(watch):
                ending.sweep(watch.task)
                os._exit(LIFELINE_LOST)
            if descriptor == watch.said and not listen(watch):
                poll.unregister(watch.said)
        ended = reap(watch.harness)
        if ended is not None:
            return conclude(watch, ended)
        began = time.process_time()
        look(watch)
        pause = min(LONGEST, max(INTERVAL, (time.process_time() - began) * SHARE))


def told_of_waits(watch: Watch) -> bool:
    """Hear what the grader says about waits for the shared trainer; False where its end of the pipe has closed."""
    told = os.read(watch.task.channels.lifeline, 4096)
    watch.clock.hear_of_waits(told)
    return bool(told)


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
        late = watch.clock.over(watch.task.limits)
        verdict = late or watch.measure.over(watch.tree(), watch.hurried)
        if verdict is not None:
            tell(watch, verdict)
            watch.patience = time.monotonic() + LAST_WORDS
    if watch.verdict is not None:
        silence(watch)


def silence(watch: Watch) -> None:
    """Kill all but the harness, and in the end the harness."""
    for _ in range(ROUNDS):
        left = [process for process in watch.tree() if not process.ended]
        if not left:
            break
        ending.kill(left)
    if time.monotonic() > watch.patience:
        os.kill(watch.harness, signal.SIGKILL)


def tell(watch: Watch, verdict: Verdict) -> None:
    watch.verdict = verdict
    line = json.dumps(verdict).encode()
    os.write(watch.task.channels.verdict, line)
    os.set_blocking(watch.told, False)
    with contextlib.suppress(BlockingIOError, BrokenPipeError):
        os.write(watch.told, line)
