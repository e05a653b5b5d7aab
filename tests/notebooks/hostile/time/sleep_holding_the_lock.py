# title: sleeps in C while it holds the interpreter's lock
# status: timeout
# %%
import ctypes

ctypes.PyDLL(None).sleep(100)
