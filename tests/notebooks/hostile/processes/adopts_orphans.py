# title: becomes the one to whom orphans are given
# status: graded
# shows: left
# %%
import ctypes
import os
import time

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(90)
    os._exit(0)
print("left")
