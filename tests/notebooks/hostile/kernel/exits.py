# title: ends its process without a word
# status: kernel_died
# shows: before
# hides: after
# score: 0
# %%
print("before", flush=True)
# %%
import os

os._exit(0)
# %%
print("after")
