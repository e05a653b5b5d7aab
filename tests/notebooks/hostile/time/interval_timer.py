# title: a signal handler that raises wherever it pleases, in the kernel's own code too
# status: notebook_error kernel_died timeout
# %%
import signal
import time


def interrupt(*_):
    raise RuntimeError("from a handler")


signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
# %%
time.sleep(5)
# %%
time.sleep(5)
