# title: shared mappings in several children
# status: out_of_memory
# %%
import mmap
import os
import time

block = b"x" * 2**20
for _ in range(8):
    if os.fork() == 0:
        mapping = mmap.mmap(-1, 150 * 2**20)
        for start in range(0, len(mapping), len(block)):
            mapping[start : start + len(block)] = block
        time.sleep(30)
        os._exit(0)
time.sleep(8)
