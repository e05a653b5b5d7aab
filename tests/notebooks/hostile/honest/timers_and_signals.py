# title: a handler for a signal of its own, an alarm that works
# status: graded
# shows: rang
# score: 1
# %%
import signal
import time

signal.signal(signal.SIGALRM, lambda *_: print("rang"))
signal.alarm(1)
time.sleep(1.5)
