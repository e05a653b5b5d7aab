# title: kills itself
# status: kernel_died
# score: 0
# %%
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
