# title: a forked child that goes on as the kernel
# status: graded notebook_error kernel_died timeout
# %%
import os
import signal
import time

child = os.fork()
if child == 0:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(60)  # ends it where nothing else does
    print("child", flush=True)
# %%
print("after", flush=True)
time.sleep(1)
