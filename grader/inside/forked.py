"""A kernel as a fork of the harness, which was itself forked from the warm process."""

from __future__ import annotations

import itertools
import os
import signal

from . import job
from .syscalls import prctl

PR_SET_DUMPABLE = 4


def begin(task: job.Job, connection_file: str) -> Forked:
    from . import keeper

    return Forked(keeper.fork(lambda: _become(task, connection_file)))


class Forked:
    """A forked child, in the form of a started one."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended: int | None = None

    def poll(self) -> int | None:
        if self._ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._ended = os.waitstatus_to_exitcode(status)
        return self._ended

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._ended is None:
            self._ended = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._ended


def _become(task: job.Job, connection_file: str) -> None:
    from . import student, warm

    os.setsid()
    prctl(PR_SET_DUMPABLE, 1)  # as a started program is, so that the keeper can count its memory
    os.chdir(task.work)
    log = os.open(f"{task.run}/kernel.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    null = os.open(os.devnull, os.O_RDWR)
    for source, target in ((null, 0), (null, 1), (log, 2)):
        os.dup2(source, target)
    close_all_but({0, 1, 2, *task.channels.training})
    warm.settle_home()
    student.main(task.file, connection_file)


def close_all_but(kept: set[int]) -> None:
    bounds = [-1, *sorted(kept), os.sysconf("SC_OPEN_MAX")]
    for before, after in itertools.pairwise(bounds):
        if before + 1 < after:  # an empty range would be taken for one without an end
            os.closerange(before + 1, after)
