# title: becomes another program, which does not end
# status: kernel_died timeout
# score: 0
# %%
import os

os.execvp("sleep", ["sleep", "100"])
