# title: reads where there is no memory
# status: kernel_died
# score: 0
# %%
import ctypes

ctypes.string_at(0)
