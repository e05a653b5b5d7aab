# title: files without names that are kept open
# status: disk_limit
# %%
import os
import time

kept = []
for number in range(6):
    kept.append(open(f"file-{number}", "wb"))
    os.remove(f"file-{number}")
    for _ in range(50):
        kept[-1].write(b"x" * 2**20)
        kept[-1].flush()
time.sleep(3)
