# title: settings of the notebook that allow errors
# status: notebook_error
# hides: after
# score: 0
# metadata: {"execution": {"allow_errors": true, "timeout": 1}, "allow_errors": true}
# %%
import time

time.sleep(2)
1 / 0
# %%
print("after")
