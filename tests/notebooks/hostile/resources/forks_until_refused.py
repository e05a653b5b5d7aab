# title: forks children that sleep, as many as it gets
# status: process_limit
# score: 0
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
        time.sleep(40)
        os._exit(0)
time.sleep(5)
