# title: turns the clocks off before it loops
# status: timeout
# %%
import os
import time

time.time = time.monotonic = time.perf_counter = lambda: 0.0
time.sleep = lambda seconds: None
while os.times().user < 100:
    pass
