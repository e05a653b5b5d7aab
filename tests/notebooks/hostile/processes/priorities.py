# title: asks for priority over others
# status: graded
# with: attempt
# %%
import os

attempt("nice", lambda: os.nice(-5))
attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)) is None)
os.nice(19)
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
print("the other way is free")
