# title: opens files until it is refused, and keeps them
# status: graded notebook_error kernel_died timeout
# %%
import os

kept = []
try:
    for number in range(5000):
        kept.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
# %%
print("went on")
