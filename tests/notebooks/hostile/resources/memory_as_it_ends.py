# title: ends well, and leaves a daemon that takes memory meanwhile
# status: graded out_of_memory
# %%
import os
import time

if os.fork() == 0:
    os.setsid()
    time.sleep(0.2)
    held = []
    try:
        for _ in range(60):
            held.append(b"x" * (50 * 2**20))
    except MemoryError:
        pass
    time.sleep(30)
    os._exit(0)
print("done")
