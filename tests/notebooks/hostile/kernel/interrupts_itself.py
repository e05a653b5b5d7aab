# title: interrupts itself, as the stop button does
# status: notebook_error
# says: KeyboardInterrupt
# score: 0
# %%
import os
import signal
import time

os.kill(os.getpid(), signal.SIGINT)
time.sleep(3)
