# title: sleeps in C again and again
# status: timeout
# %%
import ctypes

for _ in range(100):
    ctypes.CDLL(None).usleep(999_999)
