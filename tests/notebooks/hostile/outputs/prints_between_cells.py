# title: a thread prints while no cell runs
# status: graded
# shows: second
# %%
import threading
import time


def talk():
    for _ in range(50):
        print(".", end="", flush=True)
        time.sleep(0.02)


threading.Thread(target=talk).start()
# %%
time.sleep(1)
print("second")
