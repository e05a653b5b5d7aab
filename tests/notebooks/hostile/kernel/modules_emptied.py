# title: forgets all modules
# status: graded notebook_error kernel_died timeout
# %%
import sys

sys.modules.clear()
# %%
print("after")
