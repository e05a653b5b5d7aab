# title: every cell is quick, all of them together are not
# status: timeout
# shows: cell 1
# hides: cell 7
# %%
import time

time.sleep(2.5)
print("cell 1")
# %%
time.sleep(2.5)
# %%
time.sleep(2.5)
# %%
time.sleep(2.5)
# %%
time.sleep(2.5)
# %%
time.sleep(2.5)
# %%
print("cell 7")
