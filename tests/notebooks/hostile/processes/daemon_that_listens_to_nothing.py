# title: leaves a daemon that ignores all signals and has closed everything
# status: graded
# shows: left
# score: 1
# %%
import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, 1000)
    os.execvp("sh", ["sh", "-c", "trap '' TERM INT HUP; sleep 90; true @marker@"])
print("left")
