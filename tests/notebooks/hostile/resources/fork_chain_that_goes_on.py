# title: a process that runs away, for as long as the notebook takes and longer
# status: graded
# shows: away
# score: 1
# %%
import os
import time

until = time.monotonic() + 30
if os.fork() == 0:
    os.setsid()
    while time.monotonic() < until:
        if os.fork() > 0:
            os._exit(0)
        time.sleep(0.01)
    os._exit(0)
time.sleep(1)
print("away")
