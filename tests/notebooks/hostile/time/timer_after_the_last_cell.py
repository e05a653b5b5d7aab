# title: a timer that would fire long after the last cell
# status: graded
# shows: set
# score: 1
# %%
import threading

threading.Timer(60, print, ["too late"]).start()
print("set")
