# title: writes over its own memory
# status: kernel_died
# score: 0
# %%
import ctypes

for number in range(64):
    ctypes.memset(id(type) + number * 8, 255, 8)
print(type)
