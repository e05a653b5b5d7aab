# title: kills its own process group
# status: kernel_died
# score: 0
# %%
import os
import signal

os.kill(0, signal.SIGKILL)
