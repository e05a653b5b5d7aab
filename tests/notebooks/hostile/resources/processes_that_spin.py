# title: ends well, and leaves processes that keep the processor busy
# status: graded
# shows: done
# score: 1
# %%
import os
import time

for _ in range(4):
    if os.fork() == 0:
        os.setsid()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            pass
        os._exit(0)
print("done")
