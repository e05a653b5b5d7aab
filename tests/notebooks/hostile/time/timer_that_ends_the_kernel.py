# title: a timer of one cell ends the kernel while the next one runs
# status: kernel_died
# shows: armed
# hides: survived
# score: 0
# %%
import os
import threading
import time

threading.Timer(1, os._exit, [0]).start()
print("armed")
# %%
time.sleep(6)
print("survived")
