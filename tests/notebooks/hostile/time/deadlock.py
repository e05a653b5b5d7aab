# title: waits for a lock that it holds itself
# status: timeout
# %%
import threading

lock = threading.Lock()
lock.acquire()
lock.acquire(timeout=100)
