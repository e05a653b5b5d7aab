# title: a cell that brings a timeout of its own, first short, then long
# status: timeout
# shows: two seconds
# score: 0
# %% {"execution": {"timeout": 1}}
import time

time.sleep(2)
print("two seconds")
# %% {"execution": {"timeout": 100000}}
time.sleep(100)
