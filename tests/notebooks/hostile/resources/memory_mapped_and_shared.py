# title: one shared mapping, which no limit of a process counts as data
# status: out_of_memory
# %%
import mmap
import time

mapping = mmap.mmap(-1, 1200 * 2**20)
block = b"x" * 2**20
for start in range(0, len(mapping), len(block)):
    mapping[start : start + len(block)] = block
time.sleep(8)
