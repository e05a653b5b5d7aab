# title: puts /dev/null into the place of all its files
# status: kernel_died timeout
# score: 0
# %%
import os

null = os.open("/dev/null", os.O_RDWR)
for descriptor in range(3, 200):
    if descriptor != null:
        try:
            os.fstat(descriptor)
            os.dup2(null, descriptor)
        except OSError:
            pass
# %%
print("after")
