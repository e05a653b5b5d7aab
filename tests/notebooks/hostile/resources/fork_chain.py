# title: a process that runs away: each forks the next and ends
# status: graded
# shows: away
# score: 1
# %%
import os

if os.fork() == 0:
    os.setsid()
    for _ in range(300):  # then the last one ends
        if os.fork() > 0:
            os._exit(0)
    os._exit(0)
print("away")
