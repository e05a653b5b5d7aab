# title: closes Python's own streams
# status: graded notebook_error kernel_died timeout
# %%
import sys

sys.stdout.close()
sys.stderr.close()
sys.stdout = sys.stderr = None
# %%
1 + 1
