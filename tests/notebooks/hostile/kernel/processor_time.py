# title: gives itself one second of processor time
# status: kernel_died
# score: 0
# %%
import resource
import time

resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
until = time.monotonic() + 30
while time.monotonic() < until:
    pass
