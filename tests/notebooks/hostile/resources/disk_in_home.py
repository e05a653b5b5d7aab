# title: fills its home
# status: disk_limit
# %%
import os
import time

for number in range(6):
    with open(os.path.expanduser(f"~/.cache-{number}"), "wb") as file:
        for _ in range(50):
            file.write(b"x" * 2**20)
time.sleep(3)
