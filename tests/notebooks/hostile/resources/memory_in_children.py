# title: children that hold too much together, none of them too much alone
# status: out_of_memory
# score: 0
# %%
import os
import time

for _ in range(8):
    if os.fork() == 0:
        held = b"x" * (150 * 2**20)
        time.sleep(30)
        os._exit(0)
time.sleep(8)
