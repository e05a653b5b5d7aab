# title: ends as a script would
# status: notebook_error kernel_died
# score: 0
# %%
import sys

sys.exit(3)
# %%
print("after")
