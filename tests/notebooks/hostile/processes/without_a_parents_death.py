# title: takes back that it ends with its parent
# status: graded
# shows: left
# %%
import ctypes
import os
import time

ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
if os.fork() == 0:
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    os.setsid()
    os.execvp("sh", ["sh", "-c", "sleep 90; true @marker@"])
print("left")
