# title: aborts
# status: kernel_died
# score: 0
# %%
import os

os.abort()
