# title: becomes another program, which ends
# status: kernel_died
# score: 0
# %%
import os

os.execvp("true", ["true"])
