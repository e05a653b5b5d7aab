# title: forks children that end at once, and never asks how they ended
# status: process_limit
# %%
import os
import time

for number in range(@too_many@):
    try:
        child = os.fork()
    except OSError as error:
        print("refused at", number, error)
        break
    if child == 0:
        os._exit(0)
time.sleep(5)
