# title: children that make themselves unreadable before they take memory
# status: out_of_memory
# %%
import ctypes
import os
import time

for _ in range(8):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
        held = b"x" * (150 * 2**20)
        time.sleep(30)
        os._exit(0)
time.sleep(8)
