# title: sleeps far beyond its time, after a cell that is fine
# status: timeout
# shows: before
# hides: after
# score: 0
# %%
print("before")
# %%
import time

time.sleep(100)
# %%
print("after")
