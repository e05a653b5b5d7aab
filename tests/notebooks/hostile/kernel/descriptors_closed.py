# title: closes all its files
# status: kernel_died timeout
# score: 0
# %%
import os

os.closerange(0, 1000)
# %%
print("after")
