# title: writes to the process's own standard output, past Python
# status: graded output_limit
# %%
import os

for _ in range(20_000):
    os.write(1, b"x" * 9999 + b"\n")
