# title: starts programs, as many as it gets
# status: process_limit
# %%
import subprocess
import time

started = []
for number in range(@too_many@):
    try:
        started.append(subprocess.Popen(["sleep", "40"]))
    except OSError as error:
        print("refused at", number, error)
        break
time.sleep(5)
