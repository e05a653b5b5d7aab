# title: takes memory until there is none
# status: out_of_memory
# score: 0
# %%
import time

held = []
for _ in range(60):
    held.append(b"x" * (50 * 2**20))
time.sleep(5)
