# title: goes to another folder
# status: graded
# shows: after
# score: 1
# %%
import os

os.chdir("/")
# %%
print("after")
