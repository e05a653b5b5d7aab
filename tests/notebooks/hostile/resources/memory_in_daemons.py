# title: daemons in sessions of their own that hold too much together
# status: out_of_memory
# %%
import os
import time

for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        held = b"x" * (150 * 2**20)
        time.sleep(30)
        os._exit(0)
time.sleep(8)
