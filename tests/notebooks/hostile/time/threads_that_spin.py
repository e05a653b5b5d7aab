# title: ends well, and leaves threads that keep the processor busy
# status: graded
# shows: done
# score: 1
# %%
import threading
import time


def spin(until=time.monotonic() + 60):
    while time.monotonic() < until:
        pass


for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
print("done")
