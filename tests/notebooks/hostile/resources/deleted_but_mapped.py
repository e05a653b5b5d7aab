# title: files without names, closed and only mapped; where the folder is full, a write to memory ends the process
# status: disk_limit out_of_memory kernel_died
# %%
import mmap
import os
import time

kept = []
for number in range(6):
    with open(f"file-{number}", "w+b") as file:
        os.remove(f"file-{number}")
        file.truncate(50 * 2**20)
        kept.append(mmap.mmap(file.fileno(), 50 * 2**20))
    for start in range(0, 50 * 2**20, 2**20):
        kept[-1][start : start + 2**20] = b"x" * 2**20
time.sleep(4)
