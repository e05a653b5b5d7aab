# title: a stopped child that its parent waits for
# status: timeout
# %%
import os
import signal
import time

child = os.fork()
if child == 0:
    time.sleep(90)
    os._exit(0)
os.kill(child, signal.SIGSTOP)
subprocess_that_continues_it = os.fork()
if subprocess_that_continues_it == 0:
    time.sleep(90)
    os.kill(child, signal.SIGCONT)
    os._exit(0)
os.waitpid(child, 0)
