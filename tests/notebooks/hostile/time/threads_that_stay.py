# title: ends well, and leaves threads that are no daemons
# status: graded
# shows: done
# score: 1
# %%
import threading
import time

for _ in range(8):
    threading.Thread(target=time.sleep, args=[100]).start()
print("done")
