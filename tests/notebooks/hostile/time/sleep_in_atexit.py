# title: ends well, then sleeps in atexit
# status: graded
# shows: done
# score: 1
# %%
import atexit
import time

atexit.register(time.sleep, 100)
print("done")
