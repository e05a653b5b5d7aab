# title: blocks all signals and waits
# status: timeout
# %%
import signal
import time

signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
time.sleep(100)
