# title: forgets all modules
# status: graded notebook_error kernel_died timeout output_limit
# %%
import sys

sys.modules.clear()
# %%
print("after")
